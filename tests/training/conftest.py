"""What the tests of training share: one torch thread, and one small prepared study."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install 'glioscope[training]'")
# Two threads beside other load take twenty times as long as one; the commands read the variable.
os.environ["OMP_NUM_THREADS"] = "1"
torch.set_num_threads(1)
sys.path.insert(0, str(Path(__file__).parent))

from scenes import make_dataset, make_study  # noqa: E402 - torch comes first

from analysis.cohort.study import Study  # noqa: E402
from training.dataset import Dataset  # noqa: E402


@pytest.fixture(scope="session")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """Six small scans of five subjects."""
    return make_study(tmp_path_factory.mktemp("study"))


@pytest.fixture(scope="session")
def dataset(study: Study, tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """The same, prepared for training."""
    return make_dataset(study, tmp_path_factory.mktemp("prepared"))


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Path]]:
    """nnU-Net's three folders, named in its environment variables."""
    root = tmp_path_factory.mktemp("nnunet")
    values = {f"nnUNet_{kind}": str(root / kind) for kind in ("raw", "preprocessed", "results")}
    values |= {"nnUNet_n_proc_DA": "0", "nnUNet_def_n_proc": "1", "nnUNet_compile": "f"}
    with pytest.MonkeyPatch.context() as patched:
        for name, value in values.items():
            patched.setenv(name, value)
        yield {kind: root / kind for kind in ("raw", "preprocessed", "results")}
