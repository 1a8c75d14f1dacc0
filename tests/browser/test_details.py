"""Scores and components of the open case lead to places in it."""

import re

import pytest
from driving import facts, open_case, pinned, read_panel, settle, stage
from playwright.sync_api import expect

from analysis.cohort.nifti import read_label_map
from analysis.cohort.results import read_table
from analysis.metric_definitions import definition


def selected(page):
    return page.locator("#ledger .ag-row-selected")


def test_scores_are_those_of_the_results(page, address, study):
    patient = pinned(study, "C5")
    open_case(page, address, patient)
    metrics = read_table(study, "metrics", patient=patient)
    dice = metrics[(metrics["metric"] == "dice") & (metrics["region"] == "WT")].set_index("method")["value"]
    rows = page.locator(".scores tbody tr")
    for number, method in enumerate(("baseline", "distmap", "consensus")):
        expect(rows.nth(number).locator("td").first).to_have_text(f"{dice[method]:.3f}")


def test_every_component_of_the_case_is_listed(page, address, study):
    patient = pinned(study, "C1")
    open_case(page, address, patient)
    expect(page.locator("#ledger-line")).to_have_text(
        re.compile(f"^{len(read_table(study, 'components', patient=patient))} components;")
    )


@pytest.mark.slow
def test_the_components_are_sorted_by_their_heads_and_stepped_through_in_that_order(page, address, study):
    open_case(page, address, pinned(study, "C5"))
    head = page.locator('#ledger .ag-header-cell[col-id="volume_ml"] .ag-header-cell-label')
    head.click()
    shown = """() => {
        const [rows, api] = [[], dash_ag_grid.getApi("ledger")];
        api.forEachNodeAfterFilterAndSort(({ id, data }) => rows.push([id, data.volume_ml]));
        return rows;
    }"""
    page.wait_for_function(f"() => {{ const all = ({shown})(); return all[0][1] < all.at(-1)[1]; }}")
    rows = page.evaluate(shown)
    assert [ml for _, ml in rows] == sorted(ml for _, ml in rows)
    page.evaluate("document.activeElement.blur()")
    for name, _ in rows[:2]:
        page.keyboard.press("j")
        expect(selected(page)).to_have_attribute("row-id", name)
    page.keyboard.press("Escape")
    head.click()
    head.click()  # ascending, descending, and as it was


def test_a_row_selects_its_component_in_every_panel(page, address, study):
    patient = pinned(study, "C5")
    page.goto("about:blank")  # else the table may stand scrolled as the test before left it
    open_case(page, address, patient)
    before = read_panel(page, "distmap")["fingerprint"]
    page.locator("#ledger").scroll_into_view_if_needed()
    page.locator('#ledger .ag-row[row-id="distmap:ET:1"] .ag-cell').first.click()
    expect(page).to_have_url(re.compile("component=distmap:ET:1"))
    expect(selected(page)).to_have_attribute("row-id", "distmap:ET:1")
    expect(page.locator('[data-panel="consensus"] .cs-remark[data-absent="true"]')).to_be_visible()
    assert read_panel(page, "distmap")["fingerprint"] != before


def test_a_link_to_a_component_selects_it(page, address, study):
    patient = pinned(study, "C5")
    page.goto("about:blank")
    open_case(page, address, patient, "&component=distmap:ET:1")
    expect(selected(page)).to_have_attribute("row-id", "distmap:ET:1")
    expect(page.locator('[data-panel="consensus"] .cs-remark[data-absent="true"]')).to_be_visible()


def test_a_component_that_is_gone_is_no_selection(page, address, study):
    open_case(page, address, pinned(study, "C5"), "&component=distmap:ET:999999")
    expect(stage(page)).to_have_attribute("data-state", "ready")
    expect(selected(page)).to_have_count(0)


def label_maps(study, patient):
    files = study.patient(patient)
    paths = {"Ground truth": files.reference} | {
        one.title: files.predictions[one.name] for one in study.methods
    }
    return {title: read_label_map(path, study.scheme).labels for title, path in paths.items()}


def compact_component(study, patient, maps):
    """The largest DistMap fragment whose centroid lies in one of its own voxels, not between two."""
    rows = read_table(study, "components", patient=patient).query("method == 'distmap' and component > 1")
    for row in rows.sort_values("voxel_count", ascending=False).to_dict("records"):
        exact = [row[f"centroid_{axis}"] for axis in "xyz"]
        centre = tuple(round(index) for index in exact)
        is_between = any(abs(index - round(index)) > 0.45 for index in exact)
        if not is_between and maps["DistMap"][centre] == row["label"]:
            return f"distmap:{study.scheme.names[int(row['label'])]}:{row['component']}"
    raise AssertionError("no component holds its centroid")


def test_a_voxel_picked_in_the_ledger_on_a_slice_and_in_3d_has_the_same_label_in_every_method(
    page, address, study
):
    patient = pinned(study, "C5")
    maps = label_maps(study, patient)
    name = compact_component(study, patient, maps)
    label = name.split(":")[1]
    names = {one.value: one.name for one in study.scheme.labels} | {0: "none"}

    def assert_true():
        """What the readout says of its voxel is what the files hold there."""
        said = facts(page)
        voxel = tuple(int(index) for index in said["voxel"].split())
        assert {title: said[title] for title in maps} == {t: names[int(m[voxel])] for t, m in maps.items()}
        assert said["DistMap"] == label
        return voxel

    page.goto("about:blank")
    open_case(page, address, patient, "&mode=voxel&isolated=1")
    page.locator("#ledger").scroll_into_view_if_needed()
    expect(page.locator("#ledger .ag-row").first).to_be_attached()
    page.evaluate(
        "id => { const api = dash_ag_grid.getApi('ledger'); api.ensureNodeVisible(api.getRowNode(id)) }", name
    )
    page.locator(f'#ledger .ag-row[row-id="{name}"] .ag-cell').first.click()
    expect(selected(page)).to_have_attribute("row-id", name)
    settle(page)  # the crosshair has gone there
    in_ledger = assert_true()

    # on the slice that shows it, the component under the crosshair is chosen with the keyboard
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Escape")
    expect(selected(page)).to_have_count(0)
    page.locator('[data-panel="distmap"] .cs-slice').press("Enter")
    expect(selected(page)).to_have_attribute("row-id", name)
    assert assert_true() == in_ledger

    # in 3D, where all else is hidden, a click on the crosshair's place hits the component's nearest voxel
    view = page.locator('[data-view="distmap"]')
    view.scroll_into_view_if_needed()
    cross = view.locator(".cs-cross").bounding_box()
    page.mouse.click(cross["x"] + cross["width"] / 2, cross["y"] + cross["height"] / 2)
    settle(page)  # the crosshair has gone to what was hit
    expect(selected(page)).to_have_attribute("row-id", name)
    in_3d = assert_true()
    row = next(
        row
        for row in read_table(study, "components", patient=patient).to_dict("records")
        if name == f"{row['method']}:{study.scheme.names[int(row['label'])]}:{row['component']}"
    )
    starts, stops = ([row[f"bbox_{axis}_{end}"] for axis in "xyz"] for end in ("start", "stop"))
    assert all(start <= index < stop for start, index, stop in zip(starts, in_3d, stops, strict=True))


@pytest.mark.slow
def test_each_score_says_what_it_means_where_it_stands(page, address, study):
    patient = pinned(study, "C5")
    open_case(page, address, patient, "&flip=distmap:ET:1")
    heads = page.locator(".scores-frame .scores thead th[scope=colgroup]")
    terms = heads.locator(".define")
    assert terms.count() == heads.count() >= 3
    assert terms.first.get_attribute("title") == definition("dice").sentence
    terms.first.click()
    sheet = page.locator("#definition")
    expect(sheet).to_be_visible()
    expect(sheet).to_contain_text(definition("dice").sentence)
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    page.get_by_role("button", name="What if", exact=True).click()
    rows = page.locator("#what-if .changes tbody th")
    expect(rows.first).to_be_visible()
    assert rows.locator(".define").count() == rows.count() >= 7
    expect(rows.filter(has_text="Lesions missed").locator(".define")).to_have_attribute(
        "title", definition("lesion_fn").sentence
    )
