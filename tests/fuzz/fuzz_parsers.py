"""Looks for input that breaks a parser, guided by what it makes the parser do: `make fuzz`.

`python tests/fuzz/fuzz_parsers.py PARSER [libFuzzer's options]` with atheris. A parser may refuse its input
by the one kind of exception that it promises; anything else is a fault. Begins with good files, in a folder
of its own that is deleted; what broke a parser is kept where `-artifact_prefix` says.
"""

import json
import sys
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

import atheris
import numpy as np

with atheris.instrument_imports(include=["analysis.cohort", "viewer", "nibabel.nifti1"]):
    from analysis.cohort.labels import SCHEMES
    from analysis.cohort.nifti_bytes import NiftiError, pack, unpack
    from analysis.cohort.probabilities import ProbabilityError, read_probabilities
    from analysis.cohort.study import StudyError, read_study
    from viewer.cohort_state import read_cohort_query
    from viewer.notes_files import FORMAT, SCHEMA, read_notes
    from viewer.notes_store import COLUMNS, NoteError
    from viewer.view_state import read_query

Parser = Callable[[bytes], None]
_SCHEME = SCHEMES["brats2023"]
_SHAPE = (4, 5, 6)


def nifti(folder: Path) -> tuple[Parser, Iterable[bytes]]:
    """Unpack a volume, compressed or not."""
    import nibabel as nib

    del folder
    plain = nib.Nifti1Image(np.arange(120, dtype=np.int16).reshape(_SHAPE), np.eye(4)).to_bytes()

    def parse(data: bytes) -> None:
        with suppress(NiftiError):
            unpack(data)

    return parse, (plain, pack(plain))


def probabilities(folder: Path) -> tuple[Parser, Iterable[bytes]]:
    """Read a network's probabilities."""
    path = folder / "P-1.npz"
    np.savez(path, probabilities=np.full((len(_SCHEME.labels) + 1, *_SHAPE[::-1]), 0.25, np.float32))

    def parse(data: bytes) -> None:
        path.write_bytes(data)
        with suppress(ProbabilityError):
            read_probabilities(path, _SCHEME, _SHAPE)

    return parse, (path.read_bytes(),)


def query(folder: Path) -> tuple[Parser, Iterable[bytes]]:
    """Read an address, which anybody can send somebody: nothing in it may break the page."""
    del folder

    def parse(data: bytes) -> None:
        text = data.decode("utf-8", "replace")
        read_query(text)
        read_cohort_query(text)

    good = "?patient=P-1&eps=0.001&component=distmap:ET:2&cursor=1,2,3&camera=0,0,0,1,1&window=10:200&off=ED"
    return parse, (good.encode(),)


def notes(folder: Path) -> tuple[Parser, Iterable[bytes]]:
    """Read a file of notes, JSON or CSV."""
    del folder
    entry = dict.fromkeys(COLUMNS, "a") | {"version": 1, "action": "add", "time_utc": "2026-01-02T03:04:05Z"}

    def parse(data: bytes) -> None:
        with suppress(NoteError):
            read_notes(data.decode("utf-8", "replace"))

    as_json = json.dumps({"format": FORMAT, "schema": SCHEMA, "entries": [entry]})
    as_csv = ",".join(COLUMNS) + "\n" + ",".join(str(entry[name]) for name in COLUMNS) + "\n"
    return parse, (as_json.encode(), as_csv.encode())


def study(folder: Path) -> tuple[Parser, Iterable[bytes]]:
    """Read a study.toml."""
    path = folder / "study.toml"
    good = """schema = 1
name = "A study"
scheme = "brats2023"
dice_average = ["WT", "TC", "ET"]
tolerance_mm = 0.01
methods = [
    { name = "baseline", title = "Baseline", folder = "predictions/baseline", role = "baseline" },
    { name = "distmap", title = "DistMap", folder = "predictions/distmap", role = "distmap" },
]

[reference]
title = "Ground truth"
folder = "ground_truth"

[folds]
P-1 = 1

[[pins]]
tag = "C1"
patient = "P-1"
title = "A case"
"""

    def parse(data: bytes) -> None:
        path.write_bytes(data)
        with suppress(StudyError):
            read_study(folder)

    return parse, (good.encode(),)


PARSERS = {one.__name__: one for one in (nifti, probabilities, query, notes, study)}


def main() -> None:
    """Fuzz the parser that is named until an option of libFuzzer ends it or something breaks."""
    if len(sys.argv) < 2 or sys.argv[1] not in PARSERS:
        sys.exit(f"Name one of {', '.join(PARSERS)}, then options of libFuzzer")
    with tempfile.TemporaryDirectory() as name:
        corpus = Path(name) / "corpus"
        corpus.mkdir()
        parse, seeds = PARSERS[sys.argv[1]](Path(name))
        for number, seed in enumerate(seeds):
            (corpus / str(number)).write_bytes(seed)
        atheris.Setup([sys.argv[0], *sys.argv[2:], str(corpus)], parse)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
