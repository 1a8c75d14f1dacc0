"""`glioscope synthesize`: make a study of patients that don't exist."""

import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class MRI(StrEnum):
    """Which MRI to write."""

    all = "all"
    none = "none"


class GridSize(StrEnum):
    """How fine the voxels are."""

    full = "full"
    small = "small"


def synthesize(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the new study.")],
    patients: Annotated[
        int, typer.Option(min=1, help="How many scans; from 12 on all six cases are pinned.")
    ] = 12,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same files.")] = 1,
    images: Annotated[MRI, typer.Option(help="Whether to write the four MRI contrasts.")] = MRI.all,
    grid: Annotated[
        GridSize, typer.Option(help="full: BraTS, 1 mm. small: 2 mm, an eighth of the voxels.")
    ] = GridSize.full,
    jobs: Annotated[int, typer.Option(min=1, help="Processes.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Make a synthetic study, which is no person's.

    It has brains with gliomas, their ground truth, and two networks' label maps. Run it again to go on
    after an interruption, or with more patients to add some. No person's data is in it.
    """
    import json

    from tqdm import tqdm

    from analysis.synthetic.study import Recipe, check_folder, write_synthetic_study
    from analysis.wording import counted

    recipe = Recipe(patients, seed, grid.value, images is MRI.all)
    check_folder(folder, recipe)
    start = time.perf_counter()
    written = write_synthetic_study(folder, recipe, jobs=jobs)
    bar = tqdm(written, total=patients, unit="patient", desc="Synthetic patients")
    cpu_s = [one.cpu_s for one in bar if one.cpu_s]
    elapsed_s = time.perf_counter() - start
    if as_json:
        outcome = {
            "study": str(folder),
            "patients": patients,
            "made": len(cpu_s),
            "cpu_s": sum(cpu_s),
            "elapsed_s": elapsed_s,
        }
        typer.echo(json.dumps(outcome))
    else:
        typer.echo(folder)
        mean_s = sum(cpu_s) / max(1, len(cpu_s))
        made = f"{counted(patients, 'synthetic patient')}, {len(cpu_s)} of them new"
        typer.echo(f"{made}, {mean_s:.1f} s of processor time each.", err=True)
