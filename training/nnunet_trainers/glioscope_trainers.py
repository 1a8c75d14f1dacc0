"""What nnU-Net finds in the folder `nnUNet_extTrainer`: it imports each file here as a module of its own."""  # noqa: INP001

from training.nnunet.trainers import (
    nnUNetTrainerMedNeXtBaseline,
    nnUNetTrainerMedNeXtDistMap,
    nnUNetTrainerMedNeXtDistMapDWA,
)

__all__ = [
    "nnUNetTrainerMedNeXtBaseline",
    "nnUNetTrainerMedNeXtDistMap",
    "nnUNetTrainerMedNeXtDistMapDWA",
]
