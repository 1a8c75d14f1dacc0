"""Nobody's label maps are mixed with another's, and what is asked for later is made."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from scenes import SHAPE, TINY, make_study
from test_commands import run_predict

from analysis.cohort.study import Study
from training.mednext import MedNeXt, MedNeXtConfig
from training.method_folder import RECORD, claim_folder, is_predicted
from training.models import Model
from training.prediction import PredictionOptions
from training.result_folders import ModelError

PLAIN = PredictionOptions(mirror=False)


def model(seed: int = 0) -> Model:
    torch.manual_seed(seed)
    network = MedNeXt(MedNeXtConfig(**TINY))  # type: ignore[arg-type]
    return Model("distmap fold 0", network, SHAPE, ("t1n",), (1, 2, 3), ("NCR", "ED", "ET"))


def test_the_same_models_go_on_in_their_folder_and_others_are_refused(tmp_path: Path) -> None:
    one, other = model(), model(1)
    claim_folder(tmp_path, [one], PLAIN, ensemble=False)
    (tmp_path / "p.nii.gz").touch()
    claim_folder(tmp_path, [model()], replace(PLAIN, probabilities=True), ensemble=False)
    for models, options, ensemble, what in (
        ([other], PLAIN, False, "by other models"),
        ([one, other], PLAIN, False, "by other models"),
        ([one], replace(PLAIN, mirror=True), False, "with another choice of mirror"),
        ([one], PLAIN, True, "with another choice of ensemble"),
    ):
        with pytest.raises(ModelError, match=f"was predicted {what}"):
            claim_folder(tmp_path, models, options, ensemble=ensemble)
    assert json.loads((tmp_path / RECORD).read_text())["models"][0][0] == "distmap fold 0"


def test_a_folder_of_label_maps_that_somebody_else_wrote_is_refused(tmp_path: Path) -> None:
    (tmp_path / "p.nii.gz").touch()
    with pytest.raises(ModelError, match="holds label maps that glioscope predict did not write"):
        claim_folder(tmp_path, [model()], PLAIN, ensemble=False)
    assert not (tmp_path / RECORD).exists()


def test_a_patient_is_predicted_when_all_that_is_asked_for_is_there(tmp_path: Path) -> None:
    asked = replace(PLAIN, probabilities=True, responses=True, uncertainties=("tta",))
    names = [f"responses/p/p-{one}.nii.gz" for one in ("sdtNCR", "sdtED", "sdtET", "tta-variance")]
    files = ["p.nii.gz", "p.npz", *names]
    for name in files:
        assert not is_predicted(tmp_path, "p", model(), asked)
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert is_predicted(tmp_path, "p", model(), asked)
    assert not is_predicted(tmp_path, "q", model(), PLAIN)


@pytest.mark.parametrize("name", ["a/b", "../up", "reference", ""])
def test_a_name_that_is_no_methods_is_refused_before_anything_is_loaded(name: str, tmp_path: Path) -> None:
    study: Study = make_study(tmp_path, ["TST-00000-000"])
    answer = run_predict(study.folder, tmp_path / "nothing", "--method", name)
    assert "must be ASCII letters" in str(answer.exception)
