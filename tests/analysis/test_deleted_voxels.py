"""What the ledger says was removed is exactly what the consensus lacks of DistMap, voxel for voxel."""

import numpy as np
import pytest
from real_scans import read

from analysis.cohort.label_map import LabelMap
from analysis.cohort.labels import SCHEMES
from analysis.components import label_components
from analysis.metrics import Families
from analysis.patient import AnalysisOptions, PatientVolumes, analyse_patient
from analysis.synthetic.grid import GRIDS
from analysis.synthetic.patient import make_patient
from analysis.synthetic.roster import visits

SCHEME = SCHEMES["brats2023"]
ONLY_THE_LEDGER = AnalysisOptions(
    families=Families(surface_distances=False, surface_elements=False, lesion_wise=False)
)


def check_deleted_voxels(reference, baseline, distmap, affine):
    """Hold the removed rows of the ledger against the two label maps; returns the deleted voxels."""
    volumes = PatientVolumes(
        patient="P",
        fold=None,
        reference=LabelMap(reference, affine),
        predictions={"baseline": LabelMap(baseline, affine), "distmap": LabelMap(distmap, affine)},
        roles={"baseline": "baseline", "distmap": "distmap"},
    )
    found = analyse_patient(volumes, SCHEME, ONLY_THE_LEDGER)
    rows = found.components[(found.components["method"] == "distmap")]
    removed = rows[rows["verdict"] == "removed"]
    numbers = label_components(distmap, affine=affine).numbers
    deleted = np.zeros(distmap.shape, bool)
    for label, number in zip(removed["label"], removed["component"], strict=True):
        deleted |= (distmap == label) & (numbers == number)
    lost = (distmap != 0) & (found.consensus.labels == 0)
    assert np.array_equal(deleted, lost)
    assert np.array_equal(np.where(deleted, 0, distmap), found.consensus.labels)
    assert int(removed["voxel_count"].sum()) == int(lost.sum())
    return int(lost.sum())


@pytest.mark.slow
@pytest.mark.parametrize("number", range(6))
def test_the_ledgers_removed_components_are_distmap_minus_consensus_on_synthetic_patients(number):
    patient = make_patient(1, list(visits(6))[number], GRIDS["small"], with_images=False)
    deleted = check_deleted_voxels(patient.reference, patient.baseline, patient.distmap, patient.affine)
    assert deleted > 0


@pytest.mark.slow
@pytest.mark.parametrize("pair", [("isen", "scan"), ("scan", "isen"), ("sanet0", "hnfnetv1")])
def test_the_ledgers_removed_components_are_distmap_minus_consensus_on_real_scans(test_data, pair):
    maps = [
        read(test_data, f"real/TCGA-FG-6692/{name}.nii.gz")
        for name in ("fusion_simple", *(f"pred_{one}-20" for one in pair))
    ]
    deleted = check_deleted_voxels(*(one.labels for one in maps), maps[0].affine)
    assert deleted > 0


def test_the_ledgers_removed_components_are_distmap_minus_consensus_on_random_maps():
    rng = np.random.default_rng(5)
    for _ in range(10):
        maps = [
            np.where(rng.random((7, 6, 5)) < 0.3, rng.integers(1, 4, (7, 6, 5)), 0).astype(np.uint8)
            for _ in range(3)
        ]
        check_deleted_voxels(*maps, np.diag([-1.0, -1.0, 1.0, 1.0]))
