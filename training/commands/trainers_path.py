"""`glioscope train trainers-path`: the folder that nnU-Net's `nnUNet_extTrainer` must name."""

from pathlib import Path

import typer


def trainers_path() -> None:
    """Print the folder for `nnUNet_extTrainer`, where nnU-Net's own commands find our trainers.

    `nnUNetv2_train 23 3d_fullres 0 -p nnUNetPlansMedNeXt -tr nnUNetTrainerMedNeXtDistMap --npz` then trains;
    it also wants nnUNet_raw, nnUNet_preprocessed and nnUNet_results to name the folders raw, preprocessed and
    results of a data set that `glioscope train prepare --engine nnunet` made.
    """
    import training

    typer.echo(Path(training.__file__).parent / "nnunet_trainers")
