"""Ending with the process that started this one: a killed parent leaves nobody behind who works for it."""

import multiprocessing
import os
import threading


def end_with_parent() -> None:
    """End this process, one of `multiprocessing`, as soon as its parent has ended, however that came."""
    parent = multiprocessing.parent_process()
    if parent is not None:

        def watch() -> None:
            parent.join()
            os._exit(1)

        threading.Thread(target=watch, daemon=True).start()
