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
    """Predict a study's patients, out of fold.

    A patient that is new to all models gets their ensemble; one that all were trained on is refused unless
    --ensemble is said. What the same models have predicted already is kept; a folder that others have written
    is refused. Prints the method's folder; exit code 1 if some patients failed.
    """
    from analysis.cohort.study import read_study
    from training.commands.asked import need, use_threads

    need("torch")
    from training.devices import choose_device
    from training.matching import check_together
    from training.method_folder import claim_folder
    from training.models import load_models
    from training.prediction import check_answers

    use_threads()
    _check_name(method)
    options = _options(also or [], mirror=mirror, device=str(choose_device(device)))
    found = read_study(study)
    models = [one for folder in model for one in load_models(folder, trust=trust)]
    check_together(models, found.scheme)
    _say_what_is_odd(models)
    check_answers(models[0], options)
    folder = found.folder / "predictions" / method
    claim_folder(folder, models, options, ensemble=ensemble)
    failed = _predict_all(models, found.patients(), folder, options, ensemble=ensemble)
    typer.echo(folder)
    if failed:
        raise typer.Exit(1)


def _check_name(method: str) -> None:
    from analysis.cohort.layouts import is_method_name
    from analysis.cohort.usage import UsageError

    if method == "reference" or not is_method_name(method):
        raise UsageError(f"method name {method!r} must be ASCII letters, digits and inner . - _")


def _options(also: "Sequence[str]", *, mirror: bool, device: str) -> "PredictionOptions":
    from analysis.cohort.usage import UsageError
    from training.prediction import PredictionOptions, Uncertainty

    unknown = [one for one in also if one not in EXTRAS]
    if unknown:
        raise UsageError(f"--also takes {', '.join(EXTRAS)}, found {unknown[0]!r}")
    kinds: tuple[Uncertainty, ...] = ("tta", "dropout")
    uncertainties = tuple(kind for kind in kinds if f"{kind}-variance" in also)
    return PredictionOptions(mirror, "probabilities" in also, "responses" in also, uncertainties, device)


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
    from training.devices import out_of_memory_named
    from training.method_folder import is_predicted
    from training.models import unseen
    from training.prediction import predict_patient

    failed = 0
    asked = [one for one in patients if not is_predicted(folder, one.id, models[0], options)]
    if len(asked) < len(patients):
        say(f"{len(patients) - len(asked)} of {len(patients)} patients are there already")
    for patient in tqdm(asked, unit="patient", disable=None):
        doing = f"predicting patient {patient.id} by patches of {models[0].patch}"
        try:
            with out_of_memory_named(doing, "use --device cpu, or --no-mirror and fewer models"):
                predict_patient(models if ensemble else unseen(models, patient.id), patient, folder, options)
        except (ValueError, OSError) as error:
            say(str(error))
            failed += 1
    if failed and failed == len(patients):
        raise UsageError(f"none of the {failed} patients could be predicted")
    return failed


def _say_what_is_odd(models: "Sequence[Model]") -> None:
    from training.commands.asked import say

    for model in models:
        if model.ignored:
            say(
                f"{model.name} has {len(model.ignored)} weights that are no part of MedNeXt "
                f"({model.ignored[0]}, ...): label maps and probabilities do not need them"
            )
        if not model.knows_its_patients:
            say(
                f"{model.name} does not say whom it was trained on (no splits_final.json): patients that it "
                "has seen are predicted as if it had not"
            )
