"""Weights that others trained: their names made ours, and a strict check that nothing is missing or extra."""

import re
from collections.abc import Mapping, Sequence

from torch import Tensor, nn

from analysis.cohort.usage import UsageError
from training.mednext import MedNeXtConfig

State = Mapping[str, Tensor]

DISTANCE_HEAD = "distance_head"
_STAGES = (
    *(f"enc_block_{level}" for level in range(4)),
    "bottleneck",
    *(f"dec_block_{level}" for level in (3, 2, 1, 0)),
)
_PARTS = ("stem.", "out_", "enc_", "dec_", "up_", "down_", "bottleneck.")
"""What MedNeXt's own parameters begin with."""
_WRAPPERS = ("module.", "_orig_mod.", "network.", "model.")
_FROM_MONAI = (
    (r"^enc_stages\.(\d)\.", lambda m: f"enc_block_{m[1]}."),
    (r"^down_blocks\.(\d)\.", lambda m: f"down_{m[1]}."),
    (r"^up_blocks\.(\d)\.", lambda m: f"up_{3 - int(m[1])}."),
    (r"^dec_stages\.(\d)\.", lambda m: f"dec_block_{3 - int(m[1])}."),
    (r"^out_blocks\.(\d)\.", lambda m: f"out_{4 - int(m[1])}."),
)


class WeightsError(UsageError):
    """Weights of another network; the message says what differs."""


def load_weights(network: nn.Module, state: State) -> bool:
    """Load weights strictly, whoever wrote them: ours, the original's, MONAI's, nnU-Net's.

    Wrapper prefixes and the original's checkpointing dummy are dropped, MONAI's names turned into the
    original's. A distance head under another name is found by its shapes; a network trained without one
    keeps ours untrained.

    Returns:
        Whether the distance head was in the weights.

    Raises:
        WeightsError: anything else is missing, left over or of another shape.
    """
    own = network.state_dict()
    found = renamed(state)
    heads = {name: value for name, value in own.items() if name.startswith(f"{DISTANCE_HEAD}.")}
    _adopt_head(found, own, heads)
    has_head = all(name in found for name in heads)
    _check(found, own, optional=frozenset() if has_head else frozenset(heads))
    network.load_state_dict({**({} if has_head else heads), **found})
    return bool(heads) and has_head


def renamed(state: State) -> dict[str, Tensor]:
    """Give weights the original's parameter names and drop its checkpointing dummy."""
    return {_renamed(name): value for name, value in state.items() if "dummy_tensor" not in name}


def without_foreign_head(state: State) -> tuple[dict[str, Tensor], tuple[str, ...]]:
    """Leave an auxiliary head out that is no single 1x1x1 convolution: label maps do not need it.

    Returns:
        The weights under the original's names, and the names of those that were left out.
    """
    found = renamed(state)
    foreign = tuple(sorted(name for name in found if not name.startswith(_PARTS)))
    if _is_convolution([found[name] for name in foreign]):
        return found, ()
    return {name: value for name, value in found.items() if name not in foreign}, foreign


def mednext_config(state: State) -> MedNeXtConfig:
    """Read off the weights of a MedNeXt which one it is.

    Args:
        state: under the original's names or MONAI's, with or without a distance head.

    Raises:
        WeightsError: they are not those of a MedNeXt.
    """
    found = renamed(state)
    try:
        stem = found["stem.weight"]
        blocks = tuple(_block_count(found, stage) for stage in _STAGES)
        expansion = tuple(_expansion(found, f"{stage}.0") for stage in _STAGES)
        down = tuple(_expansion(found, f"down_{level}") for level in range(4))
        return MedNeXtConfig(
            input_channels=stem.shape[1],
            class_count=found["out_0.conv_out.weight"].shape[1],
            channels=stem.shape[0],
            expansion=expansion,
            blocks=blocks,
            kernel_size=found["bottleneck.0.conv1.weight"].shape[-1],
            distance_channels=_head_channels(found, stem.shape[0]),
            down_expansion=None if down == expansion[1:5] else down,
        )
    except KeyError as error:
        raise WeightsError(f"these are not the weights of a MedNeXt: {error.args[0]} is missing") from error


def _block_count(found: State, stage: str) -> int:
    return len({name.split(".")[1] for name in found if name.startswith(f"{stage}.")})


def _expansion(found: State, block: str) -> int:
    wide = found[f"{block}.conv2.weight"]
    return wide.shape[0] // wide.shape[1]


def _head_channels(found: State, channels: int) -> int:
    """Count the channels of a 1x1x1 convolution that is no part of MedNeXt; three if there is none."""
    head = [value for name, value in found.items() if not name.startswith(_PARTS)]
    if not _is_convolution(head):
        return 3
    weight = max(head, key=lambda one: one.dim())
    return int(weight.shape[0]) if tuple(weight.shape[1:]) == (channels, 1, 1, 1) else 3


def _is_convolution(parameters: Sequence[Tensor]) -> bool:
    """Whether parameters are the weight and the bias of one 1x1x1 convolution."""
    shapes = sorted((tuple(one.shape) for one in parameters), key=len)
    return len(shapes) == 2 and shapes[0] == shapes[1][:1] and shapes[1][2:] == (1, 1, 1)


def _renamed(name: str) -> str:
    while name.startswith(_WRAPPERS):
        name = name.split(".", 1)[1]
    for pattern, ours in _FROM_MONAI:
        name = re.sub(pattern, ours, name)
    return name


def _adopt_head(found: dict[str, Tensor], own: State, heads: State) -> None:
    """Give the only unknown 1x1x1 convolution of the right size the distance head's name."""
    if not heads or set(heads) <= set(found):
        return
    unknown = {name: value for name, value in found.items() if name not in own}
    renamed = {}
    for name, wanted in heads.items():
        fits = [one for one, value in unknown.items() if value.shape == wanted.shape]
        if len(fits) != 1:
            return
        renamed[fits[0]] = name
    for theirs, ours in renamed.items():
        found[ours] = found.pop(theirs)


def _check(found: State, own: State, optional: frozenset[str]) -> None:
    missing = sorted(own.keys() - found.keys() - optional)
    extra = sorted(found.keys() - own.keys())
    shapes = [name for name in own.keys() & found.keys() if own[name].shape != found[name].shape]
    if not (missing or extra or shapes):
        return
    if shapes and not (missing or extra):
        name = min(shapes)
        expected, actual = tuple(own[name].shape), tuple(found[name].shape)
        raise WeightsError(f"weights of another network: {name} is {actual}, this network has {expected}")
    example = (missing or extra)[0]
    raise WeightsError(
        f"weights of another network: {len(missing)} parameters are missing, {len(extra)} unknown ({example})"
    )


def parameter_count(network: nn.Module) -> int:
    """Count the trainable numbers of a network."""
    return sum(parameter.numel() for parameter in network.parameters() if parameter.requires_grad)
