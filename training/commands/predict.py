"""`glioscope predict`: label maps of a study's patients by trained models."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.cohort.patients import Patient
    from training.models import Model
    from training.prediction import PredictionOptions

EXTRAS = ("probabilities", "responses", "tta-variance", "dropout-variance")


def predict(
    study: Annotated[Path, typer.Argument(help="The study's folder; it needs images.")],
    model: Annotated[list[Path], typer.Argument(help="Runs, folders of runs, or nnU-Net result folders.")],
    method: Annotated[str, typer.Option(help="Name of the method; label maps go to predictions/NAME.")],
    also: Annotated[
        list[str] | None,
        typer.Option(help="probabilities, responses, tta-variance or dropout-variance. Repeatable."),
    ] = None,
    ensemble: Annotated[bool, typer.Option("--ensemble", help="All models for everyone.")] = False,
    mirror: Annotated[bool, typer.Option(help="Average over the eight mirrorings.")] = True,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    trust: Annotated[bool, typer.Option("--trust", help="Load checkpoints that are programs.")] = False,
) -> None:
    """Predict a study's patients, each by the models that have not seen it (out of fold).

    A patient that is new to all models gets their ensemble; one that all were trained on is refused unless
    --ensemble is said. What is there already is kept. Prints the method's folder; exit code 1 if some
    patients failed.
    """
    from analysis.cohort.study import read_study
    from training.commands.asked import need, use_threads

    need("torch", "monai")
    from training.devices import choose_device
    from training.models import load_models

    use_threads()
    found = read_study(study)
    models = [one for folder in model for one in load_models(folder, trust=trust)]
    _check_together(models, found.scheme.name)
    options = _options(also or [], mirror=mirror, device=str(choose_device(device)))
    folder = found.folder / "predictions" / method
    failed = _predict_all(models, found.patients(), folder, options, ensemble=ensemble)
    typer.echo(folder)
    if failed:
        raise typer.Exit(1)


def _options(also: "Sequence[str]", *, mirror: bool, device: str) -> "PredictionOptions":
    from analysis.cohort.usage import UsageError
    from training.prediction import PredictionOptions, Uncertainty

    unknown = [one for one in also if one not in EXTRAS]
    if unknown:
        raise UsageError(f"--also takes {', '.join(EXTRAS)}, found {unknown[0]!r}")
    uncertainty: Uncertainty = "tta" if "tta-variance" in also else "none"
    if "dropout-variance" in also:
        uncertainty = "dropout"
    return PredictionOptions(mirror, "probabilities" in also, "responses" in also, uncertainty, device)


def _predict_all(
    models: "Sequence[Model]",
    patients: "Sequence[Patient]",
    folder: Path,
    options: "PredictionOptions",
    *,
    ensemble: bool,
) -> int:
    """Predict the patients that are not there yet, and say how many failed."""
    from tqdm import tqdm

    from analysis.cohort.usage import UsageError
    from training.commands.asked import say
    from training.models import unseen
    from training.prediction import predict_patient

    failed = 0
    for patient in tqdm(patients, unit="patient", disable=None):
        if (folder / f"{patient.id}.nii.gz").is_file():
            continue
        try:
            predict_patient(models if ensemble else unseen(models, patient.id), patient, folder, options)
        except (ValueError, OSError) as error:
            say(str(error))
            failed += 1
    if failed == len(patients):
        raise UsageError(f"none of the {failed} patients could be predicted")
    return failed


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
