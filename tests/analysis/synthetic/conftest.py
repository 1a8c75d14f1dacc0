"""Synthetic patients that several tests look at."""

import pytest

from analysis.cohort.label_map import Labels
from analysis.synthetic.grid import GRIDS
from analysis.synthetic.patient import SyntheticPatient, make_patient
from analysis.synthetic.roster import visits
from tests.analysis.synthetic import slow_rule


@pytest.fixture(scope="session")
def dozen() -> list[SyntheticPatient]:
    """The twelve patients of seed 1 on the small grid, without MRI."""
    return [make_patient(1, visit, GRIDS["small"], with_images=False) for visit in visits(12)]


@pytest.fixture(scope="session")
def judged(dozen: list[SyntheticPatient]) -> list[tuple[SyntheticPatient, Labels]]:
    """The same patients, each with its CC-Consensus by the paper's own words."""
    return [(patient, slow_rule.consensus(patient.distmap, patient.baseline)) for patient in dozen]
