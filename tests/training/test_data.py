import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scenes import NAMES, PATCH, make_study, scan

from analysis.cohort.nifti import read_label_map, write_image
from analysis.cohort.study import Study
from analysis.subjects import subject_of
from training.dataset import CHANNELS, Dataset, DatasetError, open_dataset, prepare_patient
from training.folds import FoldError, check_folds, grouped_folds, study_folds
from training.patches import Batch, Patches, Sampling, batches, cut
from training.preprocessing import ImageError, crop_labels, preprocess, read_channels, restore
from training.signed_distance import dequantise, signed_distance, signed_distance_map

augment = pytest.importorskip(
    "training.augment", reason="batchgeneratorsv2 is not installed: pip install 'glioscope[training]'"
)

IDS = st.lists(
    st.builds(
        lambda subject, time: f"BraTS-GLI-{subject:05d}-{time:03d}", st.integers(0, 30), st.integers(0, 3)
    ),
    unique=True,
)


# --- folds


@given(IDS)
def test_no_subject_is_on_two_sides_of_any_fold(ids: list[str]) -> None:
    if len({subject_of(one) for one in ids}) < 5:
        return
    folds = grouped_folds(ids)
    for fold in range(5):
        held_out = {subject_of(one) for one in ids if folds[one] == fold}
        assert held_out
        assert not held_out & {subject_of(one) for one in ids if folds[one] != fold}
    assert grouped_folds(reversed(ids)) == folds


def test_a_fold_that_splits_a_subject_is_refused_by_name() -> None:
    with pytest.raises(FoldError, match="subject BraTS-GLI-00001 is split"):
        check_folds({"BraTS-GLI-00001-000": 0, "BraTS-GLI-00001-001": 1})


def test_a_studys_own_folds_are_taken_and_half_of_them_refused() -> None:
    assert study_folds({"a": 1, "b": 0}) == {"a": 1, "b": 0}
    with pytest.raises(FoldError, match="patient b has no fold"):
        study_folds({"a": 1, "b": None})
    with pytest.raises(FoldError, match="at least 5 subjects, found 2"):
        study_folds({"a": None, "b": None})


# --- preprocessing


def test_the_brain_has_mean_zero_and_deviation_one_and_the_rest_stays() -> None:
    images, labels = scan(0)
    case = preprocess(images, np.eye(4))
    for channel in case.images_czyx:
        assert channel[case.brain_zyx].mean() == pytest.approx(0, abs=1e-4)
        assert channel[case.brain_zyx].std() == pytest.approx(1, abs=1e-4)
        assert (channel[~case.brain_zyx] == 0).all()
    assert case.images_czyx.shape[1:] < labels.T.shape


def test_cropping_and_restoring_a_label_map_is_the_identity_and_turns_the_axes() -> None:
    images, labels = scan(1)
    case = preprocess(images, np.eye(4))
    cropped = crop_labels(labels, case)
    assert set(np.unique(cropped)) == {-1, 0, 1, 2, 3}
    assert np.array_equal(restore(np.maximum(cropped, 0), case.place), labels)


def test_a_hole_in_the_brain_is_brain() -> None:
    images, _ = scan(0)
    for image in images:
        image[17:19, 19:21, 16:18] = 0
    assert preprocess(images, np.eye(4)).brain_zyx.sum() == preprocess(scan(0)[0], np.eye(4)).brain_zyx.sum()


def test_our_preprocessing_is_nnunets() -> None:
    preprocessors = pytest.importorskip(
        "nnunetv2.preprocessing.normalization.default_normalization_schemes",
        reason="nnU-Net is not installed: pip install 'glioscope[nnunet]'",
    )
    from nnunetv2.preprocessing.cropping.cropping import crop_to_nonzero

    images, _ = scan(3)
    data, seg, box = crop_to_nonzero(np.stack([image.T for image in images]))
    scheme = preprocessors.ZScoreNormalization(use_mask_for_norm=True, intensityproperties={})
    theirs = np.stack([scheme.run(channel.copy(), seg[0]) for channel in data])
    case = preprocess(images, np.eye(4))
    assert [tuple(side) for side in box] == [
        (start, start + size) for start, size in zip(case.place.start, case.brain_zyx.shape, strict=True)
    ]
    assert np.allclose(case.images_czyx, theirs, atol=1e-5)


def test_bad_images_are_refused_with_patient_modality_and_reason(tmp_path: Path) -> None:
    patient = make_study(tmp_path, NAMES[:1]).patients()[0]
    paths = dict(patient.images)
    with pytest.raises(
        ImageError, match=f"patient {patient.id}: no t2f image; needed are t1n, t1c, t2w, t2f"
    ):
        read_channels(patient.id, {name: path for name, path in paths.items() if name != "t2f"}, CHANNELS)
    broken = scan(0)[0][0]
    broken[5, 5, 5:8] = np.nan
    write_image(tmp_path / "nan.nii.gz", broken, np.diag([1.0, 1, 1, 1]))
    with pytest.raises(ImageError, match="3 voxels of t1n are NaN"):
        read_channels(patient.id, {**dict.fromkeys(CHANNELS, tmp_path / "nan.nii.gz")}, CHANNELS)
    with pytest.raises(ImageError, match="t1c is not on the grid of t1n"):
        read_channels(patient.id, {**paths, "t1c": tmp_path / "nan.nii.gz"}, CHANNELS)
    with pytest.raises(ImageError, match="every voxel is 0"):
        preprocess([np.zeros((4, 4, 4))], np.eye(4))


# --- the prepared folder


def test_a_prepared_patient_holds_images_labels_and_distances_of_the_whole_volume(
    study: Study, dataset: Dataset
) -> None:
    patient = study.patients()[0]
    case = dataset.case(patient.id)
    assert patient.reference is not None
    labels = read_label_map(patient.reference, study.scheme).labels
    assert np.array_equal(np.unique(case.labels_zyx), [-1, 0, 1, 2, 3])
    assert [int((labels == value).sum()) for value in (1, 2, 3)] == list(
        dataset.summary.patients[0].voxel_counts
    )
    for index, value in enumerate((1, 2, 3)):
        expected = signed_distance_map(np.asarray(case.labels_zyx == value))
        assert (
            np.abs(dequantise(np.asarray(case.distances("signed")[index])) - expected).max() <= 1 / 254 + 1e-6
        )
        assert (case.labels_zyx[tuple(case.places[value].T)] == value).all()
    sing = dequantise(np.asarray(case.distances("sing")))
    assert np.array_equal(sing[2] > 0, np.asarray(case.labels_zyx == 3))


def test_preparing_again_touches_nothing(study: Study, dataset: Dataset) -> None:
    path = dataset.folder / study.patients()[0].id / "images.npy"
    before = path.stat().st_mtime_ns
    prepare_patient(study.patients()[0], study.scheme, dataset.folder, ("signed",))
    assert path.stat().st_mtime_ns == before


def test_reading_the_summary_gives_back_what_was_written(dataset: Dataset) -> None:
    assert open_dataset(dataset.folder).summary == dataset.summary
    sides = [{one.subject for one in dataset.patients(0, held_out=side)} for side in (False, True)]
    assert not sides[0] & sides[1]
    with pytest.raises(DatasetError, match="fold 7 leaves no patients"):
        dataset.patients(7, held_out=True)


def test_a_folder_that_was_not_prepared_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"dataset\.json is missing"):
        open_dataset(tmp_path)


# --- patches and augmentation


def some_patches(dataset: Dataset, **changes: object) -> Patches:
    sampling = replace(Sampling(PATCH, target="signed"), **changes)  # type: ignore[arg-type]
    return Patches(dataset, dataset.summary.patients, sampling)


def same(one: Batch, other: Batch) -> bool:
    return all(torch.equal(a, b) for a, b in zip(one, other, strict=True) if a is not None and b is not None)


def test_a_sample_depends_on_its_number_alone_and_disturbs_no_generator(dataset: Dataset) -> None:
    patches = some_patches(dataset)
    first = patches[7]
    torch.manual_seed(99)
    np.random.seed(99)  # noqa: NPY002
    expected = torch.rand(1), np.random.random()  # noqa: NPY002
    torch.manual_seed(99)
    np.random.seed(99)  # noqa: NPY002
    assert same(patches[7], first)
    assert (torch.rand(1), np.random.random()) == expected  # noqa: NPY002
    assert not same(patches[8], first)


def test_workers_change_nothing(dataset: Dataset) -> None:
    patches = some_patches(dataset)
    alone, helped = (list(batches(patches, range(4, 8), workers=workers)) for workers in (0, 2))
    assert len(alone) == 2
    assert all(same(one, other) for one, other in zip(alone, helped, strict=True))


def test_the_last_of_two_samples_is_centred_on_a_tumour_voxel(dataset: Dataset) -> None:
    patches = some_patches(dataset, augmented=False)
    for number in range(1, 40, 2):
        middle = patches[number].labels_bzyx[tuple(size // 2 for size in PATCH)]
        assert middle > 0 or number % 2 == 0


def test_a_box_over_the_edge_is_filled() -> None:
    array = np.arange(8).reshape(1, 2, 2, 2)
    for start in itertools.product((-5, -1, 0, 1, 4), repeat=3):
        box = cut(array, start, (3, 2, 4), -9)
        for place in itertools.product(range(3), range(2), range(4)):
            source = tuple(a + b for a, b in zip(start, place, strict=True))
            inside = all(0 <= one < 2 for one in source)
            assert box[(0, *place)] == (array[(0, *source)] if inside else -9)


def test_a_crop_is_as_large_as_its_motion_needs() -> None:
    assert augment.crop_shape((128, 128, 128), "none") == (128, 128, 128)
    assert min(augment.crop_shape((128, 128, 128), "zoom")) == 180
    assert min(augment.crop_shape((128, 128, 128), "both")) > min(
        augment.crop_shape((128, 128, 128), "rotation")
    )
    sample = augment.Sample(torch.zeros(1, 8, 8, 8), torch.zeros(8, 8, 8, dtype=torch.long), None)
    with pytest.raises(ValueError, match="smaller than the patch"):
        augment.augment(sample, (8, 8, 16), "none")


def test_motions_are_drawn_with_nnunets_probabilities() -> None:
    random = np.random.default_rng(0)
    drawn = [augment.draw_motion(random) for _ in range(5000)]
    shares = {motion: drawn.count(motion) / 5000 for motion in set(drawn)}
    assert shares == pytest.approx({"none": 0.64, "rotation": 0.16, "zoom": 0.16, "both": 0.04}, abs=0.02)


def test_outside_the_volume_distances_read_minus_one_and_labels_background(dataset: Dataset) -> None:
    patches = some_patches(dataset, patch=(64, 64, 64))
    for number in range(6):
        sample = patches[number]
        assert sample.distances_bczyx is not None
        corner = sample.distances_bczyx[:, :2, :2, :2]
        assert torch.allclose(corner, torch.tensor(-1.0), atol=1e-5)
        assert (sample.labels_bzyx[:2, :2, :2] == 0).all()


@pytest.mark.parametrize("motion", ["rotation", "zoom", "both"])
def test_carried_distances_agree_with_recomputed_ones(motion: str) -> None:
    """A tumour well inside the patch: the reach is the volume's, so both are scaled to it."""
    labels = np.zeros((64, 64, 64), np.int64)
    grid = np.indices(labels.shape) - 32
    labels[(grid**2).sum(0) <= 14**2] = 1
    labels[(grid**2).sum(0) <= 6**2] = 2
    maps = np.stack([signed_distance_map(labels == value, boundary="none") for value in (1, 2)])
    sample = augment.Sample(torch.zeros(1, 64, 64, 64), torch.from_numpy(labels), torch.from_numpy(maps))
    for seed in range(3):
        augment.seeded((seed,))
        done = augment.augment(sample, (40, 40, 40), motion)
        assert done.distances_czyx is not None
        for index, value in enumerate((1, 2)):
            carried = done.distances_czyx[index].numpy()
            inside = (done.labels_zyx == value).numpy()
            off_boundary = np.abs(carried) > 0.1
            assert (inside == (carried > 0))[off_boundary].mean() > 0.98


@pytest.mark.parametrize("motion", ["none", "rotation", "zoom", "both"])
def test_depths_inside_are_carried_as_if_they_were_recomputed(motion: str) -> None:
    """Depth over largest depth does not change under a similarity, and the whole ball stays in the patch."""
    ball = (((np.indices((64, 64, 64)) - 32) ** 2).sum(0) <= 10**2).astype(np.int64)
    whole = torch.from_numpy(signed_distance_map(ball == 1, boundary="none"))[None]
    sample = augment.Sample(torch.zeros(1, 64, 64, 64), torch.from_numpy(ball), whole)
    for seed in range(3):
        augment.seeded((seed,))
        done = augment.augment(sample, (40, 40, 40), motion)
        assert done.distances_czyx is not None
        inside = (done.labels_zyx == 1).numpy()
        again = signed_distance_map(inside, boundary="none")
        assert np.abs(done.distances_czyx[0].numpy() - again)[inside].mean() < (
            0.06 if motion != "none" else 1e-6
        )


@pytest.mark.parametrize("zoom", [0.7, 1.0, 1.4])
def test_carried_distances_are_recomputed_ones_to_a_hundredth(
    zoom: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rotated and zoomed by a known factor, distances in voxels change by it alone, and so does the reach."""
    monkeypatch.setattr(augment, "ZOOM", (zoom, zoom))
    ball = (((np.indices((72, 72, 72)) - 36) ** 2).sum(0) <= 11**2).astype(np.int64)
    whole = signed_distance(ball == 1, boundary="none")
    inside, outside = whole.max(), -whole.min()
    maps = torch.from_numpy(signed_distance_map(ball == 1, boundary="none"))[None]
    sample = augment.Sample(torch.zeros(1, 72, 72, 72), torch.from_numpy(ball), maps)
    for seed in range(2):
        augment.seeded((seed,))
        augment.recipe.cache_clear()
        done = augment.augment(sample, (48, 48, 48), "both")
        assert done.distances_czyx is not None
        moved = signed_distance((done.labels_zyx == 1).numpy(), boundary="none") * zoom
        again = np.where(moved > 0, moved / inside, moved / outside)
        seen = (done.labels_zyx >= 0).numpy()  # what lies beyond the volume is padding, and reads -1
        assert np.abs(done.distances_czyx[0].numpy() - again)[seen].mean() < 0.01
    augment.recipe.cache_clear()


def test_a_warp_or_a_zoom_that_differs_by_axis_is_refused() -> None:
    transform = augment.spatial((8, 8, 8), "both")
    augment.assert_similarity(transform)
    transform.p_elastic_deform = 0.1
    with pytest.raises(ValueError, match="elastic warp"):
        augment.assert_similarity(transform)


def test_intensities_outside_the_brain_stay_zero_through_augmentation(dataset: Dataset) -> None:
    labels = torch.full((16, 16, 16), -1)
    labels[4:12, 4:12, 4:12] = 0
    sample = augment.Sample(torch.where(labels >= 0, 3.0, 0.0)[None], labels, None)
    for seed in range(10):
        augment.seeded((seed,))
        done = augment.augment(sample, (16, 16, 16), "none")
        assert (done.images_czyx[0][done.labels_zyx == -1] == 0).all()
