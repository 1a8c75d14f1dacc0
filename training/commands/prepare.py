"""`glioscope train prepare`: a study made ready for training."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.cohort.patients import Patient
    from analysis.cohort.study import Study

Engine = Literal["loop", "nnunet"]


def prepare(
    study: Annotated[Path, typer.Argument(help="The study's folder; it needs images and a reference.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder of the prepared data set.")],
    target: Annotated[
        list[str] | None, typer.Option(help="Distance maps: signed (always made) or sing. Repeatable.")
    ] = None,
    engine: Annotated[Engine, typer.Option(help="Prepare for our loop, or for nnU-Net.")] = "loop",
    folds: Annotated[int, typer.Option(help="Folds to deal if the study has none.")] = 5,
    seed: Annotated[int, typer.Option(help="Of dealing the folds.")] = 12345,
    regions: Annotated[bool, typer.Option("--regions", help="nnU-Net: train regions, not labels.")] = False,
    patch: Annotated[str | None, typer.Option(help="nnU-Net: patch (z,y,x).")] = None,
) -> None:
    """Prepare a study for training; a second run does only what is missing.

    For our loop: images cropped and normalised as nnU-Net does, labels, distance maps of the whole volume.
    For nnU-Net: dataset.json that lists paths (nothing is copied), the plan nnUNetPlansMedNeXt, folds grouped
    by subject, and its own preprocessing. Prints the folder. Exit code 1: some patients failed.
    """
    from analysis.cohort.study import read_study
    from analysis.cohort.usage import UsageError
    from training.commands.asked import need

    need("torch", *(["nnunetv2"] if engine == "nnunet" else []))
    _check_options(engine, target or [], regions=regions, patch=patch)
    found = read_study(study)
    patients = [one for one in found.patients() if one.reference is not None]
    if not patients:
        raise UsageError(f"{study} has no patient with a reference to train on")
    failed = (
        _for_nnunet(found, patients, output, (folds, seed), regions=regions, patch=patch)
        if engine == "nnunet"
        else _for_loop(found, patients, output, (folds, seed), with_sing="sing" in (target or []))
    )
    typer.echo(output)
    if failed:
        raise typer.Exit(1)


def _check_options(engine: Engine, target: "Sequence[str]", *, regions: bool, patch: str | None) -> None:
    """Refuse targets that do not exist, and options that the engine would pass over in silence."""
    from analysis.cohort.usage import UsageError
    from training.dataset import TARGETS

    unknown = [one for one in target if one not in TARGETS]
    if unknown:
        raise UsageError(f"a target is {' or '.join(TARGETS)}, found {unknown[0]!r}")
    if engine == "nnunet" and "sing" in target:
        raise UsageError("nnU-Net's trainers take signed distance maps alone: --target is our loop's")
    if engine == "loop" and (regions or patch is not None):
        raise UsageError(
            f"{'--regions' if regions else '--patch'} is for --engine nnunet; our loop trains labels, and "
            "takes its patch when it trains: --set patch=96"
        )


def _for_loop(
    study: "Study",
    patients: "Sequence[Patient]",
    output: Path,
    dealing: tuple[int, int],
    *,
    with_sing: bool,
) -> int:
    from tqdm import tqdm

    from analysis.cohort.usage import UsageError
    from training.commands.asked import say
    from training.dataset import Target, prepare_patient, write_summary
    from training.folds import study_folds

    kinds: list[Target] = ["signed", "sing"] if with_sing else ["signed"]
    folds = study_folds({one.id: one.fold for one in patients}, count=dealing[0], seed=dealing[1])
    done: dict[str, int] = {}
    for patient in tqdm(patients, unit="patient", disable=None):
        try:
            prepare_patient(patient, study.scheme, output, kinds)
        except (ValueError, OSError) as error:
            say(str(error))
        else:
            done[patient.id] = folds[patient.id]
    if not done:
        raise UsageError(f"none of the {len(patients)} patients of {study.folder} could be prepared")
    write_summary(output, study.name, study.scheme, done)
    return len(patients) - len(done)


def _for_nnunet(
    study: "Study",
    patients: "Sequence[Patient]",
    output: Path,
    dealing: tuple[int, int],
    *,
    regions: bool,
    patch: str | None,
) -> int:
    from training.commands.asked import patch_of, say
    from training.dataset import CHANNELS
    from training.folds import study_folds
    from training.nnunet import dataset
    from training.nnunet.plans import mednext_plans
    from training.nnunet.running import DATASET, use_folders

    use_folders(output)
    size = patch_of(patch) or (128, 128, 128)
    mednext_plans(DATASET, len(CHANNELS), patch=size)  # a patch that does not fit, said first
    folds = study_folds({one.id: one.fold for one in patients}, count=dealing[0], seed=dealing[1])
    preprocessed = output / "preprocessed"
    good, spacing_mm = dataset.usable_patients(patients, study.scheme, preprocessed / DATASET, say)
    description = dataset.dataset_json(good, study.scheme, regions=regions)
    plans = mednext_plans(DATASET, len(CHANNELS), patch=size, spacing_mm=spacing_mm)
    dataset.check_same_labels(preprocessed / DATASET, description)
    dealt = {one.id: folds[one.id] for one in good}
    dataset.write_dataset(output / "raw", preprocessed, description, plans, dealt)
    dataset.preprocess_dataset(preprocessed, description, plans)
    return len(patients) - len(good)
