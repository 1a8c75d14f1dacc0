"""A synthetic study on disk: study.toml, ground truth, two methods and, if asked for, MRI."""

import time
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

from analysis.cohort.label_map import LabelMap
from analysis.cohort.labels import SCHEMES
from analysis.cohort.nifti import write_image, write_label_map
from analysis.cohort.sources import CONSENSUS_FOLDER, Images, Method, Pin, Reference
from analysis.cohort.study import STUDY_FILE, Study, read_study, write_study
from analysis.cohort.usage import UsageError
from analysis.synthetic.cases import CASES
from analysis.synthetic.contrasts import CONTRASTS
from analysis.synthetic.grid import GRIDS
from analysis.synthetic.patient import SyntheticPatient, make_patient
from analysis.synthetic.roster import Visit, visits

_DESCRIPTION = "Synthetic, made by glioscope: no person's scan"
_GRID_NAMES = {"full": "", "small": ", 2 mm"}
_REFERENCE, _BASELINE, _DISTMAP, _IMAGES = (
    "ground_truth",
    "predictions/baseline",
    "predictions/distmap",
    "images",
)


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a synthetic study holds; the same recipe gives the same bytes.

    Attributes:
        patients: how many scans.
        seed: 0 or more.
        grid: `full` (BraTS, 1 mm) or `small` (2 mm).
        with_images: whether to write the four MRI contrasts.
    """

    patients: int
    seed: int = 1
    grid: str = "full"
    with_images: bool = True

    def __post_init__(self) -> None:
        if self.patients < 1:
            raise ValueError(f"a study has at least one patient, found {self.patients}")
        if self.seed < 0:
            raise ValueError(f"a seed is 0 or more, found {self.seed}")
        if self.grid not in GRIDS:
            raise ValueError(f"grid is one of {', '.join(GRIDS)}, found {self.grid}")


@dataclass(frozen=True, slots=True)
class Written:
    """A patient whose files are there.

    Attributes:
        patient: id.
        cpu_s: processor time that it took; 0 if its files were there already.
    """

    patient: str
    cpu_s: float


def write_synthetic_study(folder: Path, recipe: Recipe, *, jobs: int = 1) -> Iterator[Written]:
    """Write a study, patient by patient; memory does not grow with their number.

    Files are whole or absent, so that an interrupted run goes on where it stopped.

    Args:
        folder: made if need be.
        recipe: what to make.
        jobs: processes.

    Yields:
        Each patient once its files are there, in the order in which they are done.
    """
    write_study(describe_study(folder, recipe))
    work = ((folder, recipe, visit) for visit in visits(recipe.patients))
    # The first one here: it fills the cache of compiled code, which every process would fill on its own.
    yield from (_write_patient(*one) for one in islice(work, recipe.patients if jobs == 1 else 1))
    if jobs == 1 or recipe.patients == 1:
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        yield from _as_they_end(pool, work, 2 * jobs)


def check_folder(folder: Path, recipe: Recipe) -> None:
    """See that a folder is free for a study, or holds an earlier part of the same one.

    Raises:
        UsageError: if it is not empty and holds something else.
    """
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    if not (folder / STUDY_FILE).is_file():
        raise UsageError(f"{folder} is not empty and no study: choose another folder")
    found, name = read_study(folder), describe_study(folder, recipe).name
    if not found.synthetic or found.name != name:
        raise UsageError(f"{folder} holds the study {found.name!r}, not {name!r}: choose another folder")


def describe_study(folder: Path, recipe: Recipe) -> Study:
    """Say what study.toml will say."""
    who = list(visits(recipe.patients))
    return Study(
        folder=folder,
        name=f"Synthetic study, seed {recipe.seed}{_GRID_NAMES[recipe.grid]}",
        scheme=SCHEMES["brats2023"],
        reference=Reference(title="Ground truth", folder=_REFERENCE),
        methods=(
            Method("baseline", "Baseline", _BASELINE, role="baseline"),
            Method("distmap", "DistMap", _DISTMAP, role="distmap"),
            Method("consensus", "CC-Consensus", CONSENSUS_FOLDER, role="consensus"),
        ),
        images=Images(_IMAGES) if recipe.with_images else None,
        synthetic=True,
        folds={visit.patient: visit.fold for visit in who},
        pins=tuple(_pin(visit) for visit in who if visit.case),
    )


def _pin(visit: Visit) -> Pin:
    case = CASES[visit.case or ""]
    return Pin(case.tag, visit.patient, case.title)


def _as_they_end(
    pool: ProcessPoolExecutor, work: Iterable[tuple[Path, Recipe, Visit]], ahead: int
) -> Iterator[Written]:
    """Keep a few patients under way, however many there are."""
    waiting = iter(work)
    running: set[Future[Written]] = {pool.submit(_write_patient, *one) for one in islice(waiting, ahead)}
    while running:
        done, running = wait(running, return_when=FIRST_COMPLETED)
        running |= {pool.submit(_write_patient, *one) for one in islice(waiting, len(done))}
        yield from (future.result() for future in done)


def _write_patient(folder: Path, recipe: Recipe, visit: Visit) -> Written:
    start = time.process_time()
    labels = {name: folder / name / f"{visit.patient}.nii.gz" for name in (_REFERENCE, _BASELINE, _DISTMAP)}
    images = {
        name: folder / _IMAGES / visit.patient / f"{visit.patient}-{name}.nii.gz"
        for name in CONTRASTS
        if recipe.with_images
    }
    if all(path.exists() for path in (*labels.values(), *images.values())):
        return Written(visit.patient, 0.0)
    made = make_patient(recipe.seed, visit, GRIDS[recipe.grid], with_images=recipe.with_images)
    _write(made, labels, images)
    return Written(visit.patient, time.process_time() - start)


def _write(made: SyntheticPatient, labels: dict[str, Path], images: dict[str, Path]) -> None:
    for path, values in zip(labels.values(), (made.reference, made.baseline, made.distmap), strict=True):
        write_label_map(path, LabelMap(values, made.affine), _DESCRIPTION)
    for name, path in images.items():
        write_image(path, made.images[name], made.affine, _DESCRIPTION)
