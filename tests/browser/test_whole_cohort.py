"""1196 patients with volumes, prepared and served: every point of the scatter opens a case that is drawn.

The patients are synthetic and tiny, so that they can be made and prepared in a minute. GLIOSCOPE_TEST_COHORT
names a prepared study to take instead, such as one that `make bench-cohort` has kept; it is not written to.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from conftest import SLOW_MACHINE_MS, serving
from driving import click_point, go, read_panel, stage, wait_for_case, wait_for_scatter
from playwright.sync_api import expect

from analysis.cohort.label_map import LabelMap
from analysis.cohort.labels import SCHEMES
from analysis.cohort.nifti import write_label_map
from analysis.cohort.results import read_table
from analysis.cohort.study import CONSENSUS_FOLDER, Method, Reference, Study, read_study, write_study
from meshing.warm import warm_up
from viewer.preparation.executors import available_jobs, here
from viewer.preparation.prepare import prepare_study

PATIENTS = 1196
METHODS = (
    Method("baseline", "Baseline", "predictions/baseline", role="baseline"),
    Method("distmap", "DistMap", "predictions/distmap", role="distmap"),
    Method("consensus", "CC-Consensus", CONSENSUS_FOLDER, role="consensus"),
)

pytestmark = pytest.mark.slow


def tumour(number: int, method: int) -> LabelMap:
    """Nested boxes of ED, ET and NCR on 2 mm voxels; those of methods are shifted, thinned and strewn."""
    chance = np.random.default_rng([number, method])
    labels = np.zeros((24, 26, 20), np.uint8)
    shift = int(chance.integers(0, 3)) if method else 0
    labels[4 + shift : 16, 4:18, 4:15] = 2
    labels[6 + shift : 13, 6:14, 6:12] = 3
    labels[8:11, 8 : 10 + shift, 8:10] = 1
    labels[chance.random(labels.shape) < method * min(0.3, chance.exponential(0.03))] = 0
    strewn = chance.integers(0, 20, (int(chance.integers(1, 14)) * bool(method), 3))
    labels[tuple(strewn.T)] = 1 + np.arange(len(strewn)) % 3
    return LabelMap(labels, np.diag([-2.0, -2.0, 2.0, 1.0]))


def made_cohort(folder: Path) -> Study:
    """Write and prepare the synthetic patients."""
    study = Study(
        folder, "Synthetic boxes", SCHEMES["brats2023"], Reference(folder="truth"), METHODS, synthetic=True
    )
    folder.mkdir(parents=True)
    write_study(study)
    for number in range(PATIENTS):
        name = f"SYN-{number:05d}-000.nii.gz"
        for method, place in enumerate(("truth", "predictions/baseline", "predictions/distmap")):
            write_label_map(folder / place / name, tumour(number, method))
    summary = prepare_study(read_study(folder), here(available_jobs()))
    assert summary.usable == PATIENTS
    return read_study(folder)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Study:
    warm_up()  # else the first page would wait for the compiler
    given = os.environ.get("GLIOSCOPE_TEST_COHORT")
    return read_study(Path(given)) if given else made_cohort(tmp_path_factory.mktemp("whole") / "study")


@pytest.fixture(scope="module")
def whole_address(whole: Study, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(whole.folder, state=tmp_path_factory.mktemp("state")) as url:
        yield url


def loneliest(study: Study) -> str:
    """Name the patient whose point lies farthest from every other on linear axes: none covers it."""
    points = read_table(study, "patients")
    places = points[["x", "y"]].to_numpy() / np.ptp(points[["x", "y"]].to_numpy(), axis=0)
    gaps = np.linalg.norm(places[:, None] - places[None], axis=2) + np.diag(np.full(len(places), np.inf))
    return str(points["patient"].iloc[int(gaps.min(axis=1).argmax())])


def test_a_click_on_one_of_1196_points_draws_its_case(page, whole_address, whole):
    patient = loneliest(whole)
    go(page, whole_address, "?scale=linear")
    wait_for_scatter(page)
    expect(stage(page)).to_have_attribute("data-state", "ready")  # nothing moves the plot any more
    drawn = page.evaluate(
        """() => document.querySelector("#scatter .js-plotly-plot")._fullData
            .reduce((count, trace) => count + (trace.customdata || []).length, 0)"""
    )
    assert drawn == PATIENTS
    click_point(page, patient)
    expect(page).to_have_url(re.compile(f"patient={patient}"))
    wait_for_case(page, patient)
    assert read_panel(page, "distmap")["covered"] > 0
    expect(page.locator("#table .ag-row-selected").first).to_contain_text(patient)


def test_the_table_of_1196_patients_is_searched_and_a_row_opens_its_case(page, whole_address, whole):
    patient = read_table(whole, "patients")["patient"].iloc[-7]
    go(page, whole_address, f"?find={patient}")
    row = page.locator(f'#table [row-id="{patient}"]').first
    expect(row).to_be_visible()
    row.locator('[col-id="patient"]').click(timeout=SLOW_MACHINE_MS)
    wait_for_case(page, patient)
