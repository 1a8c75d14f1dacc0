"""Archives of probabilities made up to break something: read, or refused with a sentence, never unpacked."""

import io
import zipfile
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.cohort.labels import SCHEMES
from analysis.cohort.probabilities import (
    ProbabilityError,
    probability_channels,
    read_probabilities,
    write_probabilities,
)

GLIOMA = SCHEMES["brats2023"]
SHAPE = (7, 6, 5)
FILES = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
ARRAYS = st.one_of(
    st.lists(st.integers(-3, 9), max_size=4).map(np.array),
    st.lists(st.text(max_size=3), max_size=3).map(np.array),
    st.floats().map(np.array),
    st.sampled_from(
        [np.zeros((3, 2, 2, 2), np.uint8), np.zeros((4, *SHAPE[::-1]), np.float32), np.array(None)]
    ),
)


def ours(path: Path) -> bytes:
    codes = np.arange(3 * 4 * 3 * 2, dtype=np.uint8).reshape(3, 4, 3, 2)
    write_probabilities(path, codes, [[1], [2], [3]], start=(1, 1, 1), shape=SHAPE)
    return path.read_bytes()


def nnunets(path: Path) -> bytes:
    np.savez_compressed(path, probabilities=np.full((4, *SHAPE[::-1]), 0.25, np.float32))
    return path.read_bytes()


def read_or_refused(path: Path) -> None:
    with suppress(ProbabilityError):
        read_probabilities(path, GLIOMA, SHAPE)


@FILES
@given(data=st.binary(max_size=120))
def test_no_bytes_do_anything_but_be_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "case.npz"
    path.write_bytes(data)
    with pytest.raises(ProbabilityError):
        read_probabilities(path, GLIOMA, SHAPE)


@FILES
@given(
    made=st.sampled_from([ours, nnunets]), place=st.floats(0, 0.999), odd=st.binary(min_size=1, max_size=4)
)
def test_no_wrong_bytes_in_a_good_file_do_anything_but_parse_or_refuse(
    tmp_path: Path, made, place: float, odd: bytes
) -> None:
    path = tmp_path / "case.npz"
    data = bytearray(made(path))
    at = int(place * len(data))
    data[at : at + len(odd)] = odd
    path.write_bytes(data)
    read_or_refused(path)
    path.write_bytes(data[:at])
    read_or_refused(path)


@FILES
@given(
    arrays=st.dictionaries(st.sampled_from(["probabilities", "members", "labels", "start", "shape"]), ARRAYS)
)
def test_no_arrays_of_other_kinds_do_anything_but_parse_or_refuse(
    tmp_path: Path, arrays: dict[str, np.ndarray]
) -> None:
    path = tmp_path / "case.npz"
    np.savez(path, **{"probabilities": np.zeros((3, 2, 2, 2), np.uint8), **arrays})
    read_or_refused(path)


@pytest.mark.parametrize("name", ["members", "start", "shape"])
def test_what_stands_beside_the_probabilities_may_not_claim_terabytes(tmp_path: Path, name: str) -> None:
    ours(tmp_path / "good.npz")
    path, header = tmp_path / "case.npz", io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<i8", "fortran_order": False, "shape": (10**12,)})
    with zipfile.ZipFile(tmp_path / "good.npz") as good, zipfile.ZipFile(path, "w") as bad:
        for member in good.namelist():
            bad.writestr(member, header.getvalue() if member == f"{name}.npy" else good.read(member))
    with pytest.raises(ProbabilityError, match=f"{name!r} .* 1000000000000"):
        read_probabilities(path, GLIOMA, SHAPE)


def test_a_zip_bomb_is_unpacked_no_further_than_its_label_map_is_large(tmp_path: Path) -> None:
    path = tmp_path / "case.npz"
    np.savez_compressed(path, probabilities=np.zeros((4, 200, 200, 200), np.float32))
    assert path.stat().st_size < 200_000
    assert len(probability_channels(path, GLIOMA).members) == 3
    with pytest.raises(ProbabilityError, match="the label map has"):
        read_probabilities(path, GLIOMA, SHAPE)
