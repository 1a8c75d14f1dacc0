"""`glioscope train trainers-path`: the folder that nnU-Net's `nnUNet_extTrainer` must name."""

from pathlib import Path

import typer


def trainers_path() -> None:
    """Print the folder for `nnUNet_extTrainer`.

    nnUNet_extTrainer=$(glioscope train trainers-path) nnUNetv2_train ID 3d_fullres 0
    -p nnUNetPlansMedNeXt -tr nnUNetTrainerMedNeXtDistMap --npz
    """
    import training

    typer.echo(Path(training.__file__).parent / "nnunet_trainers")
