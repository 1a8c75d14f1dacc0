"""What goes wrong in a browser: specks without a normal, downloads cut off, and a day of opening cases."""

import re

import numpy as np
import pytest
from conftest import serving
from driving import open_case, pinned, read_panel, settle, stage, wait_for_case
from playwright.sync_api import expect

from analysis.cohort.label_map import LabelMap
from analysis.cohort.labels import SCHEMES
from analysis.cohort.nifti import write_label_map
from analysis.cohort.study import Method, Reference, Study, write_study

# Takes the guard against directions of length 0 out of the shader before it is compiled.
UNGUARD = """
const compile = WebGL2RenderingContext.prototype.shaderSource;
window.unguarded = 0;
WebGL2RenderingContext.prototype.shaderSource = function (shader, source) {
    const guarded = "square > 0.0 ? v * inversesqrt(square) : otherwise";
    const bare = source.replace(guarded, "v * inversesqrt(square)");
    window.unguarded += bare !== source ? 1 : 0;
    return compile.call(this, shader, bare);
};"""
SPECKS = "P-00001-000"


@pytest.fixture(scope="module")
def specks(tmp_path_factory):
    """A study of single voxels 8 mm apart at 1 mm: the smoothed normals at their corners cancel out."""
    folder = tmp_path_factory.mktemp("specks") / "study"
    method = Method("same", "Same", "predictions/same")
    folder.mkdir()
    write_study(Study(folder, "Specks", SCHEMES["brats2023"], Reference(folder="ground_truth"), (method,)))
    labels = np.zeros((60, 60, 60), np.uint8)
    labels[6:-6:8, 6:-6:8, 6:-6:8] = 1
    for part in ("ground_truth", method.folder):
        write_label_map(folder / part / f"{SPECKS}.nii.gz", LabelMap(labels, np.eye(4)))
    with serving(folder) as url:
        yield url


def specks_read(page, address, more=""):
    """What the panel of the specks shows, freshly opened."""
    page.goto(f"{address}/?patient={SPECKS}&mode=voxel{more}")
    wait_for_case(page, SPECKS)
    return read_panel(page, "reference")


@pytest.mark.parametrize("camera", ["", "&camera=0,0,0.4"], ids=["near", "far"])
def test_fragments_of_one_voxel_are_not_drawn_black(page, specks, camera):
    seen = specks_read(page, specks, camera)
    assert seen["covered"] > 500
    assert seen["black"] == 0


def test_without_the_guard_in_the_shader_they_would_be(watched, specks):
    page = watched.page.context.new_page()
    page.add_init_script(UNGUARD)
    seen = specks_read(page, specks)
    assert page.evaluate("window.unguarded") > 0
    assert seen["black"] > 100
    page.close()


def test_a_download_that_is_cut_off_is_said_in_its_panel_and_can_be_tried_again(watched, address, study):
    page = watched.page.context.new_page()
    patient = pinned(study, "C2")
    broken = re.compile(rf"/mesh/{patient}/distmap/")
    page.route(broken, lambda route: route.abort("connectionreset"))
    page.goto(f"{address}/?patient={patient}")
    expect(stage(page)).to_have_attribute("data-state", "error")
    panel = page.locator('[data-panel="distmap"]')
    expect(panel).to_contain_text("This surface could not be loaded.")
    assert read_panel(page, "baseline")["covered"] > 0  # the others live
    page.unroute(broken)
    panel.get_by_role("button", name="Try again").click()
    wait_for_case(page, patient)
    expect(panel).not_to_contain_text("could not be loaded")
    assert read_panel(page, "distmap")["covered"] > 0
    page.close()


@pytest.mark.slow
def test_a_surface_on_its_way_has_its_place_held_and_is_then_drawn(watched, address, study):
    page = watched.page.context.new_page()
    patient, held = pinned(study, "C2"), []
    page.route(re.compile(rf"/mesh/{patient}/distmap/"), lambda route: held.extend([route]))
    page.goto(f"{address}/?patient={patient}")
    waiting = page.locator('[data-panel="distmap"] .cs-loading')
    expect(page.locator('[data-panel="baseline"] .cs-loading')).to_have_count(0)
    expect(waiting).to_be_visible()
    expect(stage(page)).to_have_attribute("data-state", "loading")
    assert page.locator('[data-view="distmap"]').bounding_box()["height"] > 100  # nothing will move
    for route in held:
        route.continue_()
    wait_for_case(page, patient)
    expect(waiting).to_have_count(0)
    page.close()


def test_a_label_volume_that_is_cut_off_is_said_on_its_slice(watched, address, study):
    page = watched.page.context.new_page()
    patient = pinned(study, "C2")
    page.route(re.compile(rf"/labels/{patient}/distmap"), lambda route: route.abort("connectionreset"))
    page.goto(f"{address}/?patient={patient}")
    expect(page.locator('[data-panel="distmap"] .cs-slice')).to_contain_text("could not be loaded")
    expect(page.locator('[data-panel="baseline"] .cs-slice')).not_to_contain_text("could not be loaded")
    page.close()


def test_a_comparison_that_is_cut_off_is_said_and_labels_can_be_had_again(watched, address, study):
    page = watched.page.context.new_page()
    patient = pinned(study, "C2")
    page.route(re.compile(rf"/errors/{patient}/distmap/"), lambda route: route.abort("connectionreset"))
    page.goto(f"{address}/?patient={patient}&show=errors")
    panel = page.locator('[data-panel="distmap"]')
    expect(panel).to_contain_text("This surface could not be loaded.")
    page.locator(".toolbar").get_by_role("button", name="Labels").click()
    wait_for_case(page, patient)
    expect(panel).not_to_contain_text("could not be loaded")
    page.close()


def memory(page):
    """What the graphics card holds, and the heap after a collection, bytes."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    session.send("HeapProfiler.collectGarbage")
    heap = session.send("Runtime.getHeapUsage")["usedSize"]
    session.detach()
    return page.evaluate("document.getElementById('stage').caseStage.memory()"), heap


@pytest.mark.slow
def test_fifty_cases_leave_one_context_and_flat_memory(page, address, study):
    patients = [patient.id for patient in study.patients()]
    around = [patients[turn % len(patients)] for turn in range(54)]
    for patient in around[:4]:  # shaders compiled, caches filled
        open_case(page, address, patient, "&show=errors")
    # the same case before and after, so that the same surfaces are on stage
    open_case(page, address, patients[0], "&show=errors")
    card, heap = memory(page)
    for patient in around[4:]:
        open_case(page, address, patient, "&show=errors")
    open_case(page, address, patients[0], "&show=errors")
    card_after, heap_after = memory(page)
    assert card_after["geometries"] == card["geometries"]
    assert card_after["programs"] == card["programs"]
    assert card_after["textures"] <= card["textures"] + 2
    assert heap_after < heap * 1.25 + 8e6
    assert page.locator(".cs-canvas").count() == 1


@pytest.mark.slow
def test_a_storm_over_every_case_ends_on_the_last_and_leaves_nothing_behind(page, address, study):
    patients = [patient.id for patient in study.patients()]
    last = patients[0]
    open_case(page, address, last)
    settle(page)
    alone, (card, _) = read_panel(page, "distmap"), memory(page)
    open_case(page, address, patients[1])  # else the last would be there before the storm is over
    for turn in range(30):
        page.evaluate(
            "search => { history.pushState({}, '', search); dispatchEvent(new PopStateEvent('popstate')) }",
            f"?patient={[*patients[1:], last][(turn * 5) % len(patients)] if turn < 29 else last}",
        )
    wait_for_case(page, last)
    settle(page)
    assert read_panel(page, "distmap") == alone
    assert memory(page)[0]["geometries"] == card["geometries"]
