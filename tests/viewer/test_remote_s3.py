"""A study in a bucket: a server that speaks S3 gives what a disk gives, through real worker processes."""

import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer

from analysis.cohort.places import content_mark, is_put_at_once, place
from tests.cohort_on_disk import CohortOnDisk
from viewer.command_line import run

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning"),
]
STUDY = "s3://lab/studies/one"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """A server that speaks S3 on this machine, with one empty bucket, known through the usual variables."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", url)
        patch.setenv("AWS_ACCESS_KEY_ID", "made-up")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "made-up")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        bucket = urllib.request.Request(f"{url}/lab", method="PUT")  # noqa: S310 - this machine's own server
        with urllib.request.urlopen(bucket, timeout=30) as answer:  # noqa: S310 - likewise
            assert answer.status == 200
        yield url
    server.stop()


@pytest.fixture
def study(endpoint: str, cohort: CohortOnDisk) -> str:
    """The small cohort in the bucket, and a study of it."""
    for path in cohort.folder.rglob("*.nii.gz"):
        place(f"s3://lab/cohort/{path.relative_to(cohort.folder)}").write_bytes(path.read_bytes())
    methods = [f"--method={name}=s3://lab/cohort/predictions/{name}" for name in ("baseline", "distmap")]
    place(f"{STUDY}/study.toml").unlink(missing_ok=True)
    assert run(["init", STUDY, "--reference=s3://lab/cohort/ground_truth", *methods]) == 0
    return STUDY


def _glioscope(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("glioscope")), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ)


def test_a_study_in_a_bucket_is_prepared_by_two_processes_as_on_a_disk(
    study: str, cohort: CohortOnDisk, tmp_path: Path
) -> None:
    done = _glioscope("prepare", study, "--jobs=2", f"--state={tmp_path / 'state'}")
    assert (done.returncode, done.stdout) == (0, f"{STUDY}/results\n"), done.stderr
    local = tmp_path / "local"
    assert run(cohort.study_arguments(local)) == 0
    assert run(["prepare", str(local), "--jobs=1"]) == 0
    for name in ("results", "consensus"):
        expected = {path.name: path.read_bytes() for path in (local / name).iterdir()}
        assert {path.name: path.read_bytes() for path in place(f"{STUDY}/{name}").iterdir()} == expected
    again = _glioscope("prepare", study, "--jobs=2", f"--state={tmp_path / 'state'}")
    assert "0 computed, 3 kept; results were up to date" in again.stderr


def test_the_mark_of_an_object_is_its_etag_and_new_bytes_change_it(study: str) -> None:
    path = place("s3://lab/one")
    path.write_bytes(b"labels")
    assert is_put_at_once(path)
    first = content_mark(path)
    path.write_bytes(b"LABELS")
    assert first != content_mark(path) != ""
    path.write_bytes(b"labels")
    assert content_mark(path) == first


def test_what_another_process_puts_is_seen_at_once(study: str, endpoint: str) -> None:
    folder = place("s3://lab/watched")
    (folder / "one").write_bytes(b"1")
    assert [path.name for path in folder.iterdir()] == ["one"]
    address, form = f"{endpoint}/lab/watched/other", {"Content-Type": "text/plain"}
    put = urllib.request.Request(address, b"2", form, method="PUT")  # noqa: S310 - this machine's own server
    with urllib.request.urlopen(put, timeout=30):  # noqa: S310 - this machine's own server
        pass
    assert sorted(path.name for path in folder.iterdir()) == ["one", "other"]
    assert (folder / "other").read_bytes() == b"2"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["check", "s3://lab/studies/one"], "s3://lab/studies/one/study.toml can't be read: "),
        (["init", "s3://lab/new", "--reference=s3://lab/cohort"], "a remote store can't be used: "),
        (["init", "new", "--reference=s3://lab/cohort"], "s3://lab/cohort can't be read: "),
    ],
)
def test_a_store_that_does_not_answer_is_one_sentence(
    endpoint: str, arguments: list[str], sentence: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    done = _glioscope(*arguments)
    assert done.returncode == 2
    assert done.stderr.startswith(f"glioscope: {sentence}"), done.stderr
    assert done.stderr.count("\n") == 1


def test_a_bucket_that_is_not_there_is_one_sentence(study: str) -> None:
    done = _glioscope("check", "s3://nobody/study")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert done.stderr.startswith("glioscope: s3://nobody/study is no study")
