"""Compiling ahead: after it, no analysis compiles anything."""

import pkgutil
from importlib import import_module

import numpy as np
import pytest
from numba.core.registry import CPUDispatcher

import analysis.kernels
from analysis.cohort.label_map import LabelMap
from analysis.cohort.labels import SCHEMES
from analysis.components import label_components
from analysis.consensus import consensus
from analysis.patient import PatientVolumes, analyse_patient
from analysis.warming import warm

# Called by other kernels only: compiled into them, and loaded with them from the cache.
INNER = {
    "analysis.kernels.changes.no_marks",
    "analysis.kernels.changes.marked",
    "analysis.kernels.configurations.corner_rows",
    "analysis.kernels.configurations.mark_mixed",
    "analysis.kernels.configurations.corner_codes",
}


def compiled() -> dict[str, int]:
    """Versions of each kernel that exist in this process."""
    modules = [
        import_module(f"analysis.kernels.{found.name}")
        for found in pkgutil.iter_modules(analysis.kernels.__path__)
    ]
    return {
        f"{module.__name__}.{name}": len(kernel.signatures)
        for module in modules
        for name, kernel in vars(module).items()
        if isinstance(kernel, CPUDispatcher)
        and not name.startswith("_")
        and kernel.py_func.__module__ == module.__name__
    }


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("access", ["writable", "read-only"])
def test_after_warming_an_analysis_compiles_nothing(order: str, access: str) -> None:
    warm()
    before = compiled()
    rng = np.random.default_rng(0)
    volumes = [np.array(rng.integers(0, 4, (40, 9, 11)), np.uint8, order=order) for _ in range(3)]
    volumes[0][10:] = 0
    for volume in volumes:
        volume.flags.writeable = access == "writable"
    maps = [LabelMap(volume, np.diag([1.0, 1.0, 3.0, 1.0])) for volume in volumes]
    roles = {"baseline": "b", "distmap": "d"}
    analyse_patient(
        PatientVolumes("P", 0, maps[0], {"b": maps[1], "d": maps[2]}, {}, roles), SCHEMES["brats2023"]
    )
    consensus(volumes[0], volumes[1])
    label_components(volumes[0], affine=np.eye(4), connectivity=6)
    assert compiled() == before
    assert len(before) >= 15
    assert {name for name, versions in before.items() if not versions} <= INNER
