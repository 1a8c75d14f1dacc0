"""The depthwise weight gradient: held to torch's in Triton's interpreter, and never used off a GPU."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
import torch
from torch import nn

from training.depthwise import DepthwiseConv3d
from training.mednext import MedNeXt, MedNeXtConfig

INTERPRETED = """
import itertools, torch
from training.depthwise import depthwise_conv3d
from training.depthwise_kernel import weight_gradient
worst = 0.0
for size, shape in itertools.product((3, 5), ((2, 3, 4, 5, 6), (1, 2, 9, 12, 11), (2, 1, 1, 2, 3))):
    random = torch.Generator().manual_seed(size)
    images = torch.randn(shape, generator=random, requires_grad=True)
    layer = torch.nn.Conv3d(shape[1], shape[1], size, padding=size // 2, groups=shape[1])
    gradient = torch.randn(shape, generator=random)
    expected = torch.autograd.grad(layer(images), (images, layer.weight, layer.bias), gradient)
    ours = depthwise_conv3d(images, layer.weight, layer.bias)
    found = torch.autograd.grad(ours, (images, layer.weight, layer.bias), gradient)
    worst = max(worst, *(float((a - b).abs().max()) for a, b in zip(expected, found)))
    order = images.detach().contiguous(memory_format=torch.channels_last_3d)
    worst = max(worst, float((weight_gradient(order, gradient, size) - expected[1]).abs().max()))
    half = weight_gradient(images.detach().bfloat16(), gradient.bfloat16(), size)
    assert half.dtype == torch.float32
    assert (half - expected[1]).abs().max() < 0.05 * expected[1].abs().max() + 0.05
print(worst)
"""


@pytest.mark.slow
@pytest.mark.skipif(find_spec("triton") is None, reason="Triton is not installed: pip install triton")
def test_the_kernels_gradients_are_torchs_in_tritons_interpreter() -> None:
    """Odd shapes, one voxel deep, stretches that end within a volume, both kernel sizes, any memory order."""
    path = os.pathsep.join([str(Path(__file__).parents[2]), *sys.path])
    answer = subprocess.run(
        [sys.executable, "-c", INTERPRETED], capture_output=True, text=True, check=False,
        env={**os.environ, "TRITON_INTERPRET": "1", "PYTHONPATH": path},
    )  # fmt: skip
    assert answer.returncode == 0, answer.stderr[-2000:]
    assert float(answer.stdout) < 1e-4


def test_off_a_gpu_the_layer_is_torchs_own_and_imports_no_triton() -> None:
    torch.manual_seed(0)
    plain = nn.Conv3d(3, 3, 3, padding=1, groups=3)
    fused = DepthwiseConv3d(3, 3, is_fused=True)
    fused.load_state_dict(plain.state_dict())
    images = torch.randn(1, 3, 4, 5, 6)
    assert torch.equal(fused(images), plain(images))
    fused(images).sum().backward()
    assert "training.depthwise_kernel" not in sys.modules


def test_a_network_with_the_kernel_has_the_same_parameters_and_start() -> None:
    small = {"channels": 4, "expansion": (2,) * 9, "blocks": (1,) * 9}
    networks = []
    for fused in (False, True):
        torch.manual_seed(0)
        networks.append(MedNeXt(MedNeXtConfig(**small, fused_gradient=fused)))  # type: ignore[arg-type]
    plain, other = (network.state_dict() for network in networks)
    assert all(torch.equal(plain[name], other[name]) for name in plain)
    kinds = [isinstance(part, DepthwiseConv3d) and part.is_fused for part in networks[1].modules()]
    assert sum(kinds) == 9
