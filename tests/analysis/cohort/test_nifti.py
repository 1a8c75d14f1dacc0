"""NIfTI files that are honest are read as nibabel reads them; those that lie are refused with a sentence."""

import gzip
import struct
from collections.abc import Callable
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from analysis.cohort.label_map import LabelMap
from analysis.cohort.label_map import spacing_mm as spacing_mm_of
from analysis.cohort.labels import SCHEMES, LabelScheme
from analysis.cohort.nifti import (
    NiftiError,
    as_label_map,
    image_bytes,
    parse_volume,
    read_image,
    read_label_map,
    write_image,
    write_label_map,
)
from analysis.cohort.nifti_bytes import LARGEST_VOLUME_BYTES, pack, unpack

BRATS2023 = SCHEMES["brats2023"]
LPS = np.array([[-1.0, 0, 0, 0], [0, -1, 0, 239], [0, 0, 1, 0], [0, 0, 0, 1]])


@pytest.fixture
def labels() -> np.ndarray:
    return np.random.default_rng(7).integers(0, 4, (5, 6, 7)).astype(np.uint8)


def _header(**fields: object) -> bytearray:
    """A NIfTI-1 file of 2 x 2 x 2 zeros with some header fields overwritten, uncompressed."""
    data = bytearray(image_bytes(np.zeros((2, 2, 2), np.uint8), LPS))
    places = {"dim": (40, "<8h"), "datatype": (70, "<h"), "bitpix": (72, "<h"), "vox_offset": (108, "<f")}
    places |= {
        "scl_slope": (112, "<f"),
        "magic": (344, "4s"),
        "srow_x": (280, "<4f"),
        "sizeof_hdr": (0, "<i"),
    }
    for name, value in fields.items():
        offset, form = places[name]
        struct.pack_into(form, data, offset, *(value if isinstance(value, tuple) else (value,)))
    return data


@given(
    hnp.arrays(np.uint8, hnp.array_shapes(min_dims=3, max_dims=3, max_side=6), elements=st.integers(0, 3)),
    st.permutations([0, 1, 2]),
    st.tuples(*[st.sampled_from([-2.0, -1.0, 0.5, 1.0])] * 3),
)
def test_a_written_label_map_reads_back_equal_under_any_axis_order_and_flip(
    tmp_path_factory: pytest.TempPathFactory, labels: np.ndarray, axes: list[int], steps: tuple[float, ...]
) -> None:
    affine = np.eye(4)
    affine[:3, :3] = np.diag(steps)[axes]
    affine[:3, 3] = 10, -20, 30
    path = tmp_path_factory.mktemp("nifti") / "map.nii.gz"
    write_label_map(path, LabelMap(labels, affine))
    found = read_label_map(path, BRATS2023)
    assert np.array_equal(found.labels, labels)
    assert np.array_equal(found.affine, affine)


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint16, np.int32, np.float32, np.float64])
@pytest.mark.parametrize("order", ["<", ">"])
def test_every_data_type_and_byte_order_is_read_as_nibabel_reads_it(
    tmp_path: Path, dtype: type, order: str
) -> None:
    values = np.arange(24, dtype=dtype).reshape(2, 3, 4)
    header = nib.Nifti1Header(endianness=order)
    header.set_data_dtype(np.dtype(dtype).newbyteorder(order))
    nib.Nifti1Image(values, LPS, header).to_filename(tmp_path / "image.nii.gz")
    found, affine = read_image(tmp_path / "image.nii.gz")
    assert np.array_equal(found, values)
    assert found.dtype == dtype
    assert np.array_equal(affine, LPS)


def test_nifti_2_and_uncompressed_files_are_read(tmp_path: Path, labels: np.ndarray) -> None:
    nib.Nifti2Image(labels, LPS).to_filename(tmp_path / "two.nii")
    assert np.array_equal(read_label_map(tmp_path / "two.nii", BRATS2023).labels, labels)


def test_scaled_values_are_read_as_nibabel_scales_them(tmp_path: Path) -> None:
    image = nib.Nifti1Image(np.arange(8, dtype=np.int16).reshape(2, 2, 2), LPS)
    image.header.set_slope_inter(0.5, 3)
    image.to_filename(tmp_path / "scaled.nii.gz")
    expected = np.asanyarray(nib.load(tmp_path / "scaled.nii.gz").dataobj)
    assert np.allclose(read_image(tmp_path / "scaled.nii.gz")[0], expected)


def test_a_fourth_axis_of_length_one_is_dropped(labels: np.ndarray) -> None:
    four = nib.Nifti1Image(labels[..., None], LPS).to_bytes()
    assert parse_volume(four).values.shape == labels.shape


def test_a_gzip_file_of_several_streams_is_read_whole(labels: np.ndarray) -> None:
    data = image_bytes(labels, LPS)
    split = gzip.compress(data[:400]) + gzip.compress(data[400:])
    assert np.array_equal(parse_volume(split).values, labels)


def test_writing_twice_gives_the_same_bytes(tmp_path: Path, labels: np.ndarray) -> None:
    for name in ("a.nii.gz", "b.nii.gz"):
        write_label_map(tmp_path / name, LabelMap(labels, LPS), "CC-Consensus")
    assert (tmp_path / "a.nii.gz").read_bytes() == (tmp_path / "b.nii.gz").read_bytes()
    assert bytes(nib.load(tmp_path / "a.nii.gz").header["descrip"]).startswith(b"CC-Consensus")


def test_an_image_keeps_its_data_type(tmp_path: Path) -> None:
    values = np.arange(24, dtype=np.int16).reshape(2, 3, 4)
    write_image(tmp_path / "t1.nii.gz", values, LPS)
    assert nib.load(tmp_path / "t1.nii.gz").get_data_dtype() == np.int16
    assert np.array_equal(read_image(tmp_path / "t1.nii.gz")[0], values)


def test_a_name_that_is_not_nifti_is_refused(tmp_path: Path, labels: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"map\.npy: a NIfTI file is called \.nii\.gz or \.nii"):
        write_label_map(tmp_path / "map.npy", LabelMap(labels, LPS))


def test_float_labels_that_are_whole_are_accepted(tmp_path: Path, labels: np.ndarray) -> None:
    write_image(tmp_path / "float.nii.gz", labels.astype(np.float32), LPS)
    assert np.array_equal(read_label_map(tmp_path / "float.nii.gz", BRATS2023).labels, labels)


@pytest.mark.parametrize("stored", [np.uint8, np.int16])
def test_labels_that_went_through_a_scale_factor_are_read_as_what_they_were(
    tmp_path: Path, labels: np.ndarray, stored: type
) -> None:
    image = nib.Nifti1Image(labels.astype(np.float64), LPS)
    image.set_data_dtype(stored)  # nibabel then finds a factor that spreads 0 to 3 over the whole type
    image.to_filename(tmp_path / "scaled.nii.gz")
    assert not set(np.unique(read_image(tmp_path / "scaled.nii.gz")[0])) <= {0, 1, 2, 3}, "they are not whole"
    assert np.array_equal(read_label_map(tmp_path / "scaled.nii.gz", BRATS2023).labels, labels)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (0.5, "0.5"),
        (1.0001, "1.0001"),
        (-1, "-1"),
        (np.nan, "nan"),
        (256, "256"),
        (np.inf, "inf"),
        (1e9, "1e\\+09"),
    ],
)
def test_labels_that_are_not_whole_numbers_are_refused_with_an_example(value: float, found: str) -> None:
    values = np.zeros((3, 3, 3), np.float64)
    values[1, 1, 1] = value
    with pytest.raises(
        NiftiError, match=f"^labels must be whole numbers from 0 to 255, found {found} in 1 voxels$"
    ):
        as_label_map(parse_volume(image_bytes(values, LPS)), BRATS2023)


def test_label_4_under_brats2023_suggests_brats2021(tmp_path: Path) -> None:
    write_image(tmp_path / "seg.nii.gz", np.full((2, 2, 2), 4, np.uint8), LPS)
    sentence = (
        "holds label 4, scheme brats2023 allows 0, 1, 2, 3; "
        "it fits scheme brats2021 (init --scheme, or scheme in study.toml)"
    )
    with pytest.raises(NiftiError) as caught:
        read_label_map(tmp_path / "seg.nii.gz", BRATS2023)
    assert str(caught.value) == f"{tmp_path / 'seg.nii.gz'}: {sentence}"


def test_brats2021_reads_4_as_3() -> None:
    values = np.array([0, 1, 2, 4, 4, 0], np.uint8).reshape(3, 1, 2)
    labels = as_label_map(parse_volume(image_bytes(values, LPS)), SCHEMES["brats2021"]).labels
    assert labels.ravel().tolist() == [0, 1, 2, 3, 3, 0]
    assert labels.flags.f_contiguous, "the memory order of the file, which the kernels count on"


def test_3_and_4_in_one_file_are_never_merged_in_silence() -> None:
    values = np.array([0, 1, 3, 4], np.uint8).reshape(4, 1, 1)
    sentence = (
        "holds both 3 and 4, which scheme brats2021 reads as one label; "
        "it fits scheme brats2024-post (init --scheme, or scheme in study.toml)"
    )
    with pytest.raises(NiftiError) as caught:
        as_label_map(parse_volume(image_bytes(values, LPS)), SCHEMES["brats2021"])
    assert str(caught.value) == sentence


def test_a_label_that_no_scheme_knows_is_refused_without_a_suggestion() -> None:
    values = np.full((2, 2, 2), 200, np.uint8)
    with pytest.raises(NiftiError, match=r"^holds label 200, scheme brats2023 allows 0, 1, 2, 3$"):
        as_label_map(parse_volume(image_bytes(values, LPS)), BRATS2023)


def test_a_scheme_with_gaps_is_checked_value_by_value() -> None:
    scheme = LabelScheme("own", BRATS2023.labels[::2], {"A": (1, 3)}, ("A",))
    assert (
        as_label_map(parse_volume(image_bytes(np.full((2, 2, 2), 3, np.uint8), LPS)), scheme).labels.max()
        == 3
    )
    with pytest.raises(NiftiError, match="holds label 2, scheme own allows 0, 1, 3"):
        as_label_map(parse_volume(image_bytes(np.full((2, 2, 2), 2, np.uint8), LPS)), scheme)


@pytest.mark.parametrize("keep", [0, 3, 100, 348, 352, 360, 400])
def test_a_truncated_gzip_file_is_refused_at_any_length(labels: np.ndarray, keep: int) -> None:
    data = pack(image_bytes(labels, LPS))
    with pytest.raises(NiftiError, match=r"truncated|not a NIfTI file"):
        unpack(data[: min(keep, len(data) - 1)])


def test_a_gzip_file_with_one_wrong_byte_is_refused(labels: np.ndarray) -> None:
    data = bytearray(pack(image_bytes(labels, LPS)))
    data[-8] ^= 1  # of the checksum
    with pytest.raises(NiftiError, match="a broken gzip file"):
        unpack(bytes(data))


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"dim": (3, -2, 2, 2, 1, 1, 1, 1)}, "impossible shape"),
        ({"dim": (3, 0, 2, 2, 1, 1, 1, 1)}, "impossible shape"),
        ({"dim": (-3, 2, 2, 2, 1, 1, 1, 1)}, "broken NIfTI header|impossible shape|not a NIfTI"),
        ({"dim": (4, 2, 2, 1, 2, 1, 1, 1)}, "three axes, found 4"),
        ({"dim": (2, 4, 2, 1, 1, 1, 1, 1)}, "three axes, found 2"),
        ({"dim": (3, 3, 2, 2, 1, 1, 1, 1)}, "truncated"),
        ({"dim": (3, 1, 2, 2, 1, 1, 1, 1)}, "holds more than the 356 bytes"),
        ({"dim": (3, 32767, 32767, 32767, 1, 1, 1, 1)}, f"the most allowed is {LARGEST_VOLUME_BYTES}"),
        ({"datatype": 32, "bitpix": 64}, "integers or floats, found complex64"),
        ({"datatype": 999}, "broken NIfTI header"),
        ({"vox_offset": 1e30}, "impossible byte 1e\\+30"),
        ({"vox_offset": -352.0}, "impossible byte -352|vox offset -352 too low"),
        ({"vox_offset": float("nan")}, "impossible byte nan"),
        ({"magic": b"ni1\0"}, "in two files"),
        ({"srow_x": (0.0, 0.0, 0.0, 0.0)}, "not invertible"),
        ({"srow_x": (float("nan"), 0.0, 0.0, 0.0)}, "not invertible"),
        ({"sizeof_hdr": 7}, "not a NIfTI file"),
    ],
)
def test_a_header_that_lies_is_refused(fields: dict[str, object], sentence: str) -> None:
    with pytest.raises(NiftiError, match=sentence):
        unpack(bytes(_header(**fields)))
    with pytest.raises(NiftiError, match=sentence):
        unpack(pack(bytes(_header(**fields))))


def test_a_gzip_bomb_costs_no_more_than_its_header_allows() -> None:
    import tracemalloc

    bomb = gzip.compress(bytes(_header()) + bytes(50 * 2**20))
    tracemalloc.start()
    with pytest.raises(NiftiError, match="holds more than the 360 bytes"):
        unpack(bomb)
    assert tracemalloc.get_traced_memory()[1] < 2**20
    tracemalloc.stop()


def test_a_huge_promise_in_a_small_file_allocates_nothing() -> None:
    import tracemalloc

    liar = pack(bytes(_header(dim=(3, 1000, 1000, 1000, 1, 1, 1, 1))))
    tracemalloc.start()
    with pytest.raises(NiftiError, match=r"truncated: .* can't hold"):
        unpack(liar)
    assert tracemalloc.get_traced_memory()[1] < 2**20
    tracemalloc.stop()


@given(st.binary(max_size=600), st.sampled_from([pack, bytes]))
def test_no_bytes_at_all_do_anything_but_parse_or_refuse(
    data: bytes, stored: Callable[[bytes], bytes]
) -> None:
    try:
        unpack(stored(data))
    except NiftiError:
        return
    assert len(data) > 348


@given(st.integers(0, 347), st.integers(0, 255), st.sampled_from([pack, bytes]))
def test_no_single_wrong_header_byte_does_anything_but_parse_or_refuse(
    place: int, value: int, stored: Callable[[bytes], bytes]
) -> None:
    data = _header()
    data[place] = value
    try:
        layout, values = unpack(stored(bytes(data)))
    except NiftiError:
        return
    assert values.shape == layout.shape


def test_a_missing_header_orientation_is_noticed() -> None:
    assert not parse_volume(nib.Nifti1Image(np.zeros((2, 2, 2), np.uint8), None).to_bytes()).has_orientation
    assert not parse_volume(image_bytes(np.zeros((2, 2, 2), np.uint8), np.eye(4))).has_orientation
    assert parse_volume(image_bytes(np.zeros((2, 2, 2), np.uint8), LPS)).has_orientation


@pytest.mark.parametrize("spacing_mm", [(1.0, 1.0, 1.0), (0.9765625, 0.9765625, 3.0), (0.7, 1.3, 2.1)])
@pytest.mark.parametrize("seed", range(5))
def test_an_oblique_affine_keeps_the_voxel_size_that_its_header_states(
    labels: np.ndarray, spacing_mm: tuple[float, float, float], seed: int
) -> None:
    axes, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))
    affine = np.eye(4)
    affine[:3, :3] = axes * spacing_mm
    found = parse_volume(image_bytes(labels, affine))
    assert spacing_mm_of(found.affine) == pytest.approx(np.float32(spacing_mm).astype(float), rel=1e-15)
    np.testing.assert_allclose(found.affine, affine, rtol=0, atol=3e-7)


def test_where_the_header_contradicts_the_affine_the_affine_stands(labels: np.ndarray) -> None:
    image = nib.Nifti1Image(labels, np.diag([1.0, 1.0, 3.0, 1.0]))
    image.header["pixdim"][3] = 3.1
    assert spacing_mm_of(parse_volume(image.to_bytes()).affine) == (1.0, 1.0, 3.0)


def test_every_real_file_is_read_as_nibabel_reads_it(test_data: Path) -> None:
    paths = sorted((test_data / "real").rglob("*.nii.gz"))
    assert len(paths) >= 20
    for path in paths:
        values, affine = read_image(path)
        expected = nib.load(path)
        assert np.array_equal(values, np.asanyarray(expected.dataobj)), path
        assert np.array_equal(affine, expected.affine), path


def test_the_real_brats2021_scan_has_its_enhancing_tumour(test_data: Path) -> None:
    path = test_data / "real/BraTS2021_01479/BraTS2021_01479_seg.nii.gz"
    label_map = read_label_map(path, SCHEMES["brats2021"])
    assert np.bincount(label_map.labels.ravel()).tolist() == [8737749, 93298, 7407, 89546]
    with pytest.raises(NiftiError, match="it fits scheme brats2021"):
        read_label_map(path, BRATS2023)
