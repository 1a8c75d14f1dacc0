"""The browser of the page's tests and benchmarks: Chromium as it runs where there is no graphics card."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

FLAGS = (
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    # as a browser does without a graphics card: only WebGL is drawn by SwiftShader, not the page around it
    "--disable-gpu-rasterization",
    "--disable-gpu-compositing",
)


class NoChromiumError(RuntimeError):
    """There is no browser to start."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start Debian's Chromium, or the one that GLIOSCOPE_CHROMIUM names.

    Raises:
        NoChromiumError: if there is none.
    """
    path = os.environ.get("GLIOSCOPE_CHROMIUM") or shutil.which("chromium")
    if path is None:
        raise NoChromiumError(
            "no Chromium: install it (apt install chromium) or name one in GLIOSCOPE_CHROMIUM"
        )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()
