"""Slices measured against the files, and changed by mouse, fingers, keys and link."""

import re

import numpy as np
import pytest
from conftest import SLOW_MACHINE_MS
from driving import facts, open_case, open_sheet, pinned, wait_for_case
from playwright.sync_api import expect

from analysis.cohort.nifti import read_image


def a_slice(page, key="reference"):
    return page.locator(f'[data-panel="{key}"] .cs-slice')


def middle(locator):
    locator.scroll_into_view_if_needed()
    box = locator.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def brightness(page, key="reference"):
    """Mean grey of a slice's canvas."""
    return (
        a_slice(page, key)
        .locator("canvas")
        .evaluate(
            """canvas => {
            const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
            let sum = 0;
            for (let i = 0; i < data.length; i += 4) sum += data[i] + data[i + 1] + data[i + 2];
            return sum / data.length;
        }"""
        )
    )


def wait_for_image(page, contrast="t1c"):
    """Wait until the image under the labels has been fetched and drawn."""
    expect(page.locator(".cs-readout dl > div", has_text=contrast)).to_contain_text("\u00b1")


def take_ruler(page):
    """Turn the ruler on, unless it is on."""
    tool = page.get_by_role("button", name="Ruler", exact=True)
    if tool.get_attribute("aria-pressed") == "false":
        tool.click()
    expect(tool).to_have_attribute("aria-pressed", "true")


# The address says the ruler that the readout says: what a hand did last has arrived.
RULER_IS_WRITTEN = """() => {
    const ends = (new URLSearchParams(location.search).get("ruler") ?? "").split(",").map(Number);
    if (ends.length !== 6) return false;
    const length = Math.hypot(...[0, 1, 2].map((axis) => ends[axis + 3] - ends[axis]));
    const facts = [...document.querySelectorAll(".cs-readout dl > div")];
    const said = facts.find((fact) => fact.textContent.startsWith("ruler"));
    return length > 5 && Math.abs(parseFloat(said.querySelector("dd").textContent) - length) < 0.1;
}"""


@pytest.mark.parametrize("contrast", ["t1c", "t2f"])
def test_the_readout_gives_the_files_intensity_to_within_what_it_says(page, address, study, contrast):
    patient = pinned(study, "C2")
    open_case(page, address, patient, f"&contrast={contrast}")
    wait_for_image(page, contrast)
    said = facts(page)
    values, _ = read_image(study.patient(patient).images[contrast])
    voxel = tuple(int(index) for index in said["voxel"].split())
    value, margin = (float(part) for part in said[contrast].replace("\u2212", "-").split("\u00b1"))
    assert abs(float(values[voxel]) - value) <= margin * 1.1 + 0.5  # the value itself is written rounded


@pytest.mark.slow
def test_the_second_button_grades_the_image_and_reset_undoes_it(page, address, study):
    patient = pinned(study, "C2")
    open_case(page, address, patient, "&fill=0")
    wait_for_image(page)
    before = brightness(page)
    x, y = middle(a_slice(page))
    page.mouse.move(x, y)
    page.mouse.down(button="right")
    page.mouse.move(x - 40, y - 60, steps=4)  # narrower, and further up: darker
    page.mouse.up(button="right")
    expect(page).to_have_url(re.compile(r"window=\d+:\d+"))
    expect(page.get_by_role("button", name=re.compile("^Window .* to "))).to_be_visible()
    darker = brightness(page)
    assert darker < before - 1
    assert brightness(page, "distmap") < before - 1  # every panel alike
    page.reload()
    wait_for_case(page, patient)
    expect(page.get_by_role("button", name=re.compile("^Window .* to "))).to_be_visible()
    open_sheet(page, "Window")
    page.get_by_role("button", name="Reset window").click()
    expect(page).not_to_have_url(re.compile("window="))
    page.keyboard.press("Escape")


def test_the_window_moves_by_keys_on_a_slice(page, address, study):
    open_case(page, address, pinned(study, "C2"))
    expect(page.get_by_role("button", name="Window", exact=True)).to_be_visible()  # the whole of it is shown
    a_slice(page).focus()
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("Shift+ArrowLeft")
    expect(page).to_have_url(re.compile("window=8:247"))  # 16 greys narrower, 8 off each end
    page.keyboard.press("Shift+ArrowUp")
    expect(page).to_have_url(re.compile("window=16:255"))


def test_a_ruler_says_the_millimetres_between_its_ends(page, address, study):
    patient = pinned(study, "C2")
    open_case(page, address, patient)
    take_ruler(page)
    x, y = middle(a_slice(page))
    page.mouse.move(x - 30, y - 10)
    page.mouse.down()
    page.mouse.move(x, y)
    page.mouse.move(x + 40, y + 20)
    page.mouse.up()
    page.wait_for_function(RULER_IS_WRITTEN)
    numbers = [float(part) for part in re.search(r"ruler=([-\d.,]+)", page.url).group(1).split(",")]
    length = float(np.linalg.norm(np.subtract(numbers[:3], numbers[3:])))
    assert float(facts(page)["ruler"].split()[0]) == pytest.approx(length, abs=0.1)
    assert length > 5
    page.reload()
    wait_for_case(page, patient)
    assert float(facts(page)["ruler"].split()[0]) == pytest.approx(length, abs=0.1)
    page.get_by_role("button", name="Remove ruler").click()
    expect(page).not_to_have_url(re.compile("ruler="))


def test_a_ruler_can_be_drawn_without_a_mouse(page, address, study):
    open_case(page, address, pinned(study, "C2"))
    tool = page.get_by_role("button", name="Ruler", exact=True)
    was_on = tool.get_attribute("aria-pressed") == "true"
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("r")
    expect(tool).to_have_attribute("aria-pressed", str(not was_on).lower())
    take_ruler(page)
    a_slice(page).focus()
    page.keyboard.press(" ")
    for _ in range(5):
        page.keyboard.press("ArrowUp")
    page.keyboard.press(" ")
    # five voxels of the small grid, 2 mm each
    expect(page.locator(".cs-readout dl")).to_contain_text("10.0 mm")
    page.get_by_role("button", name="Ruler", exact=True).click()
    page.get_by_role("button", name="Remove ruler").click()


def test_brackets_step_through_the_slices_of_every_panel(page, address, study):
    open_case(page, address, pinned(study, "C2"), "&plane=coronal")
    places = page.locator(".cs-where")
    expect(places).to_have_count(4)
    expect(places.first).to_contain_text("coronal")
    before = int(re.search(r"(\d+) /", places.first.inner_text()).group(1))
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("]")
    page.keyboard.press("]")
    page.keyboard.press("[")
    for place in places.all():
        expect(place).to_have_text(re.compile(rf"coronal {before + 1} /"))


def coloured(page, key="reference"):
    """How many pixels of a slice have a colour, and how strong it is in all."""
    return (
        a_slice(page, key)
        .locator("canvas")
        .evaluate(
            """canvas => {
            const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
            let [count, sum] = [0, 0];
            for (let i = 0; i < data.length; i += 4) {
                const rgb = [data[i], data[i + 1], data[i + 2]];
                const chroma = Math.max(...rgb) - Math.min(...rgb);
                if (chroma > 40) [count, sum] = [count + 1, sum + chroma];
            }
            return [count, sum];
        }"""
        )
    )


def wait_until_coloured(page, more_than):
    """Wait until a slice has more pixels of a colour than this, as long as everything is waited for."""
    for _ in range(SLOW_MACHINE_MS // 100):
        if coloured(page)[0] > more_than:
            return
        page.wait_for_timeout(100)


def test_fill_hides_labels_but_not_their_outlines(page, address, study):
    page.goto("about:blank")  # else the first reading may be of the page before
    open_case(page, address, pinned(study, "C2"), "&fill=0")
    wait_for_image(page)
    outlines, faint = coloured(page)
    assert outlines > 50
    open_sheet(page, "Label fill")
    page.get_by_role("slider", name="Fill").fill("100")
    expect(page).to_have_url(re.compile("fill=100"))
    page.keyboard.press("Escape")
    wait_until_coloured(page, 1.5 * outlines)
    whole, strong = coloured(page)
    assert whole > 1.5 * outlines
    assert strong > 1.5 * faint


@pytest.mark.slow
def test_one_crosshair_is_shared_by_panels_planes_and_scene(page, address, study):
    open_case(page, address, pinned(study, "C2"), "&convention=neurological")
    crosses = page.locator(".cs-cross")
    places = "all => all.map(one => one.style.transform)"
    before, said = crosses.evaluate_all(places), facts(page)
    x, y = middle(a_slice(page, "distmap"))
    page.mouse.click(x - 25, y - 20)
    expect(page.locator(".cs-readout dl")).not_to_contain_text(said["RAS mm"])
    after = crosses.evaluate_all(places)
    assert len(after) == 4
    assert all(one != other for one, other in zip(before, after, strict=True))
    page.get_by_role("button", name="Enlarge DistMap").click()
    slices = a_slice(page, "distmap")
    expect(slices).to_have_count(3)
    for axis, plane in enumerate(("sagittal", "coronal", "axial")):
        start = [float(part.replace("\u2212", "-")) for part in facts(page)["RAS mm"].split()]
        page.locator(f'[data-panel="distmap"] .cs-slice[data-plane="{plane}"]').press("PageUp")
        wanted = [value + 2 * (place == axis) for place, value in enumerate(start)]  # voxels of 2 mm
        expect(page.locator(".cs-readout dl")).to_contain_text(
            " ".join(f"{value:.1f}".replace("-", "\u2212") for value in wanted)
        )
    page.get_by_role("button", name="Enlarge DistMap").click()
    expect(page.locator('[data-panel="reference"]')).to_be_visible()


def test_the_convention_is_one_click_away_and_said(page, address, study):
    open_case(page, address, pinned(study, "C2"))
    page.get_by_role("button", name=re.compile("^radiological")).click()
    expect(page).to_have_url(re.compile("convention=neurological"))
    expect(page.locator(".cs-slice .cs-edge--left").first).to_have_text("L")
    page.get_by_role("button", name=re.compile("^neurological")).click()
    expect(page.locator(".cs-slice .cs-edge--left").first).to_have_text("R")


def test_two_fingers_zoom_a_slice_and_one_moves_the_crosshair(watched, address, study):
    page = watched.page
    open_case(page, address, pinned(study, "C2"))
    x, y = middle(a_slice(page))
    session = page.context.new_cdp_session(page)

    def touch(kind, *points):
        touches = [{"x": px, "y": py, "id": number} for number, (px, py) in enumerate(points)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    before = facts(page)["voxel"]
    touch("touchStart", (x - 30, y))
    touch("touchEnd")
    expect(page.locator(".cs-readout dl")).not_to_contain_text(f"voxel{before}")
    touch("touchStart", (x - 20, y), (x + 20, y))
    touch("touchMove", (x - 60, y), (x + 60, y))
    touch("touchEnd")
    expect(page.locator(".cs-where").first).to_contain_text("\u00d7")
    page.get_by_role("button", name="Whole slice").click()
    expect(page.locator(".cs-where").first).not_to_contain_text("\u00d7")
    session.detach()
