"""What the browser tests do again and again: open a case, wait for it, read its panels."""

from typing import Any

from playwright.sync_api import Locator, Page, expect

from analysis.cohort.study import Study


def pinned(study: Study, tag: str) -> str:
    """The patient of a pinned case."""
    return next(pin.patient for pin in study.pins if pin.tag == tag)


def stage(page: Page) -> Locator:
    """The stage's root element."""
    return page.locator("#stage")


def go(page: Page, address: str, search: str) -> None:
    """Go to an address, without loading the page again if it is there already: the page must follow."""
    if page.url.startswith(f"{address}/"):
        page.evaluate(
            "search => { history.pushState({}, '', search); dispatchEvent(new PopStateEvent('popstate')) }",
            search,
        )
    else:
        page.goto(f"{address}/{search}")


def open_case(page: Page, address: str, patient: str, more: str = "") -> None:
    """Open a case and wait until it is drawn."""
    go(page, address, f"?patient={patient}{more}")
    wait_for_case(page, patient)


def open_sheet(page: Page, name: str) -> None:
    """Open one of the stage's sheets of controls, unless it is open."""
    button = page.locator(".cs-popover > button", has_text=name)
    if button.get_attribute("aria-expanded") == "false":
        button.click()
    expect(button).to_have_attribute("aria-expanded", "true")


def open_sheet_of_table(page: Page, name: str) -> Locator:
    """Open a sheet in the head of the table of patients, unless it is open; returns it."""
    details = page.locator(".card-patients details.opens", has=page.locator("summary", has_text=name))
    if details.get_attribute("open") is None:
        details.locator("summary").click()
    expect(details.locator(".sheet")).to_be_visible()
    return details.locator(".sheet")


def wait_for_case(page: Page, patient: str) -> None:
    """Wait until a case is drawn."""
    expect(stage(page)).to_have_attribute("data-case", patient)
    expect(stage(page)).to_have_attribute("data-state", "ready")


def wait_for_scatter(page: Page) -> None:
    """Wait until the scatter has its points."""
    expect(page.locator("#scatter .scatterlayer .points path").first).to_be_attached()


def settle(page: Page) -> None:
    """Wait until nothing has been drawn or written into the address for a while.

    A flight has ended, what was asked for is shown, and the address says where a hand came to rest.
    """
    page.evaluate(
        """async () => {
            const now = () => `${document.getElementById("stage").dataset.frames} ${location.search}`;
            for (let before = null; before !== now(); ) {
                before = now();
                await new Promise((done) => setTimeout(done, 700));
            }
        }"""
    )


def read_panel(page: Page, key: str) -> dict[str, Any]:
    """Draw one panel and sum up its pixels."""
    reading: dict[str, Any] = page.evaluate(
        "key => document.getElementById('stage').caseStage.readPanel(key)", key
    )
    return reading


def wait_until_read(page: Page, condition: str, given: object = None, key: str = "reference") -> None:
    """Draw a panel until what is read of it meets a condition of `seen` and `given`."""
    page.wait_for_function(
        f"""given => {{
            const seen = document.getElementById("stage").caseStage.readPanel("{key}");
            return seen !== null && ({condition});
        }}""",
        arg=given,
        timeout=60_000,
    )


def facts(page: Page) -> dict[str, str]:
    """Read the readout's pairs of name and value."""
    pairs = page.locator(".cs-readout dl > div")
    expect(pairs.first).to_be_visible()
    return {one.locator("dt").inner_text(): one.locator("dd").inner_text() for one in pairs.all()}


def blur(page: Page) -> None:
    """Take the focus from whatever has it."""
    page.evaluate("document.activeElement.blur()")


def click_point(page: Page, patient: str) -> None:
    """Click the scatter's point of a patient with the mouse."""
    page.locator("#scatter").scroll_into_view_if_needed()
    spot = page.evaluate(
        """patient => {
            const plot = document.querySelector("#scatter .js-plotly-plot");
            const { xaxis, yaxis, _size } = plot._fullLayout;
            const box = plot.getBoundingClientRect();
            for (const trace of plot._fullData) {
                const i = (trace.customdata || []).indexOf(patient);
                const [x, y] = [xaxis.c2p(trace.x[i]), yaxis.c2p(trace.y[i])];
                if (i >= 0) return [box.x + _size.l + x, box.y + _size.t + y];
            }
            return null;
        }""",
        patient,
    )
    assert spot is not None, f"{patient} is not in the plot"
    page.mouse.move(spot[0] - 3, spot[1])
    page.mouse.move(*spot)
    expect(page.locator("#scatter .hovertext").first).to_contain_text(patient)
    page.mouse.down()
    page.mouse.up()


def drag(page: Page, key: str, right: int, down: int) -> None:
    """Drag inside a panel's 3D view."""
    view = page.locator(f'[data-view="{key}"]')
    view.scroll_into_view_if_needed()
    box = view.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + right / 2, y + down / 2)
    page.mouse.move(x + right, y + down)
    page.mouse.up()
