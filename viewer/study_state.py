"""Where notes and derived files of a study go: its own folder, unless that is remote or read-only."""

import os
from pathlib import Path

from analysis.cohort.places import is_remote
from analysis.cohort.usage import UsageError


def require_state_of_remote(study: Path, state: Path | None) -> None:
    """Ask for a folder on a disk of this machine where the study lies behind a URL.

    A data base and locks work on nothing else, and derived files are read often.

    Raises:
        UsageError: if none is given.
    """
    if state is None and is_remote(study):
        raise UsageError(f"{study} is remote: say with --state DIR where notes and derived files go")


def require_state(study: Path, state: Path | None) -> None:
    """Ask for a folder also where the study's own may not be written to, though it can be read.

    Raises:
        UsageError: if none is given where one is needed.
    """
    require_state_of_remote(study, state)
    if state is None and study.is_dir() and not os.access(study, os.W_OK):
        raise UsageError(f"{study} may not be written: say with --state DIR where notes and derived files go")
