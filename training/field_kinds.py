"""Do the fields of a frozen dataclass hold the kinds of values that their annotations promise?

Settings are typed by people at a command line: `epochs=abc` must be one sentence, not a failure hours later.
"""

import math
from dataclasses import fields
from typing import Any, get_args, get_type_hints

from analysis.cohort.usage import UsageError

_KINDS = {int: "a whole number", float: "a number", bool: "true or false"}


def check_field_kinds(instance: Any, error: type[UsageError]) -> None:  # noqa: ANN401 - any dataclass
    """Check the fields that are numbers, truths, or tuples of whole numbers; None passes where it may stand.

    Args:
        instance: of a dataclass.
        error: what to raise.

    Raises:
        UsageError: as `error`; names the field, what it takes and what was found.
    """
    hints = get_type_hints(type(instance))
    for field in fields(instance):
        value = getattr(instance, field.name)
        kinds = get_args(hints[field.name]) or (hints[field.name],)
        if value is None and type(None) in kinds:
            continue
        for kind, words in _KINDS.items():
            if hints[field.name] is kind and not _is_a(value, kind):
                raise error(f"{field.name} is {words}, found {value!r}")
        if _is_of_whole_numbers(hints[field.name]) and not _are_whole(value):
            raise error(f"{field.name} are whole numbers, found {value!r}")


def _is_a(value: object, kind: type) -> bool:
    if isinstance(value, bool) or kind is bool:
        return isinstance(value, bool) and kind is bool
    return isinstance(value, int) or (kind is float and isinstance(value, float) and math.isfinite(value))


def _is_of_whole_numbers(hint: Any) -> bool:  # noqa: ANN401 - a type
    options = [hint, *get_args(hint)]
    return any(getattr(one, "__origin__", None) is tuple and int in get_args(one) for one in options)


def _are_whole(value: object) -> bool:
    return isinstance(value, tuple) and all(_is_a(one, int) for one in value)
