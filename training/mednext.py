"""MedNeXt (Roy et al., MICCAI 2023), with a distance head: one network, one frozen config.

Written after the paper and the original program, whose parameter names it keeps, so that original weights
load strictly. MONAI's B, M and L are other networks: their down blocks take the expansion of the wrong stage.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import pad
from torch.utils.checkpoint import checkpoint

from analysis.cohort.usage import UsageError
from training.depthwise import DepthwiseConv3d
from training.field_kinds import check_field_kinds

LEVELS = 4
MULTIPLE = 2**LEVELS
"""Each axis of an image must be a multiple of this."""


class Outputs(NamedTuple):
    """What a network says about a batch.

    Attributes:
        logits: (b, classes, z, y, x) at full resolution first, then at each coarser scale if asked for.
        distances: (b, c, z, y, x) raw output of the distance head at full resolution, before tanh; None
            for a network without one.
        own_loss: what the network itself asks to minimise (a VAE's reconstruction), or None.
    """

    logits: list[Tensor]
    distances: Tensor | None
    own_loss: Tensor | None = None


@dataclass(frozen=True)
class MedNeXtConfig:
    """What distinguishes one MedNeXt from another.

    Attributes:
        input_channels: modalities.
        class_count: output channels, background included.
        channels: of the full-resolution stage; each of the four coarser ones has twice as many.
        expansion: of the nine stages, encoder to decoder.
        blocks: in the nine stages.
        kernel_size: of the depthwise convolutions, 3 or 5.
        distance_channels: of the distance head, present in every build; labels, or labels times bins.
        down_expansion: of the four down blocks, if it is not that of the stage below (MONAI's B, M and L).
        fused_gradient: on a GPU take the depthwise weight gradient from a kernel of ours
            (`training.depthwise`): the same numbers up to rounding, not yet timed on any card.
        recompute: keep no activations inside stages and compute them again (memory for time).
    """

    input_channels: int = 4
    class_count: int = 4
    channels: int = 32
    expansion: tuple[int, ...] = (2, 3, 4, 4, 4, 4, 4, 3, 2)
    blocks: tuple[int, ...] = (2,) * 9
    kernel_size: int = 3
    distance_channels: int = 3
    down_expansion: tuple[int, ...] | None = None
    fused_gradient: bool = False
    recompute: bool = False

    def __post_init__(self) -> None:
        check_field_kinds(self, UsageError)
        if len(self.expansion) != 9 or len(self.blocks) != 9:
            raise ValueError(f"MedNeXt has nine stages, found {len(self.expansion)} and {len(self.blocks)}")
        if self.kernel_size % 2 == 0:
            raise ValueError(f"the kernel size of MedNeXt is odd, found {self.kernel_size}")


_BASE = MedNeXtConfig()
SIZES = MappingProxyType(
    {
        "S": replace(_BASE, expansion=(2,) * 9),
        "B": _BASE,
        "M": replace(_BASE, blocks=(3, 4, 4, 4, 4, 4, 4, 4, 3)),
        "L": replace(_BASE, expansion=(3, 4, 8, 8, 8, 8, 8, 4, 3), blocks=(3, 4, 8, 8, 8, 8, 8, 4, 3)),
    }
)
"""The sizes of the paper, for four modalities and four classes."""


class Block(nn.Module):
    """Depthwise convolution, instance norm (a group a channel), expand, GELU, compress, residual."""

    def __init__(
        self,
        channels: int,
        expansion: int,
        kernel_size: int,
        *,
        out_channels: int | None = None,
        fused_gradient: bool = False,
    ) -> None:
        super().__init__()
        wide = expansion * channels
        self.conv1: nn.Module = DepthwiseConv3d(channels, kernel_size, is_fused=fused_gradient)
        self.norm = nn.GroupNorm(channels, channels)
        self.conv2 = nn.Conv3d(channels, wide, 1)
        self.act = nn.GELU()
        self.conv3 = nn.Conv3d(wide, out_channels or channels, 1)

    def forward(self, features: Tensor) -> Tensor:
        """(b, c, z, y, x) to the same shape."""
        return features + self.changed(features)

    def changed(self, features: Tensor) -> Tensor:
        """Run the block without its residual connection."""
        changed: Tensor = self.conv3(self.act(self.conv2(self.norm(self.conv1(features)))))
        return changed


class DownBlock(Block):
    """A block that halves the resolution and doubles the channels; its residual is a strided convolution."""

    def __init__(self, channels: int, expansion: int, kernel_size: int) -> None:
        super().__init__(channels, expansion, kernel_size, out_channels=2 * channels)
        self.res_conv = nn.Conv3d(channels, 2 * channels, 1, stride=2)
        self.conv1 = nn.Conv3d(
            channels, channels, kernel_size, stride=2, padding=kernel_size // 2, groups=channels
        )

    def forward(self, features: Tensor) -> Tensor:
        """(b, c, z, y, x) to (b, 2c, z/2, y/2, x/2)."""
        halved: Tensor = self.changed(features) + self.res_conv(features)
        return halved


class UpBlock(Block):
    """A block that doubles the resolution and halves the channels."""

    def __init__(self, channels: int, expansion: int, kernel_size: int) -> None:
        super().__init__(channels, expansion, kernel_size, out_channels=channels // 2)
        self.res_conv = nn.ConvTranspose3d(channels, channels // 2, 1, stride=2)
        self.conv1 = nn.ConvTranspose3d(
            channels, channels, kernel_size, stride=2, padding=kernel_size // 2, groups=channels
        )

    def forward(self, features: Tensor) -> Tensor:
        """(b, c, z, y, x) to (b, c/2, 2z, 2y, 2x); the transposed convolutions lack one voxel in front."""
        return pad(self.changed(features), (1, 0) * 3) + pad(self.res_conv(features), (1, 0) * 3)


class OutBlock(nn.Module):
    """Class scores of one scale."""

    def __init__(self, channels: int, class_count: int) -> None:
        super().__init__()
        self.conv_out = nn.ConvTranspose3d(channels, class_count, 1)

    def forward(self, features: Tensor) -> Tensor:
        """(b, c, z, y, x) to (b, classes, z, y, x)."""
        scores: Tensor = self.conv_out(features)
        return scores


class _Switch:
    """Where nnU-Net throws `network.decoder.deep_supervision`; not a module, so it has no parameters.

    `distances` makes `forward` answer with `Outputs` while training: nnU-Net's trainer must call the module
    itself, or neither `torch.compile` nor the exchange of gradients between GPUs would see the call.
    """

    def __init__(self, *, deep_supervision: bool) -> None:
        self.deep_supervision = deep_supervision
        self.distances = False


class MedNeXt(nn.Module):
    """The network. Every build has all five class heads and the distance head, whatever is switched on.

    `outputs` is our way in. `forward` speaks nnU-Net's language: a list of scales while deep supervision is
    on, else the full resolution alone; with distances only where `decoder.distances` asks for them.
    """

    def __init__(self, config: MedNeXtConfig = _BASE, *, deep_supervision: bool = True) -> None:
        super().__init__()
        self.config = config
        self.decoder = _Switch(deep_supervision=deep_supervision)
        widths = [config.channels * 2**level for level in range(LEVELS + 1)]
        self.stem = nn.Conv3d(config.input_channels, config.channels, 1)
        for level in range(LEVELS):
            self.add_module(f"enc_block_{level}", _stage(config, level, widths[level]))
            expansion = (config.down_expansion or config.expansion[1:])[level]
            down = DownBlock(widths[level], expansion, config.kernel_size)
            self.add_module(f"down_{level}", down)
        self.bottleneck = _stage(config, LEVELS, widths[LEVELS])
        for level in reversed(range(LEVELS)):
            stage = 2 * LEVELS - level
            up = UpBlock(widths[level + 1], config.expansion[stage], config.kernel_size)
            self.add_module(f"up_{level}", up)
            self.add_module(f"dec_block_{level}", _stage(config, stage, widths[level]))
        for level, width in enumerate(widths):
            self.add_module(f"out_{level}", OutBlock(width, config.class_count))
        # Made last: a network without it would draw the same initial weights.
        self.distance_head = nn.Conv3d(config.channels, config.distance_channels, 1)

    def forward(self, images_bczyx: Tensor) -> Tensor | list[Tensor] | Outputs:
        """Predict as nnU-Net expects it; see the class."""
        if self.decoder.distances and self.training:
            return self.outputs(images_bczyx, deep=self.decoder.deep_supervision)
        features = self.features(images_bczyx)
        if self.decoder.deep_supervision:
            return [self._part("out", level)(scale) for level, scale in enumerate(features)]
        return self._part("out", 0)(features[0])

    def outputs(self, images_bczyx: Tensor, *, deep: bool = True, distances: bool = True) -> Outputs:
        """Predict class scores at one or all five scales, and distances, in one pass."""
        features = self.features(images_bczyx)
        scales = features if deep else features[:1]
        logits = [self._part("out", level)(scale) for level, scale in enumerate(scales)]
        return Outputs(logits, self.distance_head(features[0]) if distances else None)

    def features(self, images_bczyx: Tensor) -> list[Tensor]:
        """Compute the decoder's feature maps at 1, 1/2, 1/4, 1/8 and the bottleneck's at 1/16.

        Raises:
            ValueError: an axis is no multiple of 16.
        """
        check_divisible(images_bczyx.shape[2:], MULTIPLE)
        features = self.stem(images_bczyx)
        skips = []
        for level in range(LEVELS):
            skips.append(self._run(self._part("enc_block", level), features))
            features = self._run(self._part("down", level), skips[-1])
        scales = [self._run(self.bottleneck, features)]
        for level in reversed(range(LEVELS)):
            joined = skips[level] + self._run(self._part("up", level), scales[0])
            scales.insert(0, self._run(self._part("dec_block", level), joined))
        return scales

    def _part(self, name: str, level: int) -> Callable[[Tensor], Tensor]:
        return self.get_submodule(f"{name}_{level}")

    def _run(self, part: Callable[[Tensor], Tensor], features: Tensor) -> Tensor:
        if self.config.recompute and torch.is_grad_enabled():
            return checkpoint(part, features, use_reentrant=False)  # type: ignore[no-any-return]
        return part(features)


def check_divisible(shape: Sequence[int], multiple: int) -> None:
    """Refuse a patch that the network can't halve often enough.

    Raises:
        ValueError: an axis is no multiple, or a single voxel would be left, which nothing can normalise.
    """
    if all(size == multiple for size in shape):
        raise ValueError(f"a patch must be larger than {multiple} along one axis, found {tuple(shape)}")
    if any(size % multiple for size in shape):
        raise ValueError(f"each axis of a patch must be a multiple of {multiple}, found {tuple(shape)}")


def for_nnunet(
    input_channels: int, num_classes: int, *, deep_supervision: bool = True, **config: object
) -> MedNeXt:
    """Build a network from the `arch_kwargs` of an nnU-Net plan, which names this function.

    nnU-Net also passes what U-Nets need (`strides`, from which it derives the scales); that is ignored.
    """
    known = {name: value for name, value in config.items() if name in MedNeXtConfig.__dataclass_fields__}
    fixed = {name: tuple(value) if isinstance(value, list) else value for name, value in known.items()}
    build = partial(MedNeXtConfig, input_channels=input_channels, class_count=num_classes)
    return MedNeXt(build(**fixed), deep_supervision=deep_supervision)  # type: ignore[arg-type]


def _stage(config: MedNeXtConfig, stage: int, width: int) -> nn.Sequential:
    count, expansion = config.blocks[stage], config.expansion[stage]
    fused = config.fused_gradient
    return nn.Sequential(
        *(Block(width, expansion, config.kernel_size, fused_gradient=fused) for _ in range(count))
    )
