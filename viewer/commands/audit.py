"""`glioscope audit`: every number the paper prints, beside what its published tables give."""

import json as json_format
from dataclasses import asdict
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from analysis.audit.against_study import Agreement
    from analysis.audit.claim import Claim, Finding
    from analysis.published import PublishedTables

    Rows = Sequence[Finding] | Sequence[Agreement]


def audit(
    published: Annotated[
        Path, typer.Option(help="Folder of the paper's tables: flat, or with data/ and analysis/ in it.")
    ],
    study: Annotated[
        Path | None,
        typer.Argument(help="A prepared study; its numbers are compared with the published ones."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder for the tables as CSV, Markdown and LaTeX.")
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Leave out what fits classifiers (a minute or two).")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Findings as JSON.")] = False,
) -> None:
    """Recompute what the paper prints, and say what agrees.

    It is recomputed from the published tables. Each number stands beside the recomputed value, the
    tolerance (half a unit of its last digit) and a verdict; what disagrees is explained. A number that
    differs is a finding and no failure: exit code 0.
    """
    from analysis.audit.paper import audit_paper
    from analysis.audit.text import agreement_text, audit_sentence, audit_text
    from analysis.ceiling.selectors import SelectorOptions
    from viewer.preparation.executors import available_jobs

    tables = _tables(published)
    options = SelectorOptions(jobs=available_jobs())
    findings = audit_paper(tables, with_selectors=not quick, options=options, progress=_progress)
    agreements = None if study is None else _agreements(tables, study)
    parts: Mapping[str, Rows] = {"findings": findings} | ({} if agreements is None else {"study": agreements})
    if output is not None:
        _write(output, parts)
    if json:
        typer.echo(_json(parts, tables.absent))
    else:
        typer.echo(audit_text(findings), nl=False)
        if agreements is not None:
            typer.echo(f"\n{study}\n{agreement_text(agreements)}", nl=False)
    typer.echo(audit_sentence(findings, tables.absent), err=True)


def _tables(folder: Path) -> "PublishedTables":
    from analysis.cohort.usage import UsageError
    from analysis.published import read_published

    try:
        return read_published(folder)
    except (OSError, ValueError) as error:
        raise UsageError(str(error)) from error


def _agreements(tables: "PublishedTables", folder: Path) -> "list[Agreement]":
    from analysis.audit.against_study import compare_study
    from analysis.cohort.results import ResultsError, read_table
    from analysis.cohort.study import read_study
    from analysis.cohort.usage import UsageError

    study = read_study(folder)
    try:
        metrics, features = read_table(study, "metrics"), read_table(study, "features")
    except ResultsError as error:
        raise UsageError(str(error)) from error
    roles = {method.name: method.role for method in study.methods if method.role is not None}
    agreements = compare_study(tables, metrics.replace({"method": roles}), features)
    if not agreements:
        raise UsageError(f"{folder} shares no scan with the published tables")
    return agreements


def _progress(claims: "list[Claim]") -> "Iterable[Claim]":
    from tqdm import tqdm

    return tqdm(claims, desc="audit", unit="number", leave=False, delay=2)


def _write(folder: Path, parts: "Mapping[str, Rows]") -> None:
    import pandas as pd

    from analysis.cohort.atomic import write_bytes_atomically
    from analysis.statistics.tables import to_csv, to_latex, to_markdown

    for name, rows in parts.items():
        table = pd.DataFrame([asdict(row) for row in rows])
        for suffix, text in (("csv", to_csv(table)), ("md", to_markdown(table)), ("tex", to_latex(table))):
            write_bytes_atomically(folder / f"{name}.{suffix}", text.encode())


def _json(parts: "Mapping[str, Rows]", absent: "Sequence[str]") -> str:
    rows = {name: [_without_nan(asdict(row)) for row in part] for name, part in parts.items()}
    return json_format.dumps(rows | {"absent": list(absent)}, indent=2, ensure_ascii=False, allow_nan=False)


def _without_nan(row: dict[str, object]) -> dict[str, object]:
    """JSON knows no NaN: what was not recomputed is null."""
    return {name: None if isinstance(value, float) and isnan(value) else value for name, value in row.items()}
