"""study.toml and published tables made up to break something: read, or refused with a sentence."""

import json
from pathlib import Path

import pytest
import tomli_w
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.cohort.study import Study, StudyError, read_study
from analysis.published import PublishedTables, read_published

FILES = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
VALUES = st.recursive(
    st.one_of(st.booleans(), st.integers(-(2**31), 2**31), st.floats(), TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=6,
)
KEYS = st.sampled_from(
    [
        "schema",
        "name",
        "scheme",
        "regions",
        "reference",
        "methods",
        "images",
        "folds",
        "pins",
        "patients",
        "x",
    ]
)
GOOD = {"schema": 1, "name": "made up", "scheme": "brats2023", "reference": {"folder": "truth"}}
RANKINGS = "rankings.json"


def read_or_refused(folder: Path) -> Study | None:
    try:
        return read_study(folder)
    except StudyError:
        return None


@FILES
@given(data=st.binary(max_size=200))
def test_no_bytes_in_study_toml_do_anything_but_parse_or_refuse(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "study.toml").write_bytes(data)
    read_or_refused(tmp_path)


@FILES
@given(document=st.dictionaries(KEYS, VALUES, max_size=6), near=st.sampled_from([{}, GOOD]))
def test_no_table_in_study_toml_does_anything_but_parse_or_refuse(
    tmp_path: Path, document: dict[str, object], near: dict[str, object]
) -> None:
    (tmp_path / "study.toml").write_text(tomli_w.dumps({**near, **document}))
    read_or_refused(tmp_path)


@pytest.mark.parametrize("patient", ["../../escape", "/etc/passwd", "a/b", "..", "nul\0"])
def test_no_patient_leads_out_of_the_study(tmp_path: Path, patient: str) -> None:
    (tmp_path / "study.toml").write_text(tomli_w.dumps(GOOD))
    study = read_or_refused(tmp_path)
    if study is not None:
        with pytest.raises(ValueError, match="no patient"):
            study.consensus_path(patient)


def published_or_refused(folder: Path) -> PublishedTables | None:
    try:
        return read_published(folder)
    except ValueError:
        return None


@FILES
@given(data=st.binary(max_size=200))
def test_no_bytes_in_rankings_do_anything_but_parse_or_refuse(tmp_path: Path, data: bytes) -> None:
    (tmp_path / RANKINGS).write_bytes(data)
    published_or_refused(tmp_path)


@FILES
@given(text=st.recursive(VALUES, lambda inner: st.lists(inner, max_size=2), max_leaves=3))
def test_no_json_in_rankings_does_anything_but_parse_or_refuse(tmp_path: Path, text: object) -> None:
    (tmp_path / RANKINGS).write_text(json.dumps(text))
    published_or_refused(tmp_path)


@pytest.mark.slow
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(
    name=st.sampled_from(
        [
            "fragments_topological_cv.csv",
            "hd95_per_class_cv.csv",
            "patient_features.csv",
            "patient_agreement_features.csv",
        ]
    ),
    damage=st.sampled_from(["bytes", "cut", "no header", "text for numbers", "a column twice", "empty"]),
    seed=st.integers(0, 2**16),
)
def test_a_damaged_published_table_is_read_or_refused(
    test_data: Path, tmp_path: Path, name: str, damage: str, seed: int
) -> None:
    for path in (test_data / "published").iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    table = tmp_path / name
    table.write_bytes(damaged(table.read_bytes(), damage, seed))
    published_or_refused(tmp_path)


def damaged(data: bytes, damage: str, seed: int) -> bytes:
    lines = data.splitlines()
    place = seed % len(data)
    column = seed % len(lines[0].split(b","))
    if damage == "bytes":
        return data[:place] + b'\xff\x00"' + data[place + 3 :]
    if damage == "cut":
        return data[:place]
    if damage == "no header":
        return b"\n".join(lines[1:])
    if damage == "a column twice":
        return b"\n".join(line + b"," + line.split(b",")[column] for line in lines)
    if damage == "text for numbers":
        cells = [line.split(b",") for line in lines]
        cells[1 + seed % (len(cells) - 1)][column] = b"many"
        return b"\n".join(b",".join(row) for row in cells)
    return b""
