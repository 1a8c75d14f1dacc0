"""The component ledger of a case: every component of every method, its verdict and what came of it."""

from typing import Any

import pandas as pd


def ledger_rows(components: pd.DataFrame | None) -> list[dict[str, Any]]:
    """List the components in the order of the table, with Python's own types; what is missing is None."""
    if components is None:
        return []
    rows = components.astype(object)
    return [
        {str(name): _python(value) for name, value in row.items()} for row in rows.where(rows.notna(), None).to_dict("records")
    ]


def _python(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value
