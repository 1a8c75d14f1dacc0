"""`report`: tables, figures and the page that links them, written from a study's results."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path

import scipy
from matplotlib.figure import Figure
from tqdm import tqdm

from analysis.ceiling.selectors import SelectorOptions
from analysis.cohort.atomic import write_bytes_atomically
from analysis.cohort.results import read_provenance, read_table
from analysis.cohort.study import Study
from analysis.empty_masks import EMPTY_VALUES
from analysis.report.contents import Part, build_parts, entries
from analysis.report.figures import case_figure, drawn, fragment_figure, importance_figure
from analysis.report.inputs import LackingError, ReportInputs
from analysis.statistics.tables import to_csv, to_latex, to_markdown
from analysis.subjects import subject_split
from analysis.wording import counted
from viewer.preparation.executors import Place
from viewer.report_cases import case_drawings
from viewer.report_inputs import report_inputs, size_sweep
from viewer.report_page import Drawing, Heading, report_page

PAGE = "index.html"
_QUIET_S = 2.0
_FAILURES_TOLD = 10


@dataclass(frozen=True, slots=True)
class Written:
    """What a report came to.

    Attributes:
        page: the HTML page.
        tables: tables written.
        figures: figures written.
        lacking: tables and figures that the study can't fill.
        failures: a sentence for each patient whose files could not be read.
    """

    page: Path
    tables: int
    figures: int
    lacking: int
    failures: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """One line for people."""
        failed = f", {counted(len(self.failures), 'patient')} could not be read" if self.failures else ""
        return f"{self.tables} tables and {self.figures} figures, {self.lacking} not possible{failed}"


def write_report(
    study: Study,
    output: Path,
    place: Place,
    *,
    with_selectors: bool = True,
    options: SelectorOptions | None = None,
) -> Written:
    """Write every table as CSV, Markdown and LaTeX, every figure as PNG and SVG, and the page.

    Args:
        study: with results.
        output: folder to write to; files of other names stay.
        place: where the size sweep runs, if there are volumes.
        with_selectors: False leaves out the classifiers, which take minutes on a large cohort.
        options: of the classifiers.

    Raises:
        UsageError: if the study has no results.
    """
    sweep = size_sweep(study, place)
    inputs = report_inputs(study, sweep)
    wanted = entries(with_selectors=with_selectors, options=options)
    parts = build_parts(
        inputs, tqdm(wanted, desc="report", unit="table", delay=_QUIET_S, disable=None, leave=False)
    )
    drawings = [*_drawings(inputs, parts), *case_drawings(study)]
    _write_tables(output, parts)
    _write_drawings(output, drawings)
    page = report_page(_heading(study, inputs), drawings, parts)
    write_bytes_atomically(output / PAGE, page.encode())
    return Written(
        page=output / PAGE,
        tables=sum(part.table is not None for part in parts),
        figures=sum(bool(drawing.files) for drawing in drawings),
        lacking=sum(bool(part.lacking) for part in parts) + sum(bool(one.lacking) for one in drawings),
        failures=sweep.failures,
    )


def _drawings(inputs: ReportInputs, parts: Sequence[Part]) -> list[Drawing]:
    tables = {part.name: part for part in parts}
    fragments, importances = tables["table_5_2"], tables["appendix_b_importances"]
    return [
        _drawing(
            "figure_1",
            "Figure 1: fragments by label and method",
            "Bars of the mean number of fragments per patient, one panel a label, one bar a method.",
            partial(_from_part, fragments, partial(fragment_figure, inputs)),
        ),
        _drawing(
            "figure_8",
            "Figure 8: the plane of disagreement",
            "A point a patient: across DistMap minus Baseline, upwards consensus minus the better one.",
            partial(case_figure, inputs),
        ),
        _drawing(
            "figure_a1",
            "Figure A1: what a random forest decides by",
            "Bars of the eight most important features, one panel a region.",
            partial(_from_part, importances, importance_figure),
        ),
    ]


def _drawing(name: str, title: str, alternative: str, make: Callable[[], Figure]) -> Drawing:
    try:
        return Drawing(name, title, alternative, drawn(make()))
    except LackingError as problem:
        return Drawing(name, title, alternative, {}, str(problem))


def _from_part(part: Part, draw: Callable[..., Figure]) -> Figure:
    if part.table is None:
        raise LackingError(part.lacking)
    return draw(part.table)


def _write_tables(output: Path, parts: Sequence[Part]) -> None:
    for part in parts:
        if part.table is not None:
            title = f"# {part.title}\n\n{part.note}\n\n"
            files = {"csv": to_csv(part.table), "md": title + to_markdown(part.table)}
            files["tex"] = to_latex(part.table, caption=part.title, label=f"tab:{part.name}")
            for suffix, text in files.items():
                write_bytes_atomically(output / f"{part.name}.{suffix}", text.encode())


def _write_drawings(output: Path, drawings: Sequence[Drawing]) -> None:
    for drawing in drawings:
        for suffix, data in drawing.files.items():
            write_bytes_atomically(output / f"{drawing.name}.{suffix}", data)


def _heading(study: Study, inputs: ReportInputs) -> Heading:
    provenance = read_provenance(study, "metrics")
    written_by = "" if provenance is None or not provenance.version else f", results by {provenance.version}"
    methods = ", ".join(map(inputs.title, inputs.methods))
    lines = [
        f"{counted(len(inputs.patients), 'patient')}, {f'methods {methods}' if methods else 'no methods'}.",
        *_left_out(study),
        f"{subject_split(inputs.patients).sentence}.",
        f"glioscope {version('glioscope')}, scipy {scipy.__version__}{written_by}.",
    ]
    return Heading(study.name, study.synthetic, lines, [] if study.has_volumes else _needs_volumes(inputs))


def _left_out(study: Study) -> list[str]:
    """What `prepare` could not read, so that no number hides it."""
    found = [str(text) for text in read_table(study, "failures")["error"]]
    if not found:
        return []
    more = f" And {len(found) - _FAILURES_TOLD} more." if len(found) > _FAILURES_TOLD else ""
    told = "; ".join(found[:_FAILURES_TOLD])
    return [f"Not in these numbers: {told}.{more} All are in results/failures.parquet."]


def _needs_volumes(inputs: ReportInputs) -> list[str]:
    """What published tables can't tell, metric by metric."""
    known = set(inputs.metrics["metric"])
    missing = [metric for metric in EMPTY_VALUES if metric not in known]
    return [
        f"These metrics need volumes: {', '.join(missing)}.",
        "The component ledger and its outcomes need volumes.",
        "Figures 2 to 7, the six patients in 3D, need volumes.",
    ]
