"""The cohort's charts in a real browser: atlas of components, lassos, distributions, the table's pictures."""

import re

import pytest
from driving import go, open_case, pinned, stage, wait_for_case, wait_for_scatter
from playwright.sync_api import expect

from analysis.cohort.results import read_table

# The plot's own coordinates of every patient's point, in pixels of the page.
POINTS = """() => {
    const plot = document.querySelector("#scatter .js-plotly-plot");
    const { xaxis, yaxis, _size } = plot._fullLayout;
    const box = plot.getBoundingClientRect();
    return Object.fromEntries(plot._fullData.flatMap((trace) => (trace.customdata ?? []).map((patient, i) =>
        [patient, [box.x + _size.l + xaxis.c2p(trace.x[i]), box.y + _size.t + yaxis.c2p(trace.y[i])]])));
}"""


def open_atlas(page, address, study):
    """Open the atlas with every component in sight."""
    open_case(page, address, pinned(study, "C1"), "&chart=atlas")
    expect(page.locator(".fa")).to_have_attribute("data-state", "ready")
    canvas = page.locator(".fa-frame canvas")
    canvas.scroll_into_view_if_needed()
    return canvas.bounding_box()


def encircle(page, corners):
    """Drag along corners, and back to the first."""
    page.mouse.move(*corners[0])
    page.mouse.down()
    for corner in (*corners[1:], corners[0]):
        page.mouse.move(*corner, steps=4)
    page.mouse.up()


def hover_a_component(page, box):
    """Move the mouse over the atlas until a component says its name."""
    said = page.locator(".fa-hover")
    for row in range(1, 20):
        for column in range(1, 30):
            page.mouse.move(box["x"] + box["width"] * column / 30, box["y"] + box["height"] * row / 20)
            if said.count():
                return said.locator("div").all_inner_texts()
    return []


def test_the_atlas_counts_every_component_of_the_results(page, address, study):
    open_atlas(page, address, study)
    whole = f"{len(read_table(study, 'components')):,}".replace(",", "\u202f")
    expect(page.locator(".fa-summary")).to_contain_text(f"{whole} of {whole} components in 12 of 12 patients")


def test_a_click_in_the_atlas_opens_the_case_with_that_component_selected(page, address, study):
    box = open_atlas(page, address, study)
    patient, named, _ = hover_a_component(page, box)
    method, label, number = re.match(r"(.+), (\w+), no\. (\d+)", named).groups()
    page.mouse.down()
    page.mouse.up()
    source = next(one.name for one in study.methods if one.title == method)
    expect(page).to_have_url(re.compile(f"component={source}:{label}:{number}(&|$)"))
    wait_for_case(page, patient)
    row = page.locator("#ledger .ag-row-selected").first
    expect(row.locator('[col-id="label_name"]')).to_have_text(label)
    expect(row.locator('[col-id="component"]')).to_have_text(number)


def test_a_lasso_in_the_atlas_leaves_the_patients_it_holds_also_in_a_fresh_browser(
    page, address, study, elsewhere
):
    box = open_atlas(page, address, study)
    page.get_by_role("button", name="Lasso", exact=True).click()
    left, top, width, height = (box[side] for side in ("x", "y", "width", "height"))
    # the larger components: few, so not every patient has one
    x0, x1, y0, y1 = left + 0.6 * width, left + 0.98 * width, top + 0.02 * height, top + 0.6 * height
    encircle(page, [(x0, y0), (x1, y0), (x1, y1), (x0, y1)])
    expect(page).to_have_url(re.compile("pieces="))
    summary = page.locator(".fa-summary")
    expect(summary).not_to_contain_text("in 12 of 12 patients")
    cases = re.search(r"in (\d+) of 12 patients", summary.inner_text()).group(1)
    expect(page.locator("#row-count")).to_have_text(f"{cases} of 12 patients")
    elsewhere.goto(page.url)
    expect(elsewhere.locator(".fa-summary")).to_have_text(summary.inner_text())
    expect(elsewhere.locator("#row-count")).to_have_text(f"{cases} of 12 patients")


def test_a_lasso_round_two_points_leaves_two_rows_also_in_a_fresh_browser(page, address, study, elsewhere):
    open_case(page, address, pinned(study, "C1"))
    wait_for_scatter(page)
    page.locator("#scatter").scroll_into_view_if_needed()
    page.locator('#scatter .modebar-btn[data-val="lasso"]').click()
    points = page.evaluate(POINTS)
    held = [pinned(study, tag) for tag in ("C1", "C4")]  # neighbours: Baseline far ahead
    (x0, y0), (x1, y1) = (points[patient] for patient in held)
    left, right, top, bottom = min(x0, x1) - 12, max(x0, x1) + 12, min(y0, y1) - 12, max(y0, y1) + 12
    within = {one for one, (x, y) in points.items() if left < x < right and top < y < bottom}
    encircle(page, [(left, top), (right, top), (right, bottom), (left, bottom)])
    expect(page).to_have_url(re.compile("lasso="))
    expect(page.locator("#row-count")).to_have_text(f"{len(within)} of 12 patients")
    assert set(held) <= within
    elsewhere.goto(page.url)
    expect(elsewhere.locator("#row-count")).to_have_text(f"{len(within)} of 12 patients")
    expect(elsewhere.locator("#table .ag-center-cols-container .ag-row")).to_have_count(len(within))


@pytest.mark.slow
def test_the_axes_take_any_metric_and_definition_and_a_box_limits_the_table(page, address, study):
    open_case(page, address, pinned(study, "C1"), "&chart=axes")
    across = page.get_by_label("Across: metric")
    across.select_option(label="HD95 surfel, mm")
    expect(page).to_have_url(re.compile("[?&]x=hd95_surfel_mm"))
    expect(page.locator("#scatter .xtitle")).to_contain_text("HD95 surfel")
    expect(page.locator("#chart-said")).to_contain_text("HD95 surfel")
    page.get_by_label("Up: value or difference").select_option(index=1)
    expect(page.locator("#scatter .ytitle")).to_contain_text("\u2212")
    ticks = page.locator("#scatter .xtick").all_text_contents()
    page.locator("#explorer").get_by_role("button", name="Linear", exact=True).click()
    expect(page).to_have_url(re.compile("scale=linear"))
    expect(page.locator("#scatter .xtick").first).to_be_attached()
    page.wait_for_function(
        """before => [...document.querySelectorAll("#scatter .xtick")]
            .map((one) => one.textContent).join() !== before""",
        arg=",".join(ticks),
    )
    page.get_by_role("button", name="Density").click()
    expect(page.locator("#scatter .hm, #scatter .heatmaplayer image").first).to_be_attached()


@pytest.mark.slow
def test_pairs_of_methods_are_compared_and_tested(page, address, study):
    open_case(page, address, pinned(study, "C1"), "&chart=paired&metric=dice&area=ET&pair=distmap,baseline")
    expect(page.locator("#scatter .xtitle")).to_contain_text("Baseline")
    expect(page.locator("#scatter .ytitle")).to_contain_text("DistMap")
    expect(page.locator("#chart-said .findings")).to_contain_text("n = 12 pairs, 0 left out")
    expect(page.locator("#scatter .shapelayer path").first).to_be_attached()  # where both are equal
    page.get_by_label("Methods", exact=True).select_option("baseline,distmap")
    expect(page.locator("#scatter .xtitle")).to_contain_text("DistMap")


@pytest.mark.slow
def test_a_histogram_of_the_atlas_brushes_the_components_and_lists_their_cases(page, address, study):
    open_atlas(page, address, study)
    size = page.get_by_label(re.compile(r"^[Ss]ize.*: at least")).first
    size.fill("1000")
    size.press("Enter")
    large = read_table(study, "components").query("voxel_count >= 1000")
    counted = f"{len(large):,}".replace(",", "\u202f")
    expect(page.locator(".fa-summary")).to_contain_text(f"{counted} of ")
    cases = large["patient"].nunique()
    expect(page.locator(".fa-summary")).to_contain_text(f"in {cases} of 12 patients")
    expect(page).to_have_url(re.compile("pieces="))
    link = page.locator(".fa").get_by_role("link", name="CSV of components")
    expect(link).to_have_attribute("href", re.compile("pieces=.*1000"))
    with page.expect_download() as download:
        link.click()
    assert len(download.value.path().read_text("utf-8-sig").splitlines()) == len(large) + 1


def test_the_distributions_count_the_patients_of_the_results(page, address, study):
    open_case(page, address, pinned(study, "C1"), "&chart=distributions&metric=dice")
    metrics = read_table(study, "metrics").query("metric == 'dice' and region == 'ET'")
    wanted = metrics[metrics["method"] == "baseline"]
    of_tumour = page.get_by_role("rowheader", name="ET")
    row = page.locator(".sums tbody tr").filter(has=of_tumour).filter(has_text="Baseline")
    cells = row.locator("td")
    expect(cells.nth(1)).to_have_text(str(int(wanted["value"].notna().sum())))
    expect(cells.nth(3)).to_have_text(f"{wanted['value'].mean():.3f}")
    expect(page.locator("#scatter .boxlayer .trace").first).to_be_attached()


def test_every_patient_in_sight_has_a_picture_in_the_table(page, address, study):
    open_case(page, address, pinned(study, "C1"))
    pictures = page.locator("#table .patient-picture")
    expect(pictures).to_have_count(12)
    page.wait_for_function(
        "() => [...document.querySelectorAll('.patient-picture')].every((one) => one.naturalWidth > 0)",
        timeout=60_000,
    )


def test_an_unknown_chart_in_the_address_is_named_and_the_page_lives_on(page, address, study):
    go(page, address, f"?patient={pinned(study, 'C1')}&chart=pie&pieces=rubbish&lasso=1,2&filter=%7B")
    expect(stage(page)).to_have_attribute("data-state", "ready")
    expect(page.locator("#notices")).to_contain_text("pie")
    expect(page.locator("#row-count")).to_have_text("12 patients")
