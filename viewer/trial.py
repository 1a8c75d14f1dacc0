"""What a visitor tries out: another rule, other methods in its roles, verdicts turned round."""

from dataclasses import dataclass, replace

from analysis.cohort.study import Study
from analysis.consensus import ConsensusRule
from viewer.preparation.recipe import consensus_rule
from viewer.view_state import ViewState

FIELDS = ("flip", "connectivity", "overlap", "share", "cap", "spared", "filtered", "veto")
RULE_FIELDS = FIELDS[1:]


@dataclass(frozen=True, slots=True)
class Trial:
    """A rule in full, and the verdicts that are turned round after it.

    Attributes:
        rule: when a component survives.
        filtered: the method whose components are judged.
        veto: the method that confirms them.
        flips: label name and number of components of the filtered method.
    """

    rule: ConsensusRule
    filtered: str
    veto: str
    flips: tuple[tuple[str, int], ...] = ()


def study_trial(study: Study) -> Trial | None:
    """Describe what the study itself does; None where the roles are vacant."""
    filtered, veto = study.with_role("distmap"), study.with_role("baseline")
    if filtered is None or veto is None or study.with_role("consensus") is None:
        return None
    return Trial(consensus_rule(study.consensus), filtered.name, veto.name)


def tried(study: Study, view: ViewState) -> Trial | None:
    """Describe what an address asks for; None where the roles are vacant.

    What the address does not say is as in the study, and so is a method that the study lacks: `problems`
    names it.
    """
    default = study_trial(study)
    if default is None:
        return None
    methods = _choosable(study)
    filtered = view.filtered if view.filtered in methods else default.filtered
    veto = view.veto if view.veto in methods else default.veto
    flips = tuple(sorted((label, number) for source, label, number in view.flip if source == filtered))
    return Trial(_rule(study, view, default.rule), filtered, veto, flips)


def is_trying(study: Study, view: ViewState) -> bool:
    """Say whether an address asks for anything but the study's own consensus."""
    trial = tried(study, view)
    return trial is not None and trial != study_trial(study)


def problems(study: Study, view: ViewState) -> list[str]:
    """Name what an address asks for in vain, one sentence each."""
    trial = tried(study, view)
    if trial is None:
        return []
    methods = _choosable(study)
    sentences = [
        f"The link names the method {name[:40]!r}, which this study can't filter with."
        for name in (view.filtered, view.veto)
        if name is not None and name not in methods
    ]
    known = set(study.scheme.names.values())
    sentences += [
        f"The link spares the label {name[:40]!r}, which this study lacks."
        for name in view.spared
        if name not in known
    ]
    elsewhere = [part for part in view.flip if part[0] != trial.filtered]
    if elsewhere:
        sentences.append(
            f"{len(elsewhere)} turned verdict{'' if len(elsewhere) == 1 else 's'} of the link "
            f"{'is' if len(elsewhere) == 1 else 'are'} about another method than {trial.filtered}, "
            "whose components are judged here."
        )
    return sentences


def _choosable(study: Study) -> list[str]:
    return [method.name for method in study.methods if method.role != "consensus"]


def _rule(study: Study, view: ViewState, default: ConsensusRule) -> ConsensusRule:
    rule = default
    if view.connectivity is not None:
        rule = replace(rule, connectivity=view.connectivity)  # type: ignore[arg-type] # the reader admits 6, 18, 26
    if view.overlap is not None:
        rule = replace(rule, minimum_overlap_voxels=view.overlap)
    if view.share is not None:
        rule = replace(rule, minimum_overlap_fraction=view.share)
    if view.cap is not None:
        rule = replace(rule, never_remove_above_voxels=None if view.cap == float("inf") else view.cap)
    spared = {value for value, name in study.scheme.names.items() if name in view.spared}
    if spared:
        judged = rule.labels or tuple(study.scheme.names)
        rule = replace(rule, labels=tuple(value for value in judged if value not in spared))
    return rule
