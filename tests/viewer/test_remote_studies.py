"""A study behind a URL gives the numbers of the same study on a disk; notes and cache stay here."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from analysis.cohort.places import place
from analysis.cohort.results import TABLE_NAMES
from tests.cohort_on_disk import CohortOnDisk
from tests.remote_store import marked_memory
from viewer.app import create_app
from viewer.command_line import run

STUDY = "memory://bucket/study"
Ran = tuple[int, str, str]


@pytest.fixture
def fetched() -> Iterator[list[str]]:
    """Names of the files that were fetched from the store."""
    with marked_memory() as names:
        yield names


@pytest.fixture
def remote_cohort(cohort: CohortOnDisk, fetched: list[str]) -> str:
    """The small cohort, copied into the store."""
    for path in cohort.folder.rglob("*.nii.gz"):
        target = place(f"memory://bucket/cohort/{path.relative_to(cohort.folder)}")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    return "memory://bucket/cohort"


@pytest.fixture
def glioscope(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Run a command; gives exit code, stdout and stderr."""

    def ran(*arguments: str) -> Ran:
        capsys.readouterr()
        code = run(arguments)
        out, err = capsys.readouterr()
        return code, out, err

    return ran


@pytest.fixture
def study(remote_cohort: str, glioscope: Callable[..., Ran]) -> str:
    methods = [f"--method={name}={remote_cohort}/predictions/{name}" for name in ("baseline", "distmap")]
    code, out, err = glioscope("init", STUDY, f"--reference={remote_cohort}/ground_truth", *methods)
    assert (code, out) == (0, f"{STUDY}/study.toml\n"), err
    return STUDY


def _expected(cohort: CohortOnDisk, folder: Path) -> dict[str, bytes]:
    assert run(cohort.study_arguments(folder)) == 0
    assert run(["prepare", str(folder), "--jobs=1"]) == 0
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for name in ("results", "consensus")
        for path in (folder / name).iterdir()
    }


def test_a_remote_study_gives_the_bytes_of_a_local_one(
    cohort: CohortOnDisk, study: str, tmp_path: Path, glioscope: Callable[..., Ran]
) -> None:
    assert glioscope("check", study, "--jobs=1")[0] == 0
    code, out, err = glioscope("prepare", study, "--jobs=1", f"--state={tmp_path / 'state'}")
    assert (code, out) == (0, f"{STUDY}/results\n"), err
    expected = _expected(cohort, tmp_path / "local")
    assert len(expected) == len(TABLE_NAMES) + len(cohort.patients)
    for name, content in expected.items():
        assert place(f"{STUDY}/{name}").read_bytes() == content, name


def test_notes_and_cache_stay_out_of_the_store(
    study: str, tmp_path: Path, glioscope: Callable[..., Ran]
) -> None:
    glioscope("prepare", study, "--jobs=1", f"--state={tmp_path / 'state'}")
    names = {path.name for path in place(STUDY).iterdir()}
    assert names == {"study.toml", "results", "consensus"}
    assert list((tmp_path / "state/cache/parts").rglob("*.part"))


@pytest.mark.parametrize("command", ["prepare", "serve", "doctor"])
def test_without_a_state_folder_one_sentence_asks_for_it(
    study: str, command: str, glioscope: Callable[..., Ran]
) -> None:
    assert glioscope(command, study) == (
        2,
        "",
        f"glioscope: {STUDY} is remote: say with --state DIR where notes and derived files go\n",
    )


def test_a_second_run_does_nothing_and_fetches_no_label_map(
    study: str, tmp_path: Path, glioscope: Callable[..., Ran], fetched: list[str]
) -> None:
    state = f"--state={tmp_path / 'state'}"
    glioscope("prepare", study, "--jobs=1", state)
    fetched.clear()
    code, out, _ = glioscope("prepare", study, "--jobs=1", state, "--json")
    summary = json.loads(out)
    assert (code, summary["computed"], summary["kept"], summary["wrote_results"]) == (0, 0, 3, False)
    assert [name for name in fetched if name.endswith(".nii.gz")] == []


def test_a_changed_remote_file_redoes_its_patient_only(
    cohort: CohortOnDisk, study: str, tmp_path: Path, glioscope: Callable[..., Ran], fetched: list[str]
) -> None:
    state = f"--state={tmp_path / 'state'}"
    glioscope("prepare", study, "--jobs=1", state)
    one, other = (
        place(f"memory://bucket/cohort/predictions/distmap/{patient}.nii.gz")
        for patient in cohort.patients[:2]
    )
    one.write_bytes(other.read_bytes())
    fetched.clear()
    _, out, _ = glioscope("prepare", study, "--jobs=1", state, "--json")
    assert (json.loads(out)["computed"], json.loads(out)["kept"]) == (1, 2)
    others = [name for name in fetched if name.endswith(".nii.gz") and cohort.patients[0] not in name]
    assert others == []


def test_a_lost_consensus_in_the_store_is_made_again(
    cohort: CohortOnDisk, study: str, tmp_path: Path, glioscope: Callable[..., Ran]
) -> None:
    state = f"--state={tmp_path / 'state'}"
    glioscope("prepare", study, "--jobs=1", state)
    path = place(f"{STUDY}/consensus/{cohort.patients[0]}.nii.gz")
    before = path.read_bytes()
    path.unlink()
    assert glioscope("prepare", study, "--jobs=1", state)[0] == 0
    assert path.read_bytes() == before


def test_an_added_method_costs_only_itself_and_does_not_forget_the_consensus(
    cohort: CohortOnDisk, study: str, tmp_path: Path, glioscope: Callable[..., Ran], fetched: list[str]
) -> None:
    state = f"--state={tmp_path / 'state'}"
    glioscope("prepare", study, "--jobs=1", state)
    assert glioscope("add", study, "--method=again=memory://bucket/cohort/predictions/distmap")[0] == 0
    _, out, _ = glioscope("prepare", study, "--jobs=1", state, "--dry-run", "--json")
    assert json.loads(out)["todo"] == {patient: ["again"] for patient in sorted(cohort.patients)}
    glioscope("prepare", study, "--jobs=1", state)
    fetched.clear()
    glioscope("prepare", study, "--jobs=1", state)
    assert [name for name in fetched if name.endswith(".nii.gz")] == []


def test_a_remote_study_is_served_and_sees_new_bytes(
    cohort: CohortOnDisk, study: str, tmp_path: Path, glioscope: Callable[..., Ran]
) -> None:
    glioscope("prepare", study, "--jobs=1", f"--state={tmp_path / 'state'}")
    client = create_app(study, state=tmp_path / "state").server.test_client()
    patient, other = cohort.patients[:2]
    local = {"Host": "127.0.0.1"}
    address = f"/labels/{patient}/distmap.u8"
    first = client.get(address, headers=local)
    assert first.status_code == 200
    for source in ("reference", "consensus"):
        assert client.get(f"/mesh/{patient}/{source}/voxel.packed", headers=local).status_code == 200
    folder = "memory://bucket/cohort/predictions/distmap"
    place(f"{folder}/{patient}.nii.gz").write_bytes(place(f"{folder}/{other}.nii.gz").read_bytes())
    second = client.get(address, headers={**local, "If-None-Match": first.headers["ETag"]})
    assert (second.status_code, second.data != first.data) == (200, True)


def test_a_remote_study_is_exported(
    cohort: CohortOnDisk, study: str, tmp_path: Path, glioscope: Callable[..., Ran]
) -> None:
    target = tmp_path / "tumour.glb"
    arguments = (cohort.patients[0], "--method=distmap", "--mode=voxel", "-o", str(target))
    assert glioscope("export", study, *arguments)[0] == 0
    assert target.read_bytes()[:4] == b"glTF"


def test_a_remote_study_that_is_not_there_is_one_sentence(
    fetched: list[str], glioscope: Callable[..., Ran]
) -> None:
    code, _, err = glioscope("check", "memory://bucket/nothing")
    assert code == 2
    assert err.startswith("glioscope: memory://bucket/nothing is no study: it has no study.toml")
    assert err.count("\n") == 1


def test_local_label_maps_can_belong_to_a_remote_study(
    cohort: CohortOnDisk, fetched: list[str], tmp_path: Path, glioscope: Callable[..., Ran]
) -> None:
    assert glioscope(*[STUDY if one == "x" else one for one in cohort.study_arguments(Path("x"))])[0] == 0
    assert glioscope("prepare", STUDY, "--jobs=1", f"--state={tmp_path / 'state'}")[0] == 0
    expected = _expected(cohort, tmp_path / "local")
    for name in TABLE_NAMES:
        assert place(f"{STUDY}/results/{name}.parquet").read_bytes() == expected[f"results/{name}.parquet"]


def test_a_read_only_study_asks_for_a_state_folder(
    cohort: CohortOnDisk, tmp_path: Path, glioscope: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "study"
    run(cohort.study_arguments(folder))
    monkeypatch.setattr("viewer.study_state.os.access", lambda *_: False)
    assert glioscope("serve", str(folder), "--port=0") == (
        2,
        "",
        f"glioscope: {folder} may not be written: say with --state DIR where notes and derived files go\n",
    )


def test_what_is_known_of_a_store_is_kept_with_the_parts_and_may_be_lost(
    study: str, tmp_path: Path, glioscope: Callable[..., Ran]
) -> None:
    state = tmp_path / "state"
    glioscope("prepare", study, "--jobs=1", f"--state={state}")
    for damage in (b"", b"{}", b'{"memory://x": 3}', b"[1]"):
        for file in state.rglob("known.json"):
            file.write_bytes(damage)
        _, out, _ = glioscope("prepare", study, "--jobs=1", f"--state={state}", "--json")
        assert json.loads(out)["computed"] == 0
    shutil.rmtree(state)
    _, out, _ = glioscope("prepare", study, "--jobs=1", f"--state={state}", "--json")
    assert (json.loads(out)["computed"], json.loads(out)["wrote_results"]) == (3, False)
