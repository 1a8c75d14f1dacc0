"""How a trial shows on the stage: the consensus panel takes the changed label map, and says that it does."""

from typing import Any
from urllib.parse import quote

from viewer.case_bytes import has_label_file
from viewer.cohort_view import REFERENCE
from viewer.open_study import Reading
from viewer.trial import FIELDS, is_trying, tried
from viewer.view_state import ViewState

NOT_THE_STUDYS = "What if: not the study's consensus"


def with_trial_panel(
    described: list[dict[str, Any]], reading: Reading, view: ViewState
) -> list[dict[str, Any]]:
    """Put the changed consensus in the place of the study's own; without a trial nothing changes.

    The changed one is offered for no export: a file must not pass for the study's.
    """
    name = _shown_in(reading, view)
    if name is None:
        return described
    changed = {
        "meshUrl": f"{_stem(view)}/{view.mode}.packed{_query(view)}",
        "exportUrl": None,
        "note": None,
        "subtitle": NOT_THE_STUDYS,
    }
    return [panel | changed if panel["key"] == name else panel for panel in described]


def with_trial_labels(
    slices: dict[str, Any] | None, reading: Reading, view: ViewState
) -> dict[str, Any] | None:
    """Give the slices the changed consensus; without a trial nothing changes."""
    name = _shown_in(reading, view)
    if name is None or slices is None:
        return slices
    return slices | {"labelUrls": slices["labelUrls"] | {name: f"{_stem(view)}/labels.u8{_query(view)}"}}


def with_trial_comparison(
    described: dict[str, Any] | None, reading: Reading, view: ViewState
) -> dict[str, Any] | None:
    """Compare the changed consensus in the place of the study's own; without a trial nothing changes."""
    name = _shown_in(reading, view)
    if name is None or described is None:
        return described
    shown = f"show={view.show}&region={quote(described['region'], safe='')}"
    url = f"{_stem(view)}/comparison.packed{_query(view)}&{shown}"
    return described | {"urls": described["urls"] | {name: url}}


def _shown_in(reading: Reading, view: ViewState) -> str | None:
    """Name the panel that shows the trial; None where there is no trial or not all of its volumes."""
    trial, consensus = tried(reading.study, view), reading.study.with_role("consensus")
    if trial is None or consensus is None or view.patient is None or not is_trying(reading.study, view):
        return None
    needed = (REFERENCE, trial.filtered, trial.veto)
    return consensus.name if all(has_label_file(reading, view.patient, one) for one in needed) else None


def _stem(view: ViewState) -> str:
    return f"/what-if/{quote(view.patient or '', safe='')}"


def _query(view: ViewState) -> str:
    return view.only(*FIELDS).query()
