"""The page can be used without seeing it, and seen without straining."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from driving import open_case, wait_for_scatter


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_axe_finds_no_violation(page, address, study, theme):
    open_case(page, address, study.pins[0].patient, f"&theme={theme}")
    wait_for_scatter(page)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
