"""What every metric is worth when a mask is empty: one table, the same as in the README."""

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

BOTH_EMPTY = "both empty"
REFERENCE_EMPTY = "reference empty"
PREDICTION_EMPTY = "prediction empty"
NO_BACKGROUND = "reference fills the image"

_UNDEFINED = math.nan


class EmptyValues(NamedTuple):
    """The value of one metric for each way in which masks can be empty.

    None means that the metric's own formula gives an answer there.
    """

    both: float | None
    reference: float | None
    prediction: float | None


_OVERLAP = EmptyValues(1.0, 0.0, 0.0)
_DISTANCE = EmptyValues(0.0, _UNDEFINED, _UNDEFINED)

EMPTY_VALUES: Mapping[str, EmptyValues] = MappingProxyType(
    {
        "dice": _OVERLAP,
        "iou": _OVERLAP,
        "precision": EmptyValues(1.0, 0.0, _UNDEFINED),
        "recall": EmptyValues(1.0, _UNDEFINED, 0.0),
        "specificity": EmptyValues(1.0, None, None),
        "hd95_pooled_mm": _DISTANCE,
        "hd95_max_mm": _DISTANCE,
        "hd_mm": _DISTANCE,
        "assd_pooled_mm": _DISTANCE,
        "nsd_voxel_1mm": _OVERLAP,
        "hd95_surfel_mm": _DISTANCE,
        "nsd_surfel_1mm": _OVERLAP,
        # The lesion-wise protocol of BraTS 2023 penalizes by its own rules: no value is undefined.
        "lesion_dice": EmptyValues(None, None, None),
        "lesion_hd95_mm": EmptyValues(None, None, None),
        "lesion_tp": EmptyValues(None, None, None),
        "lesion_fp": EmptyValues(None, None, None),
        "lesion_fn": EmptyValues(None, None, None),
    }
)


def which_is_empty(reference_voxels: int, prediction_voxels: int) -> str | None:
    """Name the empty side of a comparison; None where both masks hold voxels."""
    if reference_voxels and prediction_voxels:
        return None
    if reference_voxels:
        return PREDICTION_EMPTY
    return REFERENCE_EMPTY if prediction_voxels else BOTH_EMPTY


def empty_value(metric: str, empty: str) -> float | None:
    """Look up a metric's value for one kind of emptiness; None where its formula answers.

    Args:
        metric: a metric id.
        empty: what `which_is_empty` said.
    """
    values = EMPTY_VALUES[metric]
    return {BOTH_EMPTY: values.both, REFERENCE_EMPTY: values.reference, PREDICTION_EMPTY: values.prediction}[
        empty
    ]
