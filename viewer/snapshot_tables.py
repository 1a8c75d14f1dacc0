"""The component ledger of a case as a plain HTML table."""

import math
from html import escape

import pandas as pd

from viewer.cohort_view import CohortView

_NUMBERS = (
    ("component", "Number", 0),
    ("voxel_count", "Voxels", 0),
    ("volume_ml", "ml", 3),
    ("distance_to_main_mm", "To main, mm", 1),
    ("baseline_overlap_voxels", "In Baseline", 0),
    ("reference_overlap_voxels", "In truth", 0),
)
_WORDS = (("verdict", "Verdict"), ("outcome", "Outcome"))


def ledger_table(cohort: CohortView, components: pd.DataFrame | None) -> str:
    """Write one row a component, in the order of the results.

    Args:
        cohort: names of methods and labels.
        components: the case's rows of components.parquet; None where the study has none.
    """
    if components is None or components.empty:
        return "<p>No components: this case has not been prepared, or has none.</p>"
    titles = {source.name: source.title for source in cohort.sources}
    names = {label.value: label.name for label in cohort.scheme.labels}
    heads = ["Method", "Label", *(title for _, title, _ in _NUMBERS), *(title for _, title in _WORDS)]
    head = "".join(f'<th scope="col">{escape(title)}</th>' for title in heads)
    rows = "\n".join(_row(row, titles, names) for row in components.to_dict("records"))
    return f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table>"


def _row(row: dict[object, object], titles: dict[str, str], names: dict[int, str]) -> str:
    method, label = str(row["method"]), row["label"]
    cells = [f'<th scope="row">{escape(titles.get(method, method))}</th>']
    cells.append(f'<td class="words">{escape(names.get(label, str(label)))}</td>')  # type: ignore[call-overload] # a parquet row's types are unknown
    cells += [f"<td>{_number(row.get(name), digits)}</td>" for name, _, digits in _NUMBERS]
    cells += [f'<td class="words">{_word(row.get(name))}</td>' for name, _ in _WORDS]
    return f"<tr>{''.join(cells)}</tr>"


def _number(value: object, digits: int) -> str:
    if value is None or pd.isna(value):  # type: ignore[call-overload] # likewise
        return "–"
    number = float(value)  # type: ignore[arg-type] # likewise
    return f"{number:.{digits}f}" if math.isfinite(number) else "–"


def _word(value: object) -> str:
    return escape(value) if isinstance(value, str) else "–"
