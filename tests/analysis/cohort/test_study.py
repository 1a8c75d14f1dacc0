"""study.toml is read with every key checked, written back equal, and names the patients' files."""

import os
import pickle
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.cohort.labels import SCHEMES, Label, LabelScheme
from analysis.cohort.study import (
    Images,
    Method,
    Pin,
    Reference,
    Study,
    StudyError,
    UnknownPatientError,
    read_study,
    write_study,
)
from tests.cohort_on_disk import CohortOnDisk

MINIMAL = 'schema = 1\nname = "s"\n'
OWN = LabelScheme(
    "own",
    (Label(5, "A", "Alpha", "#112233"), Label(9, "B", "Beta", "#445566")),
    {"AB": (5, 9)},
    ("AB",),
    {7: 5},
)


def _study(folder: Path, **fields: object) -> Study:
    return Study(**({"folder": folder, "name": "s", "scheme": SCHEMES["brats2023"]} | fields))  # type: ignore[arg-type]


def _written(folder: Path, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "study.toml").write_text(text, "utf-8")
    return folder


def _of(cohort: CohortOnDisk, folder: Path, *names: str, **fields: object) -> Study:
    methods = tuple(Method(name, folder=str(cohort.predictions(name))) for name in names)
    return _study(folder, reference=Reference(folder=str(cohort.reference)), methods=methods, **fields)


names = st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9_.-]{0,6}[A-Za-z0-9_])?", fullmatch=True).filter(
    lambda name: name != "reference"
)
texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=12)
methods = st.builds(
    Method, name=names, title=texts, folder=texts, files=st.dictionaries(names, texts, max_size=2)
)


@settings(max_examples=20)
@given(
    st.lists(methods, max_size=3, unique_by=lambda method: method.name),
    texts,
    st.booleans(),
    st.sampled_from([*SCHEMES.values(), OWN]),
    st.dictionaries(names, st.integers(0, 9), max_size=3),
    st.lists(st.builds(Pin, texts, names, texts), max_size=2),
)
def test_what_is_written_reads_back_equal(
    tmp_path_factory: pytest.TempPathFactory,
    methods: list[Method],
    name: str,
    synthetic: bool,  # noqa: FBT001
    scheme: LabelScheme,
    folds: dict[str, int],
    pins: list[Pin],
) -> None:
    study = Study(
        folder=tmp_path_factory.mktemp("study"),
        name=name,
        scheme=scheme,
        reference=Reference(folder="Wahrheit ü", pattern="{patient}.nii.gz"),
        methods=tuple(methods),
        images=Images("mri", "{patient}_{contrast}.nii.gz"),
        synthetic=synthetic,
        folds=folds,
        pins=tuple(pins),
        tolerance_mm=0.5,
        consensus={"connectivity": 6},
    )
    write_study(study)
    assert read_study(study.folder) == study


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("name = 's'\n", "study.toml lacks 'schema'"),
        ("schema = 2\n", "schema 2, this program reads schema 1"),
        (MINIMAL + "methds = []\n", "study.toml has the unknown key 'methds'; known are "),
        (MINIMAL + "synthetic = 1\n", "study.toml: 'synthetic' must be true or false, found 1"),
        ("schema = true\n", "study.toml: 'schema' must be a whole number, found True"),
        (
            MINIMAL + "scheme = 'brats'\n",
            "scheme 'brats' must be one of brats2023, brats2021, brats2024-post, or",
        ),
        (MINIMAL + "dice_average = ['XX']\n", "the Dice average asks for unknown regions"),
        (MINIMAL + "[[methods]]\ntitle = 'x'\n", r"\[\[methods\]\] lacks 'name'"),
        (MINIMAL + "[[methods]]\nname = 'a'\nrol = 'baseline'\n", "method a has the unknown key 'rol'"),
        (
            MINIMAL + "[[methods]]\nname = 'a'\nrole = 'base'\n",
            "method a: role 'base' must be one of baseline, distmap",
        ),
        (MINIMAL + "[[methods]]\nname = '../a'\n", "method name '../a' must be ASCII letters"),
        (MINIMAL + "[[methods]]\nname = 'reference'\n", "no method can be called 'reference'"),
        (
            MINIMAL + "[[methods]]\nname = 'a'\n" * 1 + "[[methods]]\nname = 'a'\n",
            "method 'a' is given to two methods",
        ),
        (
            MINIMAL + "".join(f"[[methods]]\nname = '{name}'\nrole = 'distmap'\n" for name in "ab"),
            "role 'distmap' is given to two methods",
        ),
        (MINIMAL + "[[methods]]\nname = 'a'\npattern = '../x'\n", "method a: pattern '../x' must stay below"),
        (MINIMAL + "[[methods]]\nname = 'a'\nfiles = {'../x' = 'y'}\n", "must be a patient's id and a path"),
        (
            MINIMAL + "[images]\nfolder = 'x'\npattern = '{patient}.nii.gz'\n",
            r"images: pattern .* must have \{contrast\}",
        ),
        (
            MINIMAL + "[folds]\nx = 'one'\n",
            r"\[folds\]: 'x' = 'one' must be a patient's id and a whole number",
        ),
        (MINIMAL + "[[pins]]\ntag = 'C1'\n", r"\[\[pins\]\] lacks 'patient'"),
        (MINIMAL + "reference = 'gt'\n", "'reference' must be a table, found 'gt'"),
        (MINIMAL + "[scheme]\nregions = {}\n", r"\[scheme\] lacks 'labels'"),
        ("schema = \n", "Invalid value"),
        ("schema = " + "[" * 20_000, "nested too deeply"),
        ("schema = " + "9" * 5000, "4300 digits"),
    ],
)
def test_a_study_toml_that_can_not_be_is_refused_with_its_place(
    tmp_path: Path, text: str, sentence: str
) -> None:
    folder = _written(tmp_path / "study", text)
    with pytest.raises(StudyError, match=sentence) as caught:
        read_study(folder)
    assert str(caught.value).startswith(str(folder / "study.toml"))


def test_a_folder_without_study_toml_is_no_study(tmp_path: Path) -> None:
    with pytest.raises(StudyError) as caught:
        read_study(tmp_path)
    assert str(caught.value) == f"{tmp_path} is no study: it has no study.toml (`glioscope init` makes one)"


def test_only_schema_and_scheme_are_needed_and_the_folder_names_the_study(tmp_path: Path) -> None:
    study = read_study(_written(tmp_path / "glioma", "schema = 1\n"))
    assert (study.name, study.scheme.name, study.methods) == ("glioma", "brats2023", ())


def test_a_study_can_be_sent_to_another_process(tmp_path: Path) -> None:
    study = _study(tmp_path, methods=(Method("a"),), reference=Reference())
    assert pickle.loads(pickle.dumps(study)) == study  # noqa: S301 - our own bytes


def test_patients_are_sorted_and_have_their_files(cohort: CohortOnDisk, tmp_path: Path) -> None:
    patients = _of(cohort, tmp_path, "baseline", "distmap", folds={cohort.patients[1]: 4}).patients()
    assert [patient.id for patient in patients] == sorted(cohort.patients)
    assert [patient.fold for patient in patients] == [None, 4, None]
    for patient in patients:
        assert patient.reference == cohort.reference_of(patient.id)
        assert patient.predictions == {
            name: cohort.prediction_of(name, patient.id) for name in ("baseline", "distmap")
        }
        assert not patient.problems


def test_relative_folders_start_at_the_study(cohort: CohortOnDisk) -> None:
    study = _study(cohort.folder, reference=Reference(folder="ground_truth"))
    assert study.patients()[0].reference == cohort.reference_of(cohort.patients[0])


def test_a_method_absent_for_one_patient_is_no_problem(cohort: CohortOnDisk, tmp_path: Path) -> None:
    cohort.prediction_of("distmap", cohort.patients[0]).unlink()
    patient = _of(cohort, tmp_path, "baseline", "distmap").patient(cohort.patients[0])
    assert set(patient.predictions) == {"baseline"}
    assert not patient.problems


def test_a_patient_without_reference_stays_in_the_cohort_and_says_so(
    cohort: CohortOnDisk, tmp_path: Path
) -> None:
    cohort.reference_of(cohort.patients[0]).unlink()
    patient = _of(cohort, tmp_path, "baseline", "distmap").patient(cohort.patients[0])
    assert patient.problems == {
        "reference": "reference missing, but there is a prediction of baseline, distmap"
    }


def test_two_files_for_one_patient_are_a_problem_of_that_source_only(
    cohort: CohortOnDisk, tmp_path: Path
) -> None:
    first = cohort.prediction_of("baseline", cohort.patients[0])
    second = first.with_suffix("")  # .nii beside .nii.gz
    second.write_bytes(b"")
    patient = _of(cohort, tmp_path, "baseline", "distmap").patient(cohort.patients[0])
    assert patient.problems == {"baseline": f"prediction baseline has 2 files: {second} and {first}"}


def test_a_patient_in_two_folds_has_two_files(tmp_path: Path) -> None:
    for fold in (0, 1):
        (tmp_path / f"net/fold_{fold}/validation").mkdir(parents=True)
        (tmp_path / f"net/fold_{fold}/validation/P.nii.gz").touch()
    study = _study(tmp_path, reference=Reference(folder="none"), methods=(Method("net", folder="net"),))
    assert "prediction net has 2 files" in study.patient("P").problems["net"]


def test_folds_come_from_nnunet_folders_unless_study_toml_says_otherwise(
    cohort: CohortOnDisk, tmp_path: Path
) -> None:
    for fold, patient in enumerate(cohort.patients):
        target = cohort.folder / f"cv/fold_{fold}/validation/{patient}.nii.gz"
        target.parent.mkdir(parents=True)
        os.link(cohort.prediction_of("baseline", patient), target)
    study = _study(
        tmp_path,
        reference=Reference(folder=str(cohort.reference)),
        methods=(Method("net", folder=str(cohort.folder / "cv")),),
        folds={cohort.patients[0]: 7},
    )
    assert [patient.fold for patient in study.patients()] == [7, 1, 2]


def test_files_under_other_names_are_listed_one_by_one(cohort: CohortOnDisk, tmp_path: Path) -> None:
    odd = cohort.folder / "odd" / "first result.nii.gz"
    odd.parent.mkdir()
    os.link(cohort.prediction_of("baseline", cohort.patients[0]), odd)
    listed = Method("odd", folder=str(odd.parent), files={cohort.patients[0]: "first result.nii.gz"})
    beside = Method(
        "both",
        folder=str(cohort.predictions("distmap")),
        pattern="{patient}.nii.gz",
        files={cohort.patients[0]: str(odd)},
    )
    study = _study(tmp_path, reference=Reference(folder=str(cohort.reference)), methods=(listed, beside))
    first, second, _ = study.patients()
    assert first.predictions == {"odd": odd, "both": odd}
    assert second.predictions == {"both": cohort.prediction_of("distmap", second.id)}


def test_the_consensus_we_write_makes_nobody_a_patient(cohort: CohortOnDisk, tmp_path: Path) -> None:
    (tmp_path / "consensus").mkdir()
    (tmp_path / "consensus/ghost.nii.gz").touch()
    (tmp_path / f"consensus/{cohort.patients[0]}.nii.gz").touch()
    study = _of(cohort, tmp_path, "baseline")
    study = _study(
        tmp_path,
        reference=study.reference,
        methods=(*study.methods, Method("c", folder="consensus", role="consensus")),
    )
    assert [patient.id for patient in study.patients()] == sorted(cohort.patients)
    assert study.patients()[0].predictions["c"] == study.consensus_path(cohort.patients[0])


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "..", "", "a/b", "nobody"])
def test_no_path_can_be_asked_for_as_a_patient(cohort: CohortOnDisk, tmp_path: Path, name: str) -> None:
    study = _of(cohort, tmp_path, "baseline")
    with pytest.raises(UnknownPatientError, match="no patient"):
        study.patient(name)
    if name != "nobody":
        with pytest.raises(UnknownPatientError, match="no patient"):
            study.consensus_path(name)


def test_an_unknown_method_is_refused_with_the_known_ones(cohort: CohortOnDisk, tmp_path: Path) -> None:
    with pytest.raises(UnknownPatientError, match="no method 'x' in this study; it has baseline, distmap"):
        _of(cohort, tmp_path, "baseline", "distmap").method("x")


def test_only_the_consensus_of_the_studys_own_folder_is_computed() -> None:
    assert Method("c", folder="consensus", role="consensus").is_computed
    assert not Method("c", folder="/elsewhere", role="consensus").is_computed
    assert not Method("c", folder="consensus").is_computed


def test_the_real_patient_with_five_networks_is_one_patient(test_data: Path, tmp_path: Path) -> None:
    real = str(test_data / "real")
    networks = ("hnfnetv1", "isen", "sanet0", "scan", "yixinmpl")
    study = _study(
        tmp_path,
        scheme=SCHEMES["brats2021"],
        reference=Reference(folder=real, pattern="{patient}/fusion_simple.nii.gz"),
        methods=tuple(
            Method(name, folder=real, pattern=f"{{patient}}/pred_{name}-20.nii.gz") for name in networks
        ),
        images=Images(real, "{patient}/{patient}_{contrast}_bet.nii.gz"),
    )
    (patient,) = study.patients()
    assert patient.id == "TCGA-FG-6692"
    assert tuple(patient.predictions) == networks
    assert set(patient.images) == {"t1n", "t1c", "t2w", "t2f"}
