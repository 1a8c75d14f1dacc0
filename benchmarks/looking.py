"""Looking at processes again and again while something else runs."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def looking(look: Callable[[], None], period_s: float) -> Iterator[None]:
    """Look at once, and then every period as long as the block runs, from a thread of its own."""
    is_over = threading.Event()

    def run() -> None:
        look()
        while not is_over.wait(period_s):
            look()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()
