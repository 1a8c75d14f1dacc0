"""The weight gradient of a depthwise 3D convolution as a Triton kernel; imported only where it is used.

Each program takes one channel of one sample and a stretch of its voxels, holds the output's gradient there
and multiplies it with the input shifted by each of the kernel's offsets. Partial sums are written out and
added by torch, so that the result does not depend on the order in which programs happen to finish.
"""
# ruff: noqa: ANN001, ANN202, PLR0913, PLR0917 - Triton reads a kernel's parameters, and wants them bare

import torch
import triton
import triton.language as tl
from torch import Tensor

BLOCK = 1024


@triton.jit
def _partial_sums(
    images, gradient, out, channels, depth, height, width, SIZE: tl.constexpr, STRETCH: tl.constexpr
):
    channel, sample, stretch = tl.program_id(0), tl.program_id(1), tl.program_id(2)
    voxels = depth * height * width
    base = (sample * channels + channel).to(tl.int64) * voxels
    place = stretch * STRETCH + tl.arange(0, STRETCH)
    inside = place < voxels
    z, y, x = place // (height * width), (place // width) % height, place % width
    here = tl.load(gradient + base + place, mask=inside, other=0.0).to(tl.float32)
    row = ((sample * tl.num_programs(2) + stretch) * channels + channel).to(tl.int64) * (SIZE * SIZE * SIZE)
    for i in range(SIZE):
        for j in range(SIZE):
            for k in range(SIZE):
                at_z, at_y, at_x = z + i - SIZE // 2, y + j - SIZE // 2, x + k - SIZE // 2
                known = inside & (at_z >= 0) & (at_z < depth) & (at_y >= 0) & (at_y < height)
                known = known & (at_x >= 0) & (at_x < width)
                shifted = base + (at_z * height + at_y) * width + at_x
                value = tl.load(images + shifted, mask=known, other=0.0).to(tl.float32)
                tl.store(out + row + (i * SIZE + j) * SIZE + k, tl.sum(value * here))


def weight_gradient(images_bczyx: Tensor, gradient_bczyx: Tensor, size: int) -> Tensor:
    """Gradient of a depthwise kernel of stride 1 and padding size // 2, summed in float32.

    Args:
        images_bczyx: what went in.
        gradient_bczyx: of what came out.
        size: of the kernel, odd.

    Returns:
        (c, 1, size, size, size) float32.
    """
    samples, channels, *space = images_bczyx.shape
    stretches = triton.cdiv(space[0] * space[1] * space[2], BLOCK)
    shape = (samples, stretches, channels, size**3)
    partial = torch.empty(shape, dtype=torch.float32, device=images_bczyx.device)
    given = images_bczyx.contiguous(), gradient_bczyx.contiguous(), partial
    _partial_sums[(channels, samples, stretches)](*given, channels, *space, SIZE=size, STRETCH=BLOCK)
    return partial.sum((0, 1)).view(channels, 1, size, size, size)
