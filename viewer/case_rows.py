"""The ledger of a case on which nothing is tried, made once for all who show it or tell of it."""

from collections.abc import Collection
from typing import Any

from viewer.content_cache import ContentCache
from viewer.flipping import average_changes
from viewer.ledger import table_rows
from viewer.open_study import Reading


def case_rows(
    reading: Reading, patient: str, cache: ContentCache, turned: Collection[tuple[str, str, int]] = ()
) -> list[dict[str, Any]]:
    """Fill the rows of a case's ledger; nobody changes them.

    Args:
        reading: the study.
        patient: patient id.
        cache: keeps what each verdict is worth.
        turned: components whose verdict is turned round, as source, label and number.
    """
    changes = average_changes(reading, patient, cache)
    key = ("ledger rows", patient, frozenset(changes.items()), tuple(turned))
    return reading.once(key, lambda: table_rows(reading.cohort, reading.ledger(patient), changes, turned))
