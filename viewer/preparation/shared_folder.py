"""Whether the workers of a cluster see the folder that parts are written to."""

import uuid
from pathlib import Path

from analysis.cohort.usage import UsageError
from viewer.preparation.executors import Place, run

_MARK = "seen-"


def require_shared(folder: Path, place: Place) -> None:
    """Put a mark into a folder and have the workers of a cluster look for it.

    A worker on another machine that does not share the folder would compute for hours into a disk of its own.

    Args:
        folder: where parts are written.
        place: where the work runs.

    Raises:
        UsageError: if a worker does not see it.
    """
    if not place.is_remote:
        return
    mark = folder / f"{_MARK}{uuid.uuid4().hex}"
    mark.touch()
    try:
        blind = sum(not done.result for done in run(place, sees, [mark] * (2 * place.workers)))
    finally:
        mark.unlink(missing_ok=True)
    if blind:
        raise UsageError(
            f"{folder} is not the same folder for every worker of the cluster: "
            "put it, or what --state names, on a disk that all its machines share"
        )


def sees(mark: Path) -> bool:
    """Say whether a file is there; runs on a worker."""
    return mark.is_file()
