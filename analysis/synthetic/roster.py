"""Who is in a synthetic study: ids, time points, folds, and which patients are the six cases.

The n-th patient is the same in every study of a seed, however many there are.
"""

from collections.abc import Iterator
from dataclasses import dataclass

FOLDS = 5
_CYCLE = 12
# In every dozen, the seventh scan's subject comes back for the eighth: 8 % of scans, as in BraTS 2023.
_SECOND_VISIT = 7
_CASE_PLACES = {1: "C1", 2: "C2", 4: "C3", 5: "C4", 9: "C5", 10: "C6"}


@dataclass(frozen=True, slots=True)
class Visit:
    """One scan of one subject.

    Attributes:
        subject: 1, 2, 3, ...
        timepoint: 0, or 1 for the second scan.
        case: tag of the case that this patient is made to show; none for most.
    """

    subject: int
    timepoint: int = 0
    case: str | None = None

    @property
    def patient(self) -> str:
        """The id, in the form BraTS uses."""
        return f"SYN-{self.subject:05d}-{self.timepoint:03d}"

    @property
    def fold(self) -> int:
        """Cross-validation fold; a subject's scans are in the same one."""
        return self.subject % FOLDS


def visits(count: int) -> Iterator[Visit]:
    """List the first scans of every study."""
    for place in range(count):
        cycles, step = divmod(place, _CYCLE)
        repeated = step >= _SECOND_VISIT
        yield Visit(
            subject=cycles * (_CYCLE - 1) + step - repeated + 1,
            timepoint=int(step == _SECOND_VISIT),
            case=_CASE_PLACES.get(place),
        )
