"""The audit as text for a terminal."""

import math
import textwrap
from collections.abc import Sequence

from analysis.audit.against_study import Agreement
from analysis.audit.claim import Finding, Verdict
from analysis.published import TABLES
from analysis.statistics.tables import cell

_MARKS: dict[Verdict, str] = {"agrees": "ok", "disagrees": "NO", "not checked": "--"}
_COUNTED: dict[Verdict, str] = {"agrees": "agree", "disagrees": "disagree", "not checked": "not checked"}
_WIDTH = 110
_INDENT = " " * 6


def audit_text(findings: Sequence[Finding]) -> str:
    """Write one line a claim, section by section; what does not agree is explained below its line."""
    lines: list[str] = []
    section = ""
    for finding in findings:
        if finding.section != section:
            section = finding.section
            lines += ["", section]
        values = f"printed {finding.printed}, {_recomputed(finding.recomputed)}"
        lines.append(f"  {_MARKS[finding.verdict]}  {finding.quantity}: {values}")
        if finding.verdict != "agrees":
            lines += textwrap.wrap(
                finding.explanation, _WIDTH, initial_indent=_INDENT, subsequent_indent=_INDENT
            )
    return "\n".join(lines[1:]) + "\n"


def audit_sentence(findings: Sequence[Finding], absent: Sequence[str]) -> str:
    """Sum up: how many claims agree, disagree, and could not be checked, and which tables are absent."""
    verdicts = [finding.verdict for finding in findings]
    numbers = ", ".join(f"{verdicts.count(verdict)} {word}" for verdict, word in _COUNTED.items())
    named = "; ".join(f"{name} ({TABLES[name]})" for name in absent)
    return f"{len(findings)} printed numbers: {numbers}." + (f" Absent tables: {named}." if named else "")


def agreement_text(agreements: Sequence[Agreement]) -> str:
    """Write one line for each column of a study that was compared with the published one."""
    return "".join(f"  {_MARKS[row.verdict]}  {_agreement_line(row)}\n" for row in agreements)


def _agreement_line(row: Agreement) -> str:
    line = f"{row.quantity}: {row.equal} of {row.compared} equal"
    if row.one_sided:
        line += f", {row.one_sided} on one side only"
    if row.equal < row.compared:
        line += f"; largest difference {cell(row.largest_difference)} ({row.patient})"
    return line


def _recomputed(value: float) -> str:
    """Five significant digits: enough to see what a printed number was rounded from."""
    return "not recomputed" if math.isnan(value) else f"recomputed {value:.5g}"
