"""Probabilities and response maps, ours and nnU-Net's, found beside label maps and read on their grid."""

import io
import os
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.cohort.label_map import LabelMap
from analysis.cohort.labels import SCHEMES
from analysis.cohort.nifti import write_image, write_label_map
from analysis.cohort.probabilities import (
    Probabilities,
    ProbabilityError,
    probability_channels,
    read_probabilities,
    write_probabilities,
)
from analysis.cohort.scalar_maps import ScalarMapError, read_scalar_map
from analysis.cohort.sources import Method, Reference
from analysis.cohort.study import Study, read_study, write_study

GLIOMA = SCHEMES["brats2023"]
SHAPE = (7, 6, 5)
PATIENT = "TST-00001-000"


def nnunet_file(path: Path, at: tuple[int, int, int] = (3, 2, 1), dtype: type = np.float32) -> Path:
    """As nnU-Net writes it, (c, z, y, x) with the background first: one voxel (x, y, z) is certainly ED."""
    x, y, z = at
    stored = np.zeros((4, *SHAPE[::-1]), dtype)
    stored[0] = 1
    stored[:, z, y, x] = (0, 0, 1, 0)
    np.savez(path, probabilities=stored)
    return path


def label_map() -> LabelMap:
    return LabelMap(np.zeros(SHAPE, np.uint8), np.diag([1.0, 1, 1, 1]))


# --- probabilities


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_nnunets_probabilities_are_turned_from_zyx_to_xyz_and_lose_their_background(
    tmp_path: Path, dtype: type
) -> None:
    found = read_probabilities(nnunet_file(tmp_path / "case.npz", dtype=dtype), GLIOMA, SHAPE)
    assert found.codes_cxyz.shape == (3, *SHAPE)
    assert found.codes_cxyz[1, 3, 2, 1] == 255
    assert found.codes_cxyz.sum() == 255
    assert found.of([2])[3, 2, 1] == 255


@given(st.tuples(*(st.integers(0, size - 1) for size in SHAPE)), st.integers(0, 2), st.integers(1, 255))
def test_a_box_of_ours_comes_back_where_it_was(start: tuple[int, int, int], channel: int, code: int) -> None:
    codes = np.zeros((3, *(size - first for size, first in zip(SHAPE, start, strict=True))), np.uint8)
    codes[channel, 0, 0, 0] = code
    with TemporaryDirectory() as name:
        folder = Path(name)
        write_probabilities(folder / "case.npz", codes, [[1], [2], [3]], start=start, shape=SHAPE)
        found = read_probabilities(folder / "case.npz", GLIOMA, SHAPE)
    assert found.codes_cxyz[(channel, *start)] == code
    assert found.codes_cxyz.sum() == code


def test_a_region_is_its_own_channel_or_the_sum_of_its_labels() -> None:
    codes = np.array([10, 20, 30], np.uint8).reshape(3, 1, 1, 1)
    labels = Probabilities(codes, tuple(frozenset({value}) for value in (1, 2, 3)))
    assert labels.of([1, 3]).item() == 40
    regions = Probabilities(codes, (frozenset({1, 2, 3}), frozenset({1, 3}), frozenset({3})))
    assert [regions.of(one).item() for one in ([1, 2, 3], [3, 1], [3])] == [10, 20, 30]
    with pytest.raises(
        ProbabilityError, match="no probability of labels 2: the channels are 1, 2, 3; 1, 3; 3"
    ):
        regions.of([2])


def test_the_first_files_of_ours_named_labels_by_number(tmp_path: Path) -> None:
    codes = np.full((2, 1, 1, 1), 9, np.uint8)
    np.savez(tmp_path / "old.npz", probabilities=codes, labels=(1, 3), start=(0, 0, 0), shape=(1, 1, 1))
    found = read_probabilities(tmp_path / "old.npz", GLIOMA, (1, 1, 1))
    assert found.members == (frozenset({1}), frozenset({3}))


def test_probabilities_of_another_volume_or_of_regions_of_unknown_order_are_refused(tmp_path: Path) -> None:
    path = nnunet_file(tmp_path / "case.npz")
    with pytest.raises(
        ProbabilityError, match=r"shape \(7, 6, 5\) \(x, y, z\), the label map has \(5, 6, 7\)"
    ):
        read_probabilities(path, GLIOMA, SHAPE[::-1])
    np.savez(path, probabilities=np.zeros((3, *SHAPE[::-1]), np.float32))
    with pytest.raises(ProbabilityError, match="expected floats of background and 3 labels, found float32"):
        probability_channels(path, GLIOMA)
    codes = np.zeros((3, 2, 2, 2), np.uint8)
    write_probabilities(path, codes, [[1], [2], [3]], start=(6, 0, 0), shape=SHAPE)
    with pytest.raises(ProbabilityError, match=r"a box of \(2, 2, 2\) at \(6, 0, 0\) does not fit"):
        read_probabilities(path, GLIOMA, SHAPE)
    write_probabilities(path, codes, [[1], [2], [3]], start=(0, 0, 0), shape=SHAPE)
    with pytest.raises(
        ProbabilityError, match=r"of a volume of shape \(7, 6, 5\), the label map has \(9, 9, 9\)"
    ):
        read_probabilities(path, GLIOMA, (9, 9, 9))


def test_a_pickle_a_broken_file_and_a_file_that_claims_terabytes_are_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "case.npz"
    np.savez(path, probabilities=np.array([object()], dtype=object))
    with pytest.raises(ProbabilityError, match="holds a pickle, which is a program"):
        probability_channels(path, GLIOMA)
    path.write_bytes(b"no archive")
    with pytest.raises(ProbabilityError, match="no readable array 'probabilities'"):
        probability_channels(path, GLIOMA)
    header = io.BytesIO()
    huge = {"descr": "<f4", "fortran_order": False, "shape": (4, 10**6, 10**6, 10**6)}
    np.lib.format.write_array_header_1_0(header, huge)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("probabilities.npy", header.getvalue())
    with pytest.raises(ProbabilityError, match="the label map has"):
        read_probabilities(path, GLIOMA, SHAPE)


# --- maps beside a label map


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """One patient by one method, with probabilities and responses beside its label map."""
    for folder in ("reference", "net"):
        write_label_map(tmp_path / folder / f"{PATIENT}.nii.gz", label_map())
    nnunet_file(tmp_path / "net" / f"{PATIENT}.npz")
    responses(tmp_path / "net" / "responses" / PATIENT, "-sdtET", "-sdt1", "-tta-variance", "-sdtXX", "-t1c")
    responses(tmp_path / "net", "_sdtED")
    return Study(tmp_path, "s", GLIOMA, Reference(folder="reference"), (Method("net", folder="net"),))


def responses(folder: Path, *names: str, value: float = -0.5) -> None:
    for name in names:
        values: npt.NDArray[np.float32] = np.full(SHAPE, value, np.float32)
        write_image(folder / f"{PATIENT}{name}.nii.gz", values, np.diag([1.0, 1, 1, 1]))


def test_maps_are_found_beside_the_label_map_and_strangers_are_not(study: Study) -> None:
    found = study.scalar_maps(study.patients()[0], "net")
    assert [one.name for one in found] == [
        *("p-NCR", "p-ED", "p-ET", "sdt-ED", "sdt-NCR", "sdt-ET", "tta-variance"),
    ]
    assert [sorted(one.members) for one in found] == [[1], [2], [3], [2], [1], [3], []]


def test_a_folder_on_a_disk_is_not_listed_for_the_maps_of_one_patient(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient, listed = study.patients()[0], []
    for name in ("scandir", "listdir"):
        monkeypatch.setattr(os, name, lambda *_: listed.append(1))
    assert len(study.scalar_maps(patient, "net")) == 7
    assert listed == []


def test_a_settled_folder_is_looked_through_once_and_again_when_files_come_or_go(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = study.folder / "net"
    for place in (folder, *(one for one in folder.rglob("*") if one.is_dir())):
        os.utime(place, (1e9, 1e9))
    looks, isfile = list[str](), os.path.isfile
    monkeypatch.setattr(os.path, "isfile", lambda path: looks.append(path) or isfile(path))

    def names() -> set[str]:
        looks.clear()
        return {one.name for one in study.scalar_maps(study.patients()[0], "net")}

    first = names()
    assert len(looks) > 50
    assert names() == first
    assert looks == []
    responses(folder, "-singNCR")  # changes the folder's time to now, which is not settled
    assert names() == first | {"sing-NCR"}
    os.utime(folder, (2e9, 2e9))
    (folder / f"{PATIENT}-singNCR.nii.gz").unlink()
    os.utime(folder, (1.5e9, 1.5e9))
    assert names() == first


def test_study_toml_may_name_other_folders(study: Study) -> None:
    nnunet_file(folder_of(study, "p") / f"{PATIENT}.npz")
    responses(folder_of(study, "r"), "-singET", value=0.25)
    method = Method("net", folder="net", probabilities="p", responses="r")
    write_study(Study(study.folder, "s", GLIOMA, study.reference, (method,)))
    again = read_study(study.folder)
    found = again.scalar_maps(again.patients()[0], "net")
    assert [(one.name, one.path.parent.name) for one in found] == [
        *(("p-NCR", "p"), ("p-ED", "p"), ("p-ET", "p"), ("sing-ET", "r")),
    ]
    assert again.probability_file(again.patients()[0], "net") == study.folder / "p" / f"{PATIENT}.npz"
    assert read_scalar_map(found[-1], GLIOMA, label_map()).max() == 0.25


def folder_of(study: Study, name: str) -> Path:
    (study.folder / name).mkdir(exist_ok=True)
    return study.folder / name


def test_a_map_is_read_on_the_grid_of_its_label_map_or_refused(study: Study) -> None:
    found = {one.name: one for one in study.scalar_maps(study.patients()[0], "net")}
    assert read_scalar_map(found["p-ED"], GLIOMA, label_map())[3, 2, 1] == 1
    assert read_scalar_map(found["sdt-ET"], GLIOMA, label_map()).mean() == -0.5
    moved = LabelMap(label_map().labels, np.diag([1.0, 1, 2, 1]))
    with pytest.raises(ScalarMapError, match=r"its label map has \(7, 6, 5\)"):
        read_scalar_map(found["sdt-ET"], GLIOMA, moved)


def test_a_broken_file_of_probabilities_is_listed_and_says_what_is_wrong_when_read(study: Study) -> None:
    (study.folder / "net" / f"{PATIENT}.npz").write_bytes(b"no archive")
    first = study.scalar_maps(study.patients()[0], "net")[0]
    assert first.name == "p-NCR"
    with pytest.raises(ProbabilityError, match="no readable array"):
        read_scalar_map(first, GLIOMA, label_map())


def test_a_method_without_the_patient_has_no_maps(study: Study) -> None:
    (study.folder / "net" / f"{PATIENT}.nii.gz").unlink()
    assert study.scalar_maps(study.patients()[0], "net") == []
    assert study.probability_file(study.patients()[0], "net") is None
