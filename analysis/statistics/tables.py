"""A table as text: Markdown for people, LaTeX for papers, CSV for programs."""

import math
from typing import Final

import pandas as pd

_LATEX: Final = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "&": r"\&",
        "%": r"\%",
        "$": r"\$",
        "#": r"\#",
        "_": r"\_",
        "{": r"\{",
        "}": r"\}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        "\n": " ",
    }
)
_SMALL = 1e-4
_DECIMALS = 4
_DIGITS = 5


def cell(value: object) -> str:
    """Write one cell: a hyphen for a missing value, else four decimals; five digits below 1."""
    if value is None or value is pd.NA:
        return "-"
    return _number(value) if isinstance(value, float) else str(value)


def _number(value: float) -> str:
    if not math.isfinite(value):
        return "-" if math.isnan(value) else str(value)
    if 0 < abs(value) < _SMALL:
        return f"{value:.2e}"
    text = f"{value:.{_DECIMALS}f}" if abs(value) >= 1 else f"{value:.{_DIGITS}g}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def to_markdown(table: pd.DataFrame) -> str:
    """Write a table as GitHub Markdown, numbers to the right; bars inside cells are escaped."""
    header = [str(column) for column in table.columns]
    rules = ["---:" if pd.api.types.is_numeric_dtype(dtype) else "---" for dtype in table.dtypes]
    body = [[_escaped(cell(value)) for value in row] for row in table.astype(object).to_numpy()]
    lines = [f"| {' | '.join(row)} |" for row in ([_escaped(name) for name in header], rules, *body)]
    return "\n".join(lines) + "\n"


def to_latex(table: pd.DataFrame, *, caption: str = "", label: str = "") -> str:
    """Write a table as a LaTeX `table` with `booktabs` rules; every special character is escaped."""
    columns = "".join("r" if pd.api.types.is_numeric_dtype(dtype) else "l" for dtype in table.dtypes)
    rows = [
        [str(column) for column in table.columns],
        *([cell(v) for v in row] for row in table.astype(object).to_numpy()),
    ]
    header, *body = (" & ".join(value.translate(_LATEX) for value in row) + r" \\" for row in rows)
    lines = [
        r"\begin{table}",
        r"\centering",
        *([rf"\caption{{{caption.translate(_LATEX)}}}"] if caption else []),
        *([rf"\label{{{label}}}"] if label else []),
        rf"\begin{{tabular}}{{{columns}}}",
        r"\toprule",
        header,
        r"\midrule",
        *body,
        r"\bottomrule",
        r"\end{tabular}",
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def to_csv(table: pd.DataFrame) -> str:
    """Write a table as CSV with every digit; a missing value is an empty field."""
    return str(table.to_csv(index=False, lineterminator="\n"))


def _escaped(text: str) -> str:
    return text.replace("|", r"\|").replace("\n", " ")
