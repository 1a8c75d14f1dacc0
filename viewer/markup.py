"""HTML attributes whose names are no Python names."""

from typing import Any


def attributes(**values: str) -> dict[str, Any]:
    """Write attributes such as `aria-label` and `data-go` with underscores for their hyphens."""
    return {name.replace("_", "-"): value for name, value in values.items()}
