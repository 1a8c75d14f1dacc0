"""Looks for input that breaks a parser, guided by what it makes the parser do: `make fuzz`.

`python tests/fuzz/fuzz_parsers.py PARSER [libFuzzer's options]` with atheris; without a name it says which
parsers there are. A parser may refuse its input by the one kind of exception that it promises; anything else
is a fault. Begins with good files, in a folder of its own that is deleted; what broke a parser is kept where
`-artifact_prefix` says.
"""

import json
import sys
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

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


class Target(NamedTuple):
    """A parser under test.

    Attributes:
        parse: reads some bytes.
        refusal: what it may raise.
        good: files that it takes.
    """

    parse: Callable[[bytes], object]
    refusal: type[Exception] | tuple[()]
    good: Iterable[bytes]


_SCHEME = SCHEMES["brats2023"]
_SHAPE = (4, 5, 6)


def nifti(folder: Path) -> Target:
    """Unpack a volume, compressed or not."""
    import nibabel as nib

    del folder
    plain = nib.Nifti1Image(np.arange(120, dtype=np.int16).reshape(_SHAPE), np.eye(4)).to_bytes()

    return Target(unpack, NiftiError, (plain, pack(plain)))


def probabilities(folder: Path) -> Target:
    """Read a network's probabilities."""
    path = folder / "P-1.npz"
    np.savez(path, probabilities=np.full((len(_SCHEME.labels) + 1, *_SHAPE[::-1]), 0.25, np.float32))

    def parse(data: bytes) -> None:
        path.write_bytes(data)
        read_probabilities(path, _SCHEME, _SHAPE)

    return Target(parse, ProbabilityError, (path.read_bytes(),))


def query(folder: Path) -> Target:
    """Read an address, which anybody can send somebody: nothing in it may break the page."""
    del folder

    def parse(data: bytes) -> None:
        text = data.decode("utf-8", "replace")
        read_query(text)
        read_cohort_query(text)

    good = "?patient=P-1&eps=0.001&component=distmap:ET:2&cursor=1,2,3&camera=0,0,0,1,1&window=10:200&off=ED"
    return Target(parse, (), (good.encode(),))


def notes(folder: Path) -> Target:
    """Read a file of notes, JSON or CSV."""
    del folder
    entry = dict.fromkeys(COLUMNS, "a") | {"version": 1, "action": "add", "time_utc": "2026-01-02T03:04:05Z"}

    def parse(data: bytes) -> None:
        read_notes(data.decode("utf-8", "replace"))

    as_json = json.dumps({"format": FORMAT, "schema": SCHEMA, "entries": [entry]})
    as_csv = ",".join(COLUMNS) + "\n" + ",".join(str(entry[name]) for name in COLUMNS) + "\n"
    return Target(parse, NoteError, (as_json.encode(), as_csv.encode()))


def study(folder: Path) -> Target:
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
        read_study(folder)

    return Target(parse, StudyError, (good.encode(),))


PARSERS = {one.__name__: one for one in (nifti, probabilities, query, notes, study)}


def main() -> None:
    """Fuzz the parser that is named until an option of libFuzzer ends it or something breaks."""
    if len(sys.argv) == 1:
        sys.stdout.write(" ".join(PARSERS))
        return
    if sys.argv[1] not in PARSERS:
        sys.exit(f"No parser {sys.argv[1]!r}, there are {', '.join(PARSERS)}")
    with tempfile.TemporaryDirectory() as name:
        corpus = Path(name) / "corpus"
        corpus.mkdir()
        parse, refusal, good = PARSERS[sys.argv[1]](Path(name))
        for number, seed in enumerate(good):
            parse(seed)  # to begin with what is refused at once would reach nothing
            (corpus / str(number)).write_bytes(seed)

        def attempt(data: bytes) -> None:
            with suppress(refusal):
                parse(data)

        atheris.Setup([sys.argv[0], *sys.argv[2:], str(corpus)], attempt)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
