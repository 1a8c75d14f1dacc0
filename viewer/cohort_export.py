"""Exports of many patients: which files there will be, and one after the other written."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from analysis.cohort.nifti import NiftiError
from analysis.cohort.places import reason_of
from analysis.cohort.usage import UsageError
from viewer.exports import FORMATS, Order, checked, write
from viewer.open_study import NotInStudyError, Reading


@dataclass(frozen=True, slots=True)
class Task:
    """One file to be written.

    Attributes:
        orders: what goes into it, all of one patient.
        target: where.
    """

    orders: tuple[Order, ...]
    target: Path


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a file.

    Attributes:
        target: where it is, or would have been.
        problem: one sentence, if it is not there or lacks a method.
        is_written: whether it is there.
    """

    target: Path
    problem: str | None
    is_written: bool


def tasks(
    orders: Sequence[Order], output: Path, form: str | None, *, is_together: bool = False
) -> list[Task]:
    """Name a file for each order, or for each patient.

    Args:
        orders: one after the other.
        output: the file, or a folder where there is more than one to write.
        form: one of `FORMATS`; None takes it from the file's name.
        is_together: whether all orders of a patient go into one file.

    Raises:
        UsageError: if the name says no format, contradicts the one asked for, or can't hold several files.
    """
    groups = list(_by_patient(orders)) if is_together else [(order,) for order in orders]
    if len(groups) == 1 and not output.is_dir():
        return [_only_task(groups[0], output, form)]
    if output.is_file() or _ending(output) in FORMATS:
        raise UsageError(f"{output}: {len(groups)} files are to be written, so --output must name a folder")
    return [Task(group, output / f"{_stem(group)}.{form or 'glb'}") for group in groups]


def _only_task(group: tuple[Order, ...], output: Path, form: str | None) -> Task:
    if _ending(output) not in FORMATS or form not in (None, _ending(output)):
        raise UsageError(f"{output}: the name must end in .{form or ', .'.join(FORMATS)}")
    return Task(group, output)


def _ending(output: Path) -> str:
    return output.suffix.removeprefix(".").lower()


def written(reading: Reading, wanted: Sequence[Task]) -> Iterator[Outcome]:
    """Write files one by one; what fails is said and the rest goes on.

    A file whose patient lacks a method is written with those that are there, and says so; so is one in which
    nothing is labelled, without a surface.
    """
    for task in wanted:
        there, problems = _there(reading, task.orders)
        try:
            empty = write(reading, there, task.target) if there else []
        except (OSError, NiftiError) as error:
            yield Outcome(task.target, f"{task.target}: {reason_of(error, task.target)}", is_written=False)
        else:
            problems += [f"{task.target}: {order.source} has no voxel of what was asked." for order in empty]
            yield Outcome(task.target, " ".join(problems) or None, is_written=bool(there))


def _there(reading: Reading, orders: Sequence[Order]) -> tuple[list[Order], list[str]]:
    there, problems = [], []
    for order in orders:
        try:
            checked(reading, order)
        except NotInStudyError as error:
            problems.append(str(error))
        else:
            there.append(order)
    return there, problems


def _by_patient(orders: Sequence[Order]) -> Iterator[tuple[Order, ...]]:
    for patient in dict.fromkeys(order.patient for order in orders):
        yield tuple(order for order in orders if order.patient == patient)


def _stem(group: Sequence[Order]) -> str:
    first = group[0]
    source = first.source if len(group) == 1 else "all"
    parts = "_components" if first.is_parted else ""
    return f"{first.patient}_{source}_{first.mode}{parts}"
