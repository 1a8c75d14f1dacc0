from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from scenes import PATCH, scan, tiny_config

pytest.importorskip(
    "batchgeneratorsv2", reason="batchgeneratorsv2 is not installed: pip install 'glioscope[training]'"
)

from analysis.cohort.nifti import read_image, read_label_map
from analysis.cohort.probabilities import read_probabilities
from analysis.cohort.study import Study
from training.dataset import Dataset
from training.loop import fit
from training.mednext import MedNeXt, MedNeXtConfig
from training.models import Model, load_models, unseen
from training.prediction import (
    PredictionOptions,
    as_labels,
    dropping,
    predict_case,
    predict_patient,
)
from training.preprocessing import preprocess, restore
from training.recipes import recipe
from training.result_folders import ModelError
from training.sliding_window import ALL_FLIPS, gaussian, slide, windows


@pytest.fixture(scope="module")
def run(dataset: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "fold_0"
    fit(tiny_config(recipe("distmap"), epochs=1), dataset, folder, report=lambda _sentence: None)
    return folder


# --- windows


def test_windows_cover_every_voxel_and_touch_both_edges() -> None:
    for shape in ((16, 40, 33), (16, 32, 32), (50, 64, 47)):
        seen = np.zeros(shape, int)
        for box in windows(shape, PATCH, 0.5):
            seen[box] += 1
        assert (seen > 0).all()


def test_window_places_are_nnunets() -> None:
    sliding = pytest.importorskip(
        "nnunetv2.inference.sliding_window_prediction",
        reason="nnU-Net is not installed: pip install 'glioscope[nnunet]'",
    )
    for whole in (128, 140, 171, 240):
        theirs = sliding.compute_steps_for_sliding_window((whole,) * 3, (128,) * 3, 0.5)[0]
        ours = sorted({box[0].start for box in windows((whole,) * 3, (128,) * 3, 0.5)})
        assert ours == theirs
    weight = sliding.compute_gaussian((16, 32, 32), dtype=torch.float32, device=torch.device("cpu"))
    assert torch.allclose(gaussian((16, 32, 32)), weight, atol=1e-6)


def test_a_pointwise_network_predicts_the_volume_itself_at_any_size() -> None:
    for shape in ((40, 33, 50), (10, 12, 14)):
        images = torch.randn(2, *shape, generator=torch.Generator().manual_seed(0))
        found = slide(lambda window: window * 2, images, PATCH)
        assert torch.allclose(found, images * 2, atol=1e-5)


def test_every_mirroring_is_undone() -> None:
    """A network that answers by position is averaged into a symmetric answer."""
    images = torch.arange(8.0).view(1, 2, 2, 2)
    ramp = torch.arange(2.0).view(1, 1, 1, 1, 2).expand(1, 1, 2, 2, 2)
    assert len(ALL_FLIPS) == 8
    assert slide(lambda _window: ramp, images, (2, 2, 2)).unique().tolist() == [0.5]


# --- models and patients


def test_label_maps_probabilities_and_responses_are_in_the_files_grid(
    run: Path, study: Study, tmp_path: Path
) -> None:
    model = load_models(run)[0]
    patient = study.patients()[0]
    options = PredictionOptions(
        mirror=False, probabilities=True, responses=True, uncertainties=("tta", "dropout")
    )
    path = predict_patient([model], patient, tmp_path, options)
    assert patient.reference is not None
    reference = read_label_map(patient.reference, study.scheme)
    written = read_label_map(path, study.scheme)
    assert (
        written.same_grid(reference, 1e-4)
        if hasattr(written, "same_grid")
        else written.shape == reference.shape
    )
    file = tmp_path / f"{patient.id}.npz"
    codes = read_probabilities(file, study.scheme, reference.shape).codes_cxyz.astype(int)
    background = 255 - codes.sum(0)
    certain = np.sort(np.concatenate([background[None], codes]), axis=0)
    clear = certain[-1] - certain[-2] > 3
    decided = np.concatenate([background[None], codes]).argmax(0)
    assert np.array_equal(decided[clear], written.labels[clear])
    for name in ("sdtNCR", "sdtED", "sdtET", "tta-variance", "dropout-variance"):
        values, _ = read_image(tmp_path / "responses" / patient.id / f"{patient.id}-{name}.nii.gz")
        assert values.shape == reference.shape
        assert values.min() >= -1
        assert values.max() <= 1


def test_probabilities_of_labels_sum_to_one_and_their_arg_max_is_the_label_map(run: Path) -> None:
    case = preprocess(scan(9)[0], np.eye(4))
    model = load_models(run)[0]
    found = predict_case([model], case, PredictionOptions(mirror=False))
    assert found.probabilities_czyx is not None
    assert np.allclose(found.probabilities_czyx.sum(0), 1, atol=1e-5)
    assert np.array_equal(found.labels_zyx, found.probabilities_czyx.argmax(0))
    assert found.distances_czyx is not None
    assert not found.variances_zyx


def test_an_ensemble_averages_logits(run: Path) -> None:
    case = preprocess(scan(9)[0], np.eye(4))
    model = load_models(run)[0]
    alone, twice = (predict_case([model] * count, case, PredictionOptions(mirror=False)) for count in (1, 2))
    assert alone.probabilities_czyx is not None
    assert twice.probabilities_czyx is not None
    assert np.allclose(alone.probabilities_czyx, twice.probabilities_czyx, atol=1e-6)


def test_a_model_of_regions_writes_whose_probability_each_channel_is(
    run: Path, study: Study, tmp_path: Path
) -> None:
    named = {"WT": frozenset({1, 2, 3}), "TC": frozenset({1, 3}), "ET": frozenset({3}), "ED": frozenset({2})}
    model = replace(load_models(run)[0], is_regions=True, labels=(2, 1, 3, 2), named=named)
    patient = study.patients()[0]
    path = predict_patient([model], patient, tmp_path, PredictionOptions(mirror=False, probabilities=True))
    shape = read_label_map(path, study.scheme).shape
    found = read_probabilities(tmp_path / f"{patient.id}.npz", study.scheme, shape)
    assert found.members == tuple(named.values())


def test_dropout_varies_predictions_and_leaves_no_trace(run: Path) -> None:
    case = preprocess(scan(9)[0], np.eye(4))
    model = load_models(run)[0]
    plain = predict_case([model], case, PredictionOptions(mirror=False))
    dropped = predict_case([model], case, PredictionOptions(mirror=False, uncertainties=("dropout",)))
    assert dropped.variances_zyx["dropout"].max() > 0
    assert dropped.probabilities_czyx is not None
    assert plain.probabilities_czyx is not None
    assert np.array_equal(dropped.probabilities_czyx, plain.probabilities_czyx)
    with dropping(model.network, 0.0):
        images = torch.zeros(1, 4, *PATCH)
        assert torch.equal(model.network.outputs(images).logits[0], model.network.outputs(images).logits[0])


def test_regions_are_painted_one_over_the_other() -> None:
    network = MedNeXt(MedNeXtConfig(channels=4))
    model = Model("regions", network, PATCH, ("t1n",), (2, 1, 3), is_regions=True)
    probabilities = np.array([[0.9, 0.9, 0.9, 0.1], [0.1, 0.8, 0.8, 0.2], [0.0, 0.1, 0.9, 0.3]], np.float32)
    assert as_labels(probabilities.reshape(3, 1, 1, 4), model).ravel().tolist() == [2, 1, 3, 0]
    assert model.class_count == 3


def test_where_maps_are_regressed_the_largest_above_zero_decides(
    run: Path, study: Study, tmp_path: Path
) -> None:
    """SiNGR: no probabilities, and voxels of which every map says outside are background."""
    model = replace(load_models(run)[0], is_regression=True, response="sing")
    case = preprocess(scan(9)[0], np.eye(4))
    found = predict_case([model, model], case, PredictionOptions(mirror=False, uncertainties=("tta",)))
    maps = found.distances_czyx
    assert maps is not None
    assert found.probabilities_czyx is None
    assert np.array_equal(found.labels_zyx, np.where(maps.max(0) > 0, maps.argmax(0) + 1, 0))
    assert len(np.unique(found.labels_zyx)) > 1
    patient = study.patients()[0]
    predict_patient([model], patient, tmp_path, PredictionOptions(mirror=False, responses=True))
    assert (tmp_path / "responses" / patient.id / f"{patient.id}-singET.nii.gz").is_file()
    with pytest.raises(ModelError, match="regresses maps and has no probabilities: ask for responses"):
        predict_patient([model], patient, tmp_path, PredictionOptions(probabilities=True))


def test_a_missing_model_a_wrong_spacing_and_a_headless_response_are_said(
    run: Path, study: Study, tmp_path: Path
) -> None:
    with pytest.raises(ModelError, match="holds no model"):
        load_models(tmp_path)
    model, patient = load_models(run)[0], study.patients()[0]
    with pytest.raises(ModelError, match="spacing 1, 1, 1 mm, the model wants 1, 1, 2"):
        predict_patient([replace(model, spacing_mm=(2.0, 1.0, 1.0))], patient, tmp_path, PredictionOptions())
    options = PredictionOptions(mirror=False, responses=True)
    with pytest.raises(ModelError, match="no trained distance head"):
        predict_patient([replace(model, has_distances=False)], patient, tmp_path, options)


def test_a_patient_is_predicted_by_models_that_never_saw_its_subject(run: Path) -> None:
    model = load_models(run)[0]
    first = replace(
        model,
        name="first",
        held_out=frozenset({"BraTS-GLI-00001-000"}),
        trained_on=frozenset({"BraTS-GLI-00002-000"}),
    )
    second = replace(model, name="second", held_out=first.trained_on, trained_on=first.held_out)
    assert unseen([first, second], "BraTS-GLI-00001-000") == [first]
    assert unseen([first, second], "BraTS-GLI-00003-000") == [first, second]
    assert unseen([first, second], "BraTS-GLI-00002-001") == [second]
    with pytest.raises(ModelError, match="BraTS-GLI-00002-001: every model was trained on this subject"):
        unseen([first], "BraTS-GLI-00002-001")


def test_restoring_fills_outside_the_crop() -> None:
    case = preprocess(scan(0)[0], np.eye(4))
    whole = restore(case.images_czyx[0] * 0 + 5, case.place, fill=-1)
    assert whole.shape == scan(0)[1].shape
    assert whole[0, 0, 0] == -1
    assert (whole == 5).sum() == case.brain_zyx.size
