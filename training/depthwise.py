"""Depthwise 3D convolution whose weight gradient may come from a kernel of our own, on a GPU.

torch's backward of a depthwise convolution costs many times its forward (pytorch#37406, open since 2020). The
forward pass and the gradient of the input stay torch's. Nowhere but on a GPU is anything different.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import conv3d


class DepthwiseConv3d(nn.Conv3d):
    """A depthwise convolution of stride 1 that keeps its size; parameters are named as those of `nn.Conv3d`.

    Attributes:
        is_fused: whether a GPU takes the weight gradient from `training.depthwise_kernel`.
    """

    def __init__(self, channels: int, size: int, *, is_fused: bool = False) -> None:
        super().__init__(channels, channels, size, padding=size // 2, groups=channels)
        self.is_fused = is_fused

    def forward(self, images: Tensor) -> Tensor:
        """(b, c, z, y, x) to the same shape."""
        if not (self.is_fused and images.is_cuda) or self.bias is None:
            return super().forward(images)
        return depthwise_conv3d(images, self.weight, self.bias)


def depthwise_conv3d(images_bczyx: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """Convolve each channel with its own kernel; the weight gradient is `training.depthwise_kernel`'s.

    Under autocast it computes in autocast's type, as `conv3d` would; the weight gradient is a sum of float32.
    """
    kind = images_bczyx.device.type
    if torch.is_autocast_enabled(kind):
        dtype = torch.get_autocast_dtype(kind)
        images_bczyx, weight, bias = (one.to(dtype) for one in (images_bczyx, weight, bias))
    found: Tensor = _Depthwise.apply(images_bczyx, weight, bias)  # type: ignore[no-untyped-call]
    return found


class _Depthwise(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, images: Tensor, weight: Tensor, bias: Tensor) -> Tensor:  # noqa: ANN401 - torch's
        ctx.save_for_backward(images, weight)
        return conv3d(images, weight, bias, padding=weight.shape[-1] // 2, groups=weight.shape[0])

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, Tensor, Tensor]:  # noqa: ANN401
        from training.depthwise_kernel import weight_gradient

        images, weight = ctx.saved_tensors
        (gradient,), size, channels = gradients, weight.shape[-1], weight.shape[0]
        of_images = None
        if ctx.needs_input_grad[0]:
            half = [size // 2] * 3
            of_images, _, _ = torch.ops.aten.convolution_backward(
                gradient, images, weight, [channels], [1] * 3, half, [1] * 3, False, [0] * 3, channels,
                [True, False, False],
            )  # fmt: skip
        of_weight = weight_gradient(images, gradient, size).to(weight.dtype)
        return of_images, of_weight, gradient.sum((0, 2, 3, 4)).to(weight.dtype)
