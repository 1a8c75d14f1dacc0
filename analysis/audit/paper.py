"""The whole audit: all claims of the paper, judged against one folder of tables."""

from collections.abc import Callable, Iterable

from analysis.audit.case_claims import case_claims, patient_claims
from analysis.audit.ceiling_claims import ceiling_claims
from analysis.audit.claim import Claim, Finding, judge
from analysis.audit.cohort_claims import cohort_claims
from analysis.audit.dice_claims import dice_claims
from analysis.audit.distance_claims import distance_claims
from analysis.audit.evidence import Evidence
from analysis.audit.fragment_claims import fragment_claims
from analysis.audit.selector_runs import SelectorRuns
from analysis.ceiling.selectors import SelectorOptions
from analysis.published import PublishedTables

_ORDER = (
    "Abstract",
    "4.1",
    "4.2",
    "5.1",
    "5.2",
    "Figure 1",
    "5.3",
    "5.4",
    "5.5",
    "6.4",
    "Appendix B",
    "Appendix E",
)


def paper_claims(options: SelectorOptions | None = None) -> list[Claim]:
    """List every claim, in the order of the paper's sections.

    Args:
        options: of the classifiers that some claims fit.
    """
    claims: Iterable[Claim] = (
        *dice_claims(),
        *fragment_claims(),
        *case_claims(),
        *distance_claims(),
        *ceiling_claims(SelectorRuns(options)),
        *cohort_claims(),
        *patient_claims(),
    )
    return sorted(claims, key=lambda claim: _ORDER.index(claim.section))


def audit_paper(
    tables: PublishedTables,
    *,
    with_selectors: bool = True,
    options: SelectorOptions | None = None,
    progress: Callable[[list[Claim]], Iterable[Claim]] = iter,
) -> list[Finding]:
    """Judge every claim of the paper.

    Args:
        tables: what was published.
        with_selectors: False leaves out the claims that fit classifiers (minutes), and says so.
        options: of these classifiers.
        progress: wraps the list of claims, to show how far it is.
    """
    evidence = Evidence(tables)
    claims = progress(paper_claims(options))
    return [judge(claim, evidence, with_selectors=with_selectors) for claim in claims]
