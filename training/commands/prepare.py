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
    targets = ["signed", *(one for one in target or [] if one != "signed")]
    unknown = [one for one in targets if one not in ("signed", "sing")]
    if unknown:
        raise UsageError(f"a target is signed or sing, found {unknown[0]!r}")
    found = read_study(study)
    patients = [one for one in found.patients() if one.reference is not None]
    if not patients:
        raise UsageError(f"{study} has no patient with a reference to train on")
    failed = (
        _for_nnunet(found, patients, output, (folds, seed), regions=regions, patch=patch)
        if engine == "nnunet"
        else _for_loop(found, patients, output, (folds, seed), targets)
    )
    typer.echo(output)
    if failed:
        raise typer.Exit(1)


def _for_loop(
    study: "Study", patients: "Sequence[Patient]", output: Path, dealing: tuple[int, int], targets: list[str]
) -> int:
    from tqdm import tqdm

    from analysis.cohort.usage import UsageError
    from training.commands.asked import say
    from training.dataset import Target, prepare_patient, write_summary
    from training.folds import study_folds

    kinds: list[Target] = ["sing" if one == "sing" else "signed" for one in targets]
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
    write_summary(output, study.name, study.scheme, done, kinds)
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
    from training.commands.asked import patch_of
    from training.folds import study_folds
    from training.nnunet.dataset import dataset_json, preprocess_dataset, write_dataset
    from training.nnunet.plans import mednext_plans
    from training.nnunet.running import DATASET, use_folders

    use_folders(output)
    folds = study_folds({one.id: one.fold for one in patients}, count=dealing[0], seed=dealing[1])
    description = dataset_json(patients, study.scheme, regions=regions)
    plans = mednext_plans(
        DATASET, len(description["channel_names"]), patch=patch_of(patch) or (128, 128, 128)
    )
    write_dataset(output / "raw", output / "preprocessed", description, plans, folds)
    preprocess_dataset(output / "preprocessed", description, plans)
    return 0
