"""`glioscope predict`: label maps of a study's patients by trained models."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.cohort.patients import Patient
    from training.models import Model


def predict(
    study: Annotated[Path, typer.Argument(help="The study's folder; it needs images.")],
    model: Annotated[list[Path], typer.Argument(help="Runs, folders of runs, or nnU-Net result folders.")],
    method: Annotated[str, typer.Option(help="Name of the method; label maps go to predictions/NAME.")],
    patient: Annotated[list[str] | None, typer.Option(help="Only these patients. Repeatable.")] = None,
    ensemble: Annotated[
        bool, typer.Option("--ensemble", help="All models for everyone, training patients too.")
    ] = False,
    mirror: Annotated[bool, typer.Option(help="Average over the eight mirrorings.")] = True,
    probabilities: Annotated[
        bool, typer.Option("--probabilities", help="Write probabilities too (.npz).")
    ] = False,
    responses: Annotated[
        bool, typer.Option("--responses", help="Write the distance head's answers too.")
    ] = False,
    uncertainty: Annotated[
        Literal["none", "tta", "dropout"],
        typer.Option(help="Write variance maps over mirrorings or dropout."),
    ] = "none",
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Predict again what is there.")] = False,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    trust: Annotated[bool, typer.Option("--trust", help="Load checkpoints that are programs.")] = False,
) -> None:
    """Predict a study's patients, each by the models that have not seen it (out of fold).

    A patient that no model lists as held out is new to all and gets their ensemble. Prints the method's folder;
    exit code 1 if some patients failed.
    """
    from analysis.cohort.study import read_study
    from analysis.cohort.usage import UsageError
    from training.commands.asked import need, say, use_threads

    need("torch", "monai")
    from tqdm import tqdm

    from training.devices import choose_device
    from training.models import load_models
    from training.prediction import PredictionOptions, predict_patient

    use_threads()
    found = read_study(study)
    models = [one for folder in model for one in load_models(folder, trust=trust)]
    _check_together(models, found.scheme.name)
    options = PredictionOptions(mirror, probabilities, responses, uncertainty, str(choose_device(device)))
    folder = found.folder / "predictions" / method
    wanted = [one for one in found.patients() if patient is None or one.id in patient]
    if not wanted:
        raise UsageError(f"{study} has none of the patients that were asked for")
    failed = 0
    for one in tqdm(wanted, unit="patient", disable=None):
        if (folder / f"{one.id}.nii.gz").is_file() and not overwrite:
            continue
        try:
            predict_patient(models if ensemble else _unseen(models, one), one, folder, options)
        except (ValueError, OSError) as error:
            say(str(error))
            failed += 1
    if failed == len(wanted):
        raise UsageError(f"none of the {failed} patients could be predicted")
    typer.echo(folder)
    if failed:
        raise typer.Exit(1)


def _unseen(models: "Sequence[Model]", patient: "Patient") -> "list[Model]":
    """Choose the models that hold a patient out; all of them for one that none trained on or held out."""
    return [model for model in models if patient.id in model.held_out] or list(models)


def _check_together(models: "Sequence[Model]", scheme: str) -> None:
    from analysis.cohort.usage import UsageError

    first = models[0]
    for model in models:
        if model.scheme and model.scheme != scheme:
            raise UsageError(
                f"{model.name} was trained on label scheme {model.scheme}, the study has {scheme}"
            )
        if (model.channels, model.labels, model.is_regions) != (
            first.channels,
            first.labels,
            first.is_regions,
        ):
            raise UsageError(
                f"{model.name} and {first.name} differ in channels or labels: they are no ensemble"
            )
