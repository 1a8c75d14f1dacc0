"""The plot, the table, the search and the address lead to cases and back."""

import re

from driving import click_point, go, open_case, pinned, stage, wait_for_case, wait_for_scatter
from playwright.sync_api import expect

from analysis.cohort.results import read_table


def test_a_click_on_a_point_opens_its_case_twice_in_a_row(page, address, study):
    first, second = pinned(study, "C2"), pinned(study, "C6")
    open_case(page, address, first)
    wait_for_scatter(page)
    for _ in range(2):
        click_point(page, second)
        wait_for_case(page, second)
        page.go_back()
        wait_for_case(page, first)


def test_opening_loads_one_plotly_no_polyfill_and_nothing_twice(chromium, address):
    with chromium.new_context() as context:
        page = context.new_page()
        asked = []
        page.on("request", lambda request: asked.append((request.method, request.url.removeprefix(address))))
        page.goto(address)
        wait_for_scatter(page)
        expect(page.locator("#table .ag-row .ag-cell").first).to_be_visible()
        gets = [path for method, path in asked if method == "GET"]
        assert sum("plotly" in path for path in gets) == 1
        assert not any("polyfill" in path for path in gets)
        loaded_once = [path for path in gets if path.startswith(("/_dash", "/assets/page"))]
        assert len(loaded_once) > 15
        assert sorted(loaded_once) == sorted(set(loaded_once))


def test_back_and_forward_walk_through_the_cases(page, address, study):
    open_case(page, address, pinned(study, "C1"))
    for tag in ("C2", "C3"):
        page.locator(".pin", has_text=pinned(study, tag)).click()
        wait_for_case(page, pinned(study, tag))
    page.go_back()
    wait_for_case(page, pinned(study, "C2"))
    page.go_back()
    wait_for_case(page, pinned(study, "C1"))
    page.go_forward()
    wait_for_case(page, pinned(study, "C2"))
    expect(page.locator('.pin[aria-current="true"]')).to_contain_text(pinned(study, "C2"))


def test_changing_how_it_looks_adds_no_step_to_go_back(page, address, study):
    open_case(page, address, pinned(study, "C1"))
    open_case(page, address, pinned(study, "C2"))
    page.locator(".toolbar").get_by_role("button", name="ED", exact=True).click()
    expect(page).to_have_url(re.compile("off=ED"))
    page.go_back()
    wait_for_case(page, pinned(study, "C1"))


def test_the_table_lists_filters_and_opens(page, address, study):
    open_case(page, address, pinned(study, "C1"))
    expect(page.locator("#row-count")).to_have_text("12 patients")
    page.get_by_label("Filter the table").fill("SYN-00007")
    expect(page.locator("#row-count")).to_have_text("2 of 12 patients")
    rows = page.locator("#table .ag-pinned-left-cols-container .ag-row")
    expect(rows).to_have_count(2)
    rows.last.locator(".ag-cell").first.click()
    wait_for_case(page, "SYN-00007-001")
    expect(page.locator("#table .ag-row-selected").first).to_contain_text("SYN-00007-001")
    page.get_by_label("Filter the table").fill("")
    expect(page.locator("#row-count")).to_have_text("12 patients")


def test_the_csv_holds_exactly_the_rows_shown(page, address, study):
    open_case(page, address, pinned(study, "C1"))
    page.get_by_label("Filter the table").fill("SYN-00007")
    expect(page.locator("#row-count")).to_have_text("2 of 12 patients")
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    lines = download.value.path().read_text("utf-8-sig").splitlines()
    assert [line.split(",")[0].strip('"') for line in lines[1:]] == ["SYN-00007-000", "SYN-00007-001"]
    assert lines[0].startswith('"Patient"')
    page.get_by_label("Filter the table").fill("")
    expect(page.locator("#row-count")).to_have_text("12 patients")


def test_a_part_of_an_id_finds_the_only_patient_it_fits(page, address, study):
    open_case(page, address, pinned(study, "C1"))
    search = page.get_by_label("Open a patient by id")
    search.fill("00009")
    search.press("Enter")
    wait_for_case(page, "SYN-00009-000")


def test_an_unknown_patient_is_said_and_the_page_lives_on(page, address, study):
    go(page, address, "?patient=SYN-99999-000")
    expect(page.locator("#notices")).to_contain_text("There is no patient “SYN-99999-000” in this study.")
    page.locator(".pin", has_text=pinned(study, "C4")).click()
    wait_for_case(page, pinned(study, "C4"))
    expect(page.locator("#notices")).to_be_empty()


def test_rubbish_in_the_address_is_named_and_ignored(page, address, study):
    go(page, address, f"?patient={pinned(study, 'C1')}&eps=lots&plane=%00&cursor=1")
    wait_for_case(page, pinned(study, "C1"))
    expect(page.locator("#notices")).to_contain_text("eps=lots, which means nothing here")


def test_the_threshold_recolours_and_recounts(page, address, study):
    open_case(page, address, pinned(study, "C1"))
    wait_for_scatter(page)
    expect(page.locator("#count-tie")).to_have_text("0")
    slider = page.get_by_label("Differences count above")
    slider.focus()
    for _ in range(9):
        slider.press("ArrowRight")
    expect(page).to_have_url(re.compile("eps=0.1"))
    expect(page.locator("#eps-text")).to_have_text("0.1")
    expect(page.locator("#count-tie")).not_to_have_text("0")
    counts = [int(page.locator(f"#count-{key}").inner_text()) for key in ("B", "D", "tie")]
    assert sum(counts) == 12
    expect(page.locator("#table .ag-center-cols-container")).to_contain_text("tie")


def wait_for_ring(page, patient):
    """Wait until the ring in the plot is drawn where a patient's point is."""
    page.wait_for_function(
        """patient => {
            const plot = document.querySelector("#scatter .js-plotly-plot");
            const drawn = (place, i) => plot.querySelectorAll(`.trace${plot._fullData[place].uid} .point`)[i]
                ?.getAttribute("transform");
            const ring = plot.data.findIndex(({ name }) => name === "open case");
            const owner = plot.data.findIndex(({ customdata }) => customdata?.includes(patient));
            const i = plot.data[owner].customdata.indexOf(patient);
            return ["x", "y"].every((side) => plot.data[ring][side][0] === plot.data[owner][side][i])
                && drawn(ring, 0) !== undefined && drawn(ring, 0) === drawn(owner, i);
        }""",
        arg=patient,
    )


def test_another_case_moves_the_ring_in_the_plot_and_nothing_else_of_it(page, address, study):
    open_case(page, address, pinned(study, "C5"))
    wait_for_scatter(page)
    wait_for_ring(page, pinned(study, "C5"))
    asked = []
    page.on("request", lambda request: asked.append(request.post_data or ""))
    open_case(page, address, pinned(study, "C1"))
    wait_for_ring(page, pinned(study, "C1"))
    assert any("rings.data" in body for body in asked)
    assert not any("scatter.figure" in body for body in asked)


def test_a_box_in_the_plot_limits_the_table_and_the_link_keeps_it(page, address, study):
    open_case(page, address, pinned(study, "C1"), "&box=-1,0,-1,1")
    points = read_table(study, "patients")
    inside = int((points["x"] <= 0).sum())
    expect(page.locator("#row-count")).to_have_text(f"{inside} of 12 patients")
    page.get_by_role("button", name="Leave the selection").click()
    expect(page.locator("#row-count")).to_have_text("12 patients")
    wait_for_scatter(page)
    page.locator("#scatter").scroll_into_view_if_needed()
    page.locator('#scatter .modebar-btn[data-val="select"]').click()
    plot = page.locator("#scatter .nsewdrag").first.bounding_box()
    page.mouse.move(plot["x"] + 3, plot["y"] + 3)
    page.mouse.down()
    page.mouse.move(plot["x"] + 30, plot["y"] + 50)
    page.mouse.move(plot["x"] + plot["width"] / 2, plot["y"] + plot["height"] - 3)
    page.mouse.up()
    expect(page).to_have_url(re.compile("box=-"))
    expect(page.locator("#row-count")).to_have_text(re.compile("of 12 patients"))
    page.get_by_role("button", name="Leave the selection").click()
    expect(page.locator("#row-count")).to_have_text("12 patients")


def test_no_button_uploads_the_plot(page, address, study):
    open_case(page, address, pinned(study, "C1"))
    wait_for_scatter(page)
    titles = page.locator("#scatter .modebar-btn").evaluate_all("all => all.map(one => one.dataset.title)")
    assert titles
    assert not any("loud" in title or "hart Studio" in title for title in titles)


def test_the_theme_is_kept_in_the_address_and_reaches_every_part(page, address, study):
    open_case(page, address, pinned(study, "C1"))
    ground = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(ground)
    page.get_by_role("button", name="Light theme").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    expect(stage(page)).to_have_attribute("data-theme", "light")
    expect(page).to_have_url(re.compile("theme=light"))
    assert page.evaluate(ground) != dark
    expect(page.locator("#scatter .xtitle")).to_have_css("fill", "rgb(24, 33, 42)")
    page.get_by_role("button", name="Dark theme").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_synthetic_data_and_research_use_are_said_on_the_page(page, address, study):
    open_case(page, address, pinned(study, "C1"))
    expect(page.locator(".mark-synthetic")).to_have_text("Synthetic")
    expect(page.locator("footer strong")).to_have_text("Research use only, not for clinical decisions.")
    for method in ("Baseline", "DistMap", "CC-Consensus"):
        expect(page.locator(".mean", has_text=method).first).to_contain_text("n = 12")
