"""A link shows the same picture to somebody else."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from driving import drag, go, open_case, pinned, read_panel, settle, wait_for_case, wait_for_scatter
from playwright.sync_api import expect

SIZE = {"width": 1280, "height": 900}
LOOK = "&theme=light&plane=coronal&off=ED&eps=0.005&component=distmap:ET:1"
COHORT = "chart=axes&x=dice:TC:distmap&sort=dice_average_distmap:desc&find=SYN-0000"


def query(page):
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def assert_alike(one, other):
    """Two readings show the same but for the rounding of the camera in the address."""
    assert (one["width"], one["height"]) == (other["width"], other["height"])
    assert abs(one["covered"] - other["covered"]) <= 0.01 * one["covered"]
    unlike = sum(abs(a - b) for a, b in zip(one["histogram"], other["histogram"], strict=True))
    assert unlike <= 0.03 * one["covered"]


def wait_for_picture(page, key, wanted):
    """Wait until a panel shows what it showed; reading draws, and a flight needs frames of its own."""
    for _ in range(20):
        settle(page)
        if abs(read_panel(page, key)["covered"] - wanted["covered"]) <= 0.01 * wanted["covered"]:
            break
    assert_alike(wanted, read_panel(page, key))


def test_a_link_opened_in_a_fresh_browser_shows_the_same_picture(page, address, study, elsewhere):
    patient = pinned(study, "C5")
    open_case(page, address, patient, f"{LOOK}&{COHORT}")
    drag(page, "distmap", 70, 40)
    expect(page).to_have_url(re.compile("camera="))
    expect(page).to_have_url(re.compile("cursor="))  # that of the selected component
    settle(page)
    before = page.url
    page.locator('[data-panel="baseline"] .cs-slice').click(position={"x": 90, "y": 80})
    expect(page).not_to_have_url(before)
    expect(page.locator(".cs-readout dl")).to_contain_text("\u00b1")
    settle(page)
    readout = page.locator(".cs-readout dl").inner_text()
    rows = page.locator("#table .ag-center-cols-container").inner_text()
    expect(page.locator("#scatter .xtitle")).to_contain_text("TC")
    axis = page.locator("#scatter .xtitle").text_content()

    elsewhere.goto(page.url)
    wait_for_case(elsewhere, patient)
    expect(elsewhere.locator("#ledger .ag-row-selected").first).to_be_attached()
    for key in ("reference", "baseline", "distmap", "consensus"):
        assert_alike(read_panel(page, key), read_panel(elsewhere, key))
    expect(elsewhere.locator(".cs-readout dl")).to_have_text(readout, use_inner_text=True)
    expect(elsewhere.locator("#table .ag-center-cols-container")).to_have_text(rows, use_inner_text=True)
    expect(elsewhere.locator("#scatter .xtitle")).to_have_text(axis)
    expect(elsewhere.locator("html")).to_have_attribute("data-theme", "light")
    assert query(elsewhere) == query(page)


@pytest.mark.slow
def test_a_link_to_a_place_out_of_the_middle_shows_that_place(page, address, study, elsewhere):
    patient = pinned(study, "C2")
    open_case(page, address, patient)
    page.locator('[data-view="reference"]').hover()
    page.mouse.wheel(0, -600)
    expect(page).to_have_url(re.compile("camera=([^,&]+,){5}"))
    settle(page)
    elsewhere.goto(page.url)
    wait_for_case(elsewhere, patient)
    assert_alike(read_panel(page, "consensus"), read_panel(elsewhere, "consensus"))


def test_cameras_that_stand_apart_are_in_the_link_and_go_with_linking(page, address, study, elsewhere):
    patient = pinned(study, "C2")
    page.goto("about:blank")
    open_case(page, address, patient, "&unlinked=1")
    drag(page, "reference", -70, 10)
    drag(page, "distmap", 70, 40)
    page.wait_for_function(
        "() => /camera=.*cameras=/.test(location.search) && /reference:/.test(location.search)"
    )
    settle(page)
    stands = query(page)["cameras"].split(",")
    assert [stand.split(":")[0] for stand in stands] == ["baseline", "consensus", "reference"]
    elsewhere.goto(page.url)
    wait_for_case(elsewhere, patient)
    for key in ("reference", "baseline", "distmap"):
        assert_alike(read_panel(page, key), read_panel(elsewhere, key))
    page.get_by_role("button", name="Cameras apart").click()
    expect(page).not_to_have_url(re.compile("cameras="))
    assert read_panel(page, "reference")["fingerprint"] != read_panel(elsewhere, "reference")["fingerprint"]


def test_another_case_is_seen_from_the_same_side_in_its_own_middle(page, address, study):
    open_case(page, address, pinned(study, "C2"), "&camera=30,-10,1.5,5,5,5&preset=axial")
    page.locator(".pin", has_text=pinned(study, "C3")).click()
    wait_for_case(page, pinned(study, "C3"))
    assert query(page)["camera"] == "30,-10,1.5"
    page.go_back()
    wait_for_case(page, pinned(study, "C2"))
    assert query(page)["camera"] == "30,-10,1.5,5,5,5"


@pytest.mark.slow
def test_a_preset_takes_the_place_of_the_camera_even_if_it_was_chosen_before(page, address, study):
    page.goto("about:blank")  # the camera of the test before would fly home while this one reads
    open_case(page, address, pinned(study, "C2"))
    settle(page)
    before = read_panel(page, "reference")
    drag(page, "reference", 60, 20)
    expect(page).to_have_url(re.compile("camera="))
    turned = read_panel(page, "reference")
    assert turned["fingerprint"] != before["fingerprint"]
    page.get_by_role("button", name="Oblique", exact=True).click()
    expect(page).not_to_have_url(re.compile("camera="))
    wait_for_picture(page, "reference", before)


def test_a_preset_chosen_before_a_turn_was_written_down_is_all_that_is_written(page, address, study):
    open_case(page, address, pinned(study, "C2"), "&preset=left")
    settle(page)
    page.evaluate(
        """() => {
            const turn = new KeyboardEvent("keydown", { key: "ArrowLeft", bubbles: true });
            document.querySelector('[data-view="distmap"]').dispatchEvent(turn);
            document.querySelector('[data-go="preset=coronal"]').click();
        }"""
    )
    settle(page)
    assert query(page)["preset"] == "coronal"
    assert "camera" not in query(page)


def test_a_camera_of_a_link_does_not_come_back_once_a_side_was_asked_for(page, address, study):
    first, second = pinned(study, "C2"), pinned(study, "C5")
    open_case(page, address, second, "&preset=coronal")
    settle(page)
    wanted = read_panel(page, "distmap")["fingerprint"]
    open_case(page, address, first, "&preset=axial&camera=-10,40,1.5")
    settle(page)
    page.locator('[data-go="preset=coronal"]').click()
    settle(page)
    open_case(page, address, second, "&preset=coronal")
    settle(page)
    assert read_panel(page, "distmap")["fingerprint"] == wanted
    assert "camera" not in query(page)


def test_back_shows_the_case_before_as_it_was_left(page, address, study):
    open_case(page, address, pinned(study, "C1"))
    drag(page, "baseline", -50, 30)
    expect(page).to_have_url(re.compile("camera="))
    settle(page)
    left = (query(page), read_panel(page, "baseline"))
    page.locator(".pin", has_text=pinned(study, "C4")).click()
    wait_for_case(page, pinned(study, "C4"))
    drag(page, "baseline", 90, -30)
    page.go_back()
    wait_for_case(page, pinned(study, "C1"))
    wait_for_picture(page, "baseline", left[1])
    assert query(page) == left[0]


def test_what_is_noted_while_dash_learns_an_address_stays_in_it(page, address, study):
    open_case(page, address, pinned(study, "C2"))
    settle(page)
    steps = page.evaluate("() => history.length")
    page.evaluate(
        """() => {
            glioscope.go({ plane: "coronal" }, { quiet: true });
            glioscope.note({ cursor: "1,2,3" });
        }"""
    )
    expect(page.locator(".cs-where").first).to_contain_text("coronal")
    settle(page)
    assert query(page)["cursor"] == "1,2,3"
    assert page.evaluate("() => history.length") == steps


def test_a_link_that_points_at_nothing_says_so(page, address, study):
    patient = pinned(study, "C1")
    go(
        page,
        address,
        f"?patient={patient}&component=distmap:ET:999&contrast=t9&alone=nobody&off=XX&camera=1,2",
    )
    wait_for_case(page, patient)
    notices = page.locator("#notices")
    for said in (
        "ET 999 of distmap",
        f"t9, an image that {patient} does not have",
        "“nobody”",
        "“XX”",
        "camera=1,2, which means nothing here",
    ):
        expect(notices).to_contain_text(said)
    open_case(page, address, patient)
    expect(notices).to_be_empty()


def test_the_link_is_copied_and_that_is_said(chromium, address, study):
    context = chromium.new_context(viewport=SIZE, permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(f"{address}/")
    wait_for_case(page, pinned(study, "C1"))
    wait_for_scatter(page)
    page.get_by_role("button", name="Copy link").press("Enter")
    expect(page.locator("#copy-link")).to_have_text("Copied")
    expect(page.locator("#copy-said")).to_have_text("Link: copied")
    assert page.evaluate("navigator.clipboard.readText()") == f"{address}/?patient={pinned(study, 'C1')}"
    expect(page.locator("#copy-link")).to_have_text("Copy link")
    context.close()
