"""The line that tells a pinned case: its claim, the component that explains it, the way to the next one."""

from collections.abc import Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from analysis import cases
from viewer import number_format
from viewer.cohort_view import CohortView
from viewer.guided import Reason
from viewer.ledger import row_id
from viewer.markup import attributes
from viewer.pinned import PinClaim

_RELATIONS = {
    "C1": ("distmap", "baseline"),
    "C2": ("baseline", "distmap"),
    "C3": ("baseline", "consensus", "distmap"),
    "C4": ("distmap", "consensus", "baseline"),
}


def banner(
    cohort: CohortView, claims: Sequence[PinClaim], steps: Sequence[str], tag: str, found: Reason | None
) -> list[Component]:
    """Tell one pinned case.

    Args:
        cohort: scores and titles.
        claims: of all pins, in their order.
        steps: what a click must change to come to each of them.
        tag: of the one that is told; nothing is told of an unknown one.
        found: the component that explains it, None where none does.
    """
    tags = [claim.pin.tag for claim in claims]
    if tag not in tags:
        return []
    place = tags.index(tag)
    claim = claims[place]
    return [
        _way("story-previous", "← Previous", steps[place - 1], "The pinned case before ([)"),
        html.Div(
            [
                html.Div(
                    [
                        html.Span(tag, className="tag"),
                        html.Strong(claim.pin.title),
                        html.Span(f"{place + 1} of {len(tags)}", className="fact"),
                        _verified(claim),
                    ],
                    className="story-title",
                ),
                html.P([claimed(cohort, claim), " ", *because(cohort, tag, found)], className="story-words"),
            ],
            className="story-told",
        ),
        _way("story-next", "Next →", steps[(place + 1) % len(steps)], "The next pinned case (])"),
        html.Button(
            "×",
            className="link-button story-end",
            title="End the stories",
            **attributes(data_go="story=", data_quiet="", aria_label="End the stories"),
        ),
    ]


def _way(name: str, words: str, steps: str, tip: str) -> Component:
    return html.Button(
        words, id=name, className="button button-small", title=tip, **attributes(data_go=steps)
    )


def _verified(claim: PinClaim) -> Component:
    words, kind = {
        True: ("holds in these results", "good"),
        False: ("not so in these results", "bad"),
        None: ("unknown in these results", "unknown"),
    }[claim.holds]
    tip = "Read from the scores of this study, at eps 0"
    return html.Span(words, className=f"claim claim-{kind}", title=tip)


def claimed(cohort: CohortView, claim: PinClaim) -> str:
    """Write the scores of a pinned case in the order that its class speaks of."""
    values = _averages(cohort, claim.pin.patient)
    if values is None:
        return "The results hold no scores of this case."
    said = {role: f"{title} {number_format.dice(value)}" for role, (title, value) in values.items()}
    order = sorted(values, key=lambda role: values[role][1])
    if claim.pin.tag in _RELATIONS:
        order = [role for role in order if role in _RELATIONS[claim.pin.tag]]
    return " < ".join(said[role] for role in order) + " (Dice average)."


def because(cohort: CohortView, tag: str, found: Reason | None) -> list[Any]:
    """Say which component explains a case, with a link that selects it."""
    if found is None:
        return ["No single component explains it." if tag in cases.CASE_TITLES else ""]
    titles = {source.name: source.title for source in cohort.sources}
    whose, edited = titles.get(found.source, found.source), titles.get(found.edited, found.edited)
    truth = "none of it" if not found.true_voxels else f"{found.true_voxels} of its {found.voxels} voxels"
    then = f"{number_format.dice(found.average)} ({number_format.dice_difference(found.change)})"
    effects = {
        "deleted": f": without it {edited} would have {then}.",
        "adopted": f": with it {edited} would have {then}.",
        "returned": f": the rule removed it; with it put back {edited} would have {then}.",
    }
    name = row_id(found.component)
    link = html.A(
        f"{found.label} {found.number} of {whose}",
        href=f"?component={name}",
        **attributes(data_go=f"component={name}&cursor=", data_quiet=""),
    )
    size = number_format.volume_ml(found.volume_ml)
    return [link, f" explains it most ({size}, {truth} in the truth){effects[found.edit]}"]


def _averages(cohort: CohortView, patient: str) -> dict[str, tuple[str, float]] | None:
    scores, roles = cohort.scores(), cohort.roles
    if scores is None or roles is None:
        return None
    rows = scores[scores["patient"] == patient]
    if rows.empty or rows[["baseline", "distmap", "consensus"]].isna().any(axis=None):
        return None
    titles = {"baseline": roles.baseline, "distmap": roles.distmap, "consensus": roles.consensus}
    return {role: (title, float(rows.iloc[0][role])) for role, title in titles.items()}
