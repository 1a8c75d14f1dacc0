"""The plan that the paper trains with, written rather than planned: MedNeXt, 128 cubed, batch 2."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from training.config import ConfigError
from training.mednext import MULTIPLE, SIZES, MedNeXtConfig
from training.networks import PLAIN_2024_FEATURES, PLAIN_2024_PATCH, PLAIN_2024_STRIDES

PLANS_NAME = "nnUNetPlansMedNeXt"
PLAIN_PLANS_NAME = "nnUNetPlansPlain2024"
CONFIGURATION = "3d_fullres"

Plans = dict[str, Any]
_PROBABILITIES = {"is_seg": False, "order": 1, "order_z": 0, "force_separate_z": None}
_SPLINE = {"is_seg": False, "order": 3, "order_z": 0, "force_separate_z": None}
_LABELS = {"is_seg": True, "order": 1, "order_z": 0, "force_separate_z": None}


def mednext_plans(
    dataset_name: str,
    channels: int,
    *,
    patch: Sequence[int] = (128, 128, 128),
    batch: int = 2,
    spacing_mm: Sequence[float] = (1.0, 1.0, 1.0),
    config: MedNeXtConfig = SIZES["B"],
) -> Plans:
    """Write `nnUNetPlansMedNeXt` for a data set.

    Args:
        dataset_name: `Dataset023_BraTSGLI`, for one.
        channels: modalities; each is normalised by its mean and deviation within the brain.
        patch: (z, y, x).
        batch: patches a step.
        spacing_mm: (z, y, x) that images are resampled to.
        config: of the network; channels and classes are nnU-Net's to say.

    Raises:
        ConfigError: the network can't take the patch.
    """
    if any(size % MULTIPLE for size in patch):
        raise ConfigError(f"MedNeXt needs each axis of a patch divisible by {MULTIPLE}, found {tuple(patch)}")
    if all(size == MULTIPLE for size in patch):
        raise ConfigError(
            f"MedNeXt needs a patch larger than {MULTIPLE} along one axis, found {tuple(patch)}"
        )
    words = asdict(config)
    kept = {
        name: words[name] for name in ("channels", "expansion", "blocks", "kernel_size", "distance_channels")
    }
    # nnU-Net derives the scales of deep supervision from the strides: five outputs, six rows.
    strides = [[1, 1, 1]] + [[2, 2, 2]] * 5
    architecture = {
        "network_class_name": "training.mednext.for_nnunet",
        "arch_kwargs": {**_as_lists(kept), "strides": strides},
        "_kw_requires_import": [],
    }
    return _plans(PLANS_NAME, dataset_name, channels, _size(patch, batch, spacing_mm), architecture)


def plain_2024_plans(
    dataset_name: str, channels: int, *, spacing_mm: Sequence[float] = (1.0, 1.0, 1.0)
) -> Plans:
    """Write the plan of the BraTS 2024 report: a six-stage PlainConvUNet, for nnU-Net's own trainer."""
    stages = len(PLAIN_2024_FEATURES)
    words = {
        "n_stages": stages,
        "features_per_stage": list(PLAIN_2024_FEATURES),
        "conv_op": "torch.nn.modules.conv.Conv3d",
        "kernel_sizes": [[3, 3, 3]] * stages,
        "strides": [list(row) for row in PLAIN_2024_STRIDES],
        "n_conv_per_stage": [2] * stages,
        "n_conv_per_stage_decoder": [2] * (stages - 1),
        "conv_bias": True,
        "norm_op": "torch.nn.modules.instancenorm.InstanceNorm3d",
        "norm_op_kwargs": {"eps": 1e-05, "affine": True},
        "dropout_op": None,
        "dropout_op_kwargs": None,
        "nonlin": "torch.nn.LeakyReLU",
        "nonlin_kwargs": {"inplace": True},
    }
    architecture = {
        "network_class_name": "dynamic_network_architectures.architectures.unet.PlainConvUNet",
        "arch_kwargs": words,
        "_kw_requires_import": ["conv_op", "norm_op", "dropout_op", "nonlin"],
    }
    size = _size(PLAIN_2024_PATCH, 2, spacing_mm)
    return _plans(PLAIN_PLANS_NAME, dataset_name, channels, size, architecture)


def _size(patch: Sequence[int], batch: int, spacing_mm: Sequence[float]) -> dict[str, Any]:
    return {"patch_size": list(patch), "batch_size": batch, "spacing": [float(mm) for mm in spacing_mm]}


def _plans(
    name: str, dataset_name: str, channels: int, size: Mapping[str, Any], architecture: Mapping[str, Any]
) -> Plans:
    configuration = {
        **size,
        "data_identifier": f"{name}_{CONFIGURATION}",
        "preprocessor_name": "DefaultPreprocessor",
        "median_image_size_in_voxels": size["patch_size"],
        "normalization_schemes": ["ZScoreNormalization"] * channels,
        "use_mask_for_norm": [True] * channels,
        "resampling_fn_data": "resample_data_or_seg_to_shape",
        "resampling_fn_seg": "resample_data_or_seg_to_shape",
        "resampling_fn_probabilities": "resample_data_or_seg_to_shape",
        "resampling_fn_data_kwargs": _SPLINE,
        "resampling_fn_seg_kwargs": _LABELS,
        "resampling_fn_probabilities_kwargs": _PROBABILITIES,
        "architecture": dict(architecture),
        "batch_dice": False,
    }
    return {
        "dataset_name": dataset_name,
        "plans_name": name,
        "original_median_spacing_after_transp": size["spacing"],
        "original_median_shape_after_transp": size["patch_size"],
        "image_reader_writer": "SimpleITKIO",
        "transpose_forward": [0, 1, 2],
        "transpose_backward": [0, 1, 2],
        "configurations": {CONFIGURATION: configuration},
        "experiment_planner_used": "glioscope",
        "label_manager": "LabelManager",
        "foreground_intensity_properties_per_channel": {str(index): {} for index in range(channels)},
    }


def _as_lists(words: Mapping[str, Any]) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in words.items()}
