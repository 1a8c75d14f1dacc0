"""Columns of the page's tables, as dash-ag-grid takes them."""

from typing import Any

Column = dict[str, Any]


def number_column(
    field: str, title: str, digits: int, *, width: int = 112, tip: str = "", is_signed: bool = False
) -> Column:
    """Define a column of numbers: right-aligned, fixed digits, filtered by value.

    Args:
        field: key in the rows.
        title: head of the column.
        digits: after the point.
        width: in pixels.
        tip: what the number means; the title if empty.
        is_signed: whether a plus is written too.
    """
    return {
        "field": field,
        "headerName": title,
        "type": "rightAligned",
        "filter": "agNumberColumnFilter",
        "width": width,
        "headerTooltip": tip or title,
        "valueFormatter": {"function": f"{'signed' if is_signed else 'fixed'}(params.value, {digits})"},
    }


def text_column(field: str, title: str, width: int, *, tip: str = "") -> Column:
    """Define a column of words, filtered by text; width in pixels."""
    return {
        "field": field,
        "headerName": title,
        "width": width,
        "filter": "agTextColumnFilter",
        "headerTooltip": tip or title,
    }
