"""Networks by name: one registry for ours and for those of MONAI and nnU-Net, each with the distance head."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import import_module
from typing import Any, Protocol

from torch import Tensor, nn

from analysis.cohort.usage import UsageError
from training.mednext import SIZES, MedNeXt, MedNeXtConfig, Outputs, check_divisible

PLAIN_2024_FEATURES = (32, 64, 128, 256, 320, 320)
PLAIN_2024_STRIDES = ((1, 1, 1), (2, 2, 2), (2, 2, 2), (2, 2, 2), (2, 2, 2), (2, 2, 1))
PLAIN_2024_PATCH = (128, 160, 112)


class NetworkError(UsageError):
    """A network that does not exist, can't be had, or can't be built with the options given."""


class SegmentationNetwork(Protocol):
    """What the loop and the predictor need of a network."""

    def outputs(self, images_bczyx: Tensor, *, deep: bool = True, distances: bool = True) -> Outputs:
        """Predict class scores (all scales if `deep`) and distances in one pass."""


@dataclass(frozen=True)
class NetworkSpec:
    """Which network, and the numbers of the data that shape it.

    Attributes:
        name: a key of the registry (`network_names`).
        input_channels: modalities.
        class_count: output channels.
        distance_channels: of the distance head; labels, or labels times bins.
        patch: (z, y, x) of training, which some networks need.
        options: anything the network's own config knows, by name (`channels` of MedNeXt, for one).
    """

    name: str = "mednext-b"
    input_channels: int = 4
    class_count: int = 4
    distance_channels: int = 3
    patch: tuple[int, int, int] = (128, 128, 128)
    options: Mapping[str, Any] = field(default_factory=dict)


class WithDistanceHead(nn.Module):
    """Another library's network and a distance head on the input of its last layer.

    Attributes:
        backbone: the network as its library builds it.
        distance_head: None where no full-resolution feature map reaches the last layer.
        multiple: what each axis of a patch must be a multiple of.
    """

    def __init__(
        self, backbone: nn.Module, last: str, channels: int | None, spec: NetworkSpec, multiple: int
    ) -> None:
        super().__init__()
        self.backbone = backbone
        self.multiple = multiple
        self.distance_head = None if channels is None else nn.Conv3d(channels, spec.distance_channels, 1)
        self._features: Tensor | None = None
        backbone.get_submodule(last).register_forward_pre_hook(self._keep)

    def outputs(self, images_bczyx: Tensor, *, deep: bool = True, distances: bool = True) -> Outputs:
        """Predict as `SegmentationNetwork` asks; networks without deep supervision have one scale."""
        check_divisible(images_bczyx.shape[2:], self.multiple)
        logits, own_loss = _as_scales(self.backbone(images_bczyx), dimensions=images_bczyx.dim())
        features, self._features = self._features, None
        head = self.distance_head if distances and features is not None else None
        return Outputs(logits if deep else logits[:1], head(features) if head else None, own_loss)

    def forward(self, images_bczyx: Tensor) -> Tensor:
        """Predict class scores at full resolution."""
        return self.outputs(images_bczyx, deep=False, distances=False).logits[0]

    def _keep(self, _module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        self._features = inputs[0]


Network = MedNeXt | WithDistanceHead


def build_network(spec: NetworkSpec) -> Network:
    """Build a network by name, weights drawn from torch's global generator.

    Raises:
        NetworkError: no such network, its library is not installed (the message says what to install), or it
            does not take the options.
    """
    if spec.name not in _BUILDERS:
        raise NetworkError(f"no network {spec.name!r}; known are {', '.join(network_names())}")
    try:
        return _BUILDERS[spec.name](spec)
    except NetworkError:
        raise
    except (TypeError, ValueError, RuntimeError, LookupError) as error:
        given = ", ".join(f"{name}={value}" for name, value in spec.options.items()) or "no options"
        raise NetworkError(f"network {spec.name} can't be built with {given}: {error}") from error


def network_names() -> Sequence[str]:
    """List the names that `build_network` knows."""
    return tuple(_BUILDERS)


def has_distance_head(network: nn.Module) -> bool:
    """Say whether a network can predict distances."""
    return getattr(network, "distance_head", None) is not None


def _mednext(size: str, kernel_size: int) -> Callable[[NetworkSpec], MedNeXt]:
    def build(spec: NetworkSpec) -> MedNeXt:
        options = spec.options.items()
        shape: dict[str, Any] = {name: tuple(one) if isinstance(one, list) else one for name, one in options}
        unknown = sorted(shape.keys() - set(_options()))
        if unknown:
            raise NetworkError(f"MedNeXt has no option {unknown[0]!r}; known are {', '.join(_options())}")
        counts = {
            name: getattr(spec, name) for name in ("input_channels", "class_count", "distance_channels")
        }
        return MedNeXt(replace(SIZES[size], kernel_size=kernel_size, **counts, **shape))

    return build


def _options() -> Sequence[str]:
    """List the options of MedNeXt that are the user's to say; channels and classes are the data's."""
    of_data = {"input_channels", "class_count", "distance_channels", "kernel_size"}
    return [name for name in MedNeXtConfig.__dataclass_fields__ if name not in of_data]


def _plain_2024(spec: NetworkSpec) -> WithDistanceHead:
    """PlainConvUNet as the BraTS 2024 report describes it: six stages, two convolutions each."""
    try:
        from dynamic_network_architectures.architectures.unet import PlainConvUNet
    except ModuleNotFoundError as error:
        raise NetworkError("network plain-2024 needs nnU-Net: pip install 'glioscope[nnunet]'") from error
    stages = len(PLAIN_2024_FEATURES)
    options = {
        "n_stages": stages,
        "features_per_stage": PLAIN_2024_FEATURES,
        "conv_op": nn.Conv3d,
        "kernel_sizes": [[3, 3, 3]] * stages,
        "strides": PLAIN_2024_STRIDES,
        "n_conv_per_stage": [2] * stages,
        "n_conv_per_stage_decoder": [2] * (stages - 1),
        "conv_bias": True,
        "norm_op": nn.InstanceNorm3d,
        "norm_op_kwargs": {"eps": 1e-5, "affine": True},
        "nonlin": nn.LeakyReLU,
        "nonlin_kwargs": {"inplace": True},
    }
    changed = {**options, **spec.options}
    backbone = PlainConvUNet(
        spec.input_channels, num_classes=spec.class_count, deep_supervision=True, **changed
    )
    last = f"decoder.seg_layers.{changed['n_stages'] - 2}"
    return WithDistanceHead(backbone, last, changed["features_per_stage"][0], spec, multiple=32)


def _swin_unetr(spec: NetworkSpec) -> WithDistanceHead:
    options = {"feature_size": 48, **spec.options}
    backbone = _monai().SwinUNETR(in_channels=spec.input_channels, out_channels=spec.class_count, **options)
    return WithDistanceHead(backbone, "out", options["feature_size"], spec, multiple=32)


def _segresnet(spec: NetworkSpec) -> WithDistanceHead:
    options = {"init_filters": 32, "blocks_down": (1, 2, 2, 4), "blocks_up": (1, 1, 1), **spec.options}
    backbone = _monai().SegResNet(in_channels=spec.input_channels, out_channels=spec.class_count, **options)
    return WithDistanceHead(backbone, "conv_final", options["init_filters"], spec, multiple=8)


def _segresnet_vae(spec: NetworkSpec) -> WithDistanceHead:
    options = {"init_filters": 32, "blocks_down": (1, 2, 2, 4), "blocks_up": (1, 1, 1), **spec.options}
    channels = {"in_channels": spec.input_channels, "out_channels": spec.class_count}
    backbone = _monai().SegResNetVAE(input_image_size=spec.patch, **channels, **options)
    return WithDistanceHead(backbone, "conv_final", options["init_filters"], spec, multiple=8)


def _dynunet(spec: NetworkSpec) -> WithDistanceHead:
    filters = [32, 64, 128, 256, 320]
    options = {"kernel_size": [3] * 5, "strides": [1, 2, 2, 2, 2], "filters": filters, **spec.options}
    backbone = _monai().DynUNet(
        3, spec.input_channels, spec.class_count, upsample_kernel_size=[2] * 4, **options
    )
    return WithDistanceHead(backbone, "output_block", options["filters"][0], spec, multiple=16)


def _unet(spec: NetworkSpec) -> WithDistanceHead:
    """MONAI's UNet makes class scores while it upsamples: there is no full-resolution feature map."""
    options = {
        "channels": (16, 32, 64, 128, 256),
        "strides": (2, 2, 2, 2),
        "num_res_units": 2,
        **spec.options,
    }
    backbone = _monai().UNet(3, spec.input_channels, spec.class_count, **options)
    return WithDistanceHead(backbone, "model", None, spec, multiple=16)


def _monai() -> Any:  # noqa: ANN401 - MONAI's own types are partly wrong
    try:
        return import_module("monai.networks.nets")
    except ModuleNotFoundError as error:
        raise NetworkError("this network needs MONAI: pip install 'glioscope[training]'") from error


def _as_scales(
    answer: Tensor | Sequence[Tensor | None], dimensions: int
) -> tuple[list[Tensor], Tensor | None]:
    """Sort a tensor, a list of scales, or a tensor and the loss of a VAE into scales and loss."""
    parts = [answer] if isinstance(answer, Tensor) else [one for one in answer if one is not None]
    losses = [one for one in parts if one.dim() < dimensions]
    return [one for one in parts if one.dim() == dimensions], losses[0].mean() if losses else None


_BUILDERS: dict[str, Callable[[NetworkSpec], MedNeXt | WithDistanceHead]] = {
    **{f"mednext-{size.lower()}": _mednext(size, 3) for size in SIZES},
    **{f"mednext-{size.lower()}-k5": _mednext(size, 5) for size in SIZES},
    "plain-2024": _plain_2024,
    "swin-unetr": _swin_unetr,
    "segresnet": _segresnet,
    "segresnet-vae": _segresnet_vae,
    "dynunet": _dynunet,
    "unet": _unet,
}
