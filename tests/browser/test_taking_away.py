"""What the export dialog makes: surfaces, and pictures that say what they show."""

import re

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from driving import open_case, pinned, read_panel, stage, wait_for_case
from PIL import Image
from playwright.sync_api import expect

from tests.khronos import require_clean


def dialog_of(page):
    page.locator("#export-open").click()
    dialog = page.get_by_role("dialog", name="Export")
    expect(dialog).to_be_visible()
    return dialog


@pytest.fixture
def dialog(page, address, study):
    open_case(page, address, pinned(study, "C5"))
    yield dialog_of(page)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Export")).to_be_hidden()


def saved(page, press, path):
    with page.expect_download() as download:
        press()
    download.value.save_as(path)
    return download.value.suggested_filename


def picture(page, dialog, path, size="1280x720", what=""):
    dialog.get_by_label("Of").last.select_option(what)
    dialog.get_by_label("Size").select_option(size)
    return saved(page, dialog.get_by_role("button", name="Download PNG").click, path)


def test_a_picture_has_its_size_and_says_what_it_shows(page, address, study, dialog, tmp_path):
    name = picture(page, dialog, tmp_path / "all.png")
    assert name == f"{pinned(study, 'C5')}_panels_1280x720.png"
    with Image.open(tmp_path / "all.png") as image:
        image.load()
        assert image.size == (1280, 720)
        texts = dict(image.text)
    assert texts["Source"] == f"{address}/?patient={pinned(study, 'C5')}"
    assert texts["Title"] == f"{pinned(study, 'C5')}, {study.name}"
    assert texts["Software"].startswith("glioscope ")
    assert "Research use only" in texts["Disclaimer"]
    assert "Synthetic" in texts["Disclaimer"]
    expect(dialog.get_by_role("status")).to_have_text(re.compile(rf"^Saved {name}, \d+ kB\.$"))


def test_the_same_view_gives_the_same_bytes_and_the_page_stays_as_it_was(
    page, address, study, dialog, tmp_path
):
    before = read_panel(page, "distmap")
    for name in ("one.png", "two.png"):
        picture(page, dialog, tmp_path / name)
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()
    assert read_panel(page, "distmap") == before


def test_a_large_picture_shows_the_same_drawn_anew_not_blown_up(page, address, study, dialog, tmp_path):
    name = picture(page, dialog, tmp_path / "large.png", "3840x2160", "distmap")
    assert name.endswith("_distmap_3840x2160.png")
    picture(page, dialog, tmp_path / "small.png", "1280x720", "distmap")
    with Image.open(tmp_path / "large.png") as large, Image.open(tmp_path / "small.png") as small:
        assert large.size == (3840, 2160)
        middle = (320, 60, 960, 600)
        shrunk = grey(large.resize((1280, 720), Image.Resampling.BOX)).crop(middle)
        blown_up = grey(small.resize(large.size, Image.Resampling.BICUBIC))
        assert np.abs(np.subtract(shrunk, grey(small).crop(middle), dtype=float)).mean() < 4
        assert (np.abs(np.subtract(grey(large), blown_up, dtype=float)) > 25).sum() > 2000


def grey(image):
    return image.convert("L")


def test_an_impossible_size_is_said_and_nothing_is_saved(page, address, study, dialog):
    dialog.get_by_label("Size").select_option("own")
    dialog.get_by_label("Width in pixels").fill("50")
    dialog.get_by_role("button", name="Download PNG").click()
    expect(dialog.get_by_role("status")).to_contain_text("Not saved: A picture has 200 to 7680 pixels a side")


def test_the_selected_component_and_all_panels_are_sound_files(page, address, study, tmp_path):
    patient = pinned(study, "C5")
    open_case(page, address, patient, "&component=distmap:NCR:2")
    expect(page.locator("#ledger .ag-row-selected").first).to_be_attached()
    dialog = dialog_of(page)
    press = dialog.get_by_role("button", name="Download surfaces").click
    dialog.get_by_label("Of").first.select_option("")
    assert saved(page, press, tmp_path / "all.glb").startswith(f"{patient}_side-by-side_")
    dialog.get_by_label("Of").first.select_option(label="The selected component: NCR 2 of distmap")
    assert saved(page, press, tmp_path / "one.glb").startswith(f"{patient}_distmap_NCR-2_")
    whole, one = require_clean([tmp_path / "all.glb", tmp_path / "one.glb"])
    assert 0 < one["info"]["totalTriangleCount"] < whole["info"]["totalTriangleCount"]
    is_sound = {
        "stl": lambda data: len(data) == 84 + 50 * int.from_bytes(data[80:84], "little") > 84,
        "obj": lambda data: b"\nv " in data and b"\nf " in data,
        "ply": lambda data: data.startswith(b"ply") and b"element face" in data,
    }
    for form, check in is_sound.items():
        dialog.locator("#export-form").select_option(form)
        name = saved(page, press, tmp_path / f"one.{form}")
        assert name.startswith(f"{patient}_distmap_NCR-2_")
        assert name.endswith(f".{form}")
        assert check((tmp_path / f"one.{form}").read_bytes())
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    page.keyboard.press("Escape")


@pytest.mark.slow
def test_a_server_too_busy_is_asked_again_and_a_refusal_is_said(chromium, address, study, tmp_path):
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    page = context.new_page()
    answers = [503, 404]

    def answer(route):
        if answers:
            route.fulfill(
                status=answers.pop(0), headers={"Retry-After": "0.1"}, body="There is no such thing.\n"
            )
        else:
            route.continue_()

    page.route("**/export/**", answer)
    open_case(page, address, pinned(study, "C5"))
    dialog = dialog_of(page)
    press = dialog.get_by_role("button", name="Download surfaces").click
    press()
    expect(dialog.get_by_role("status")).to_have_text("Not saved: There is no such thing.")
    assert answers == []
    saved(page, press, tmp_path / "again.glb")
    context.close()


def test_the_keyboard_alone_leads_from_the_landing_page_to_a_saved_file(page, address, study, tmp_path):
    page.goto(f"{address}/")
    wait_for_case(page, pinned(study, "C1"))
    page.keyboard.press("4")
    wait_for_case(page, pinned(study, "C4"))
    page.keyboard.press("j")
    expect(page).to_have_url(re.compile("component="))
    page.keyboard.press("s")
    expect(page.get_by_role("dialog", name="Export")).to_be_visible()
    for _ in range(3):
        if page.evaluate("document.activeElement.id") == "export-surfaces":
            break
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "export-surfaces"
    name = saved(page, lambda: page.keyboard.press("Enter"), tmp_path / "file.glb")
    assert name.startswith(f"{pinned(study, 'C4')}_side-by-side_")
    require_clean([tmp_path / "file.glb"])
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Export")).to_be_hidden()
    expect(stage(page)).to_have_attribute("data-case", pinned(study, "C4"))
