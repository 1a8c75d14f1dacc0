"""The lower half of the page: the charts of the cohort, and the table of its patients."""

import dash_ag_grid as dag
from dash import dcc, html
from dash.development.base_component import Component

from viewer import cohort_table, parts
from viewer.atlas_component import FragmentAtlas
from viewer.charts import empty_figure
from viewer.cohort_rows import is_served_by_page
from viewer.cohort_view import CohortView
from viewer.markup import attributes, named
from viewer.names import Id
from viewer.view_state import EPS_STEPS


def explorer(cohort: CohortView) -> Component:
    """Lay out charts and table."""
    return html.Div([_charts(cohort), _patients(cohort)], id=Id.EXPLORER, className="explorer")


def _charts(cohort: CohortView) -> Component:
    compares = cohort.roles is not None
    why_not = html.P(
        "No scatter of disagreement: it compares a method in the role baseline, one in the role distmap and "
        "their consensus, and study.toml gives those roles to none.",
        className="lost",
        hidden=compares,
    )
    return html.Section(
        [
            html.Div([html.H2("Cohort"), html.Div(id=Id.CHART_TABS)], className="card-head"),
            why_not,
            html.Div(
                [
                    html.Div(
                        [html.Div(id=Id.CHART_SWITCHES, className="switches"), _threshold(compares=compares)],
                        className="chart-line",
                    ),
                    html.Div(html.Div(id=Id.LEGEND, className="legend"), className="chart-line"),
                    _plot(),
                    FragmentAtlas(
                        id=Id.ATLAS,
                        labelColours={label.name: label.colour for label in cohort.scheme.labels},
                        methodTitles={source.name: source.title for source in cohort.sources},
                    ),
                    html.Div(id=Id.CHART_SAID, className="chart-said", **attributes(aria_live="polite")),
                ],
                className="chart",
            ),
        ],
        className="card card-charts",
        **attributes(aria_label="Charts of the cohort"),
    )


def _plot() -> Component:
    return html.Div(
        dcc.Graph(
            id=Id.SCATTER,
            figure=empty_figure("dark"),
            config=parts.GRAPH_CONFIG,
            responsive=True,
            className="scatter",
        ),
        id=Id.CHART_FRAME,
        className="chart-frame",
        **attributes(aria_label="Chart of the cohort", aria_describedby=Id.CHART_SAID, role="figure"),
    )


def _threshold(*, compares: bool) -> Component:
    return html.Label(
        [
            html.Span("Differences count above", className="threshold-words"),
            dcc.Input(
                id=Id.EPS,
                type="range",
                min=0,
                max=len(EPS_STEPS) - 1,
                step=1,
                value=0,
                className="threshold-range",
            ),
            html.Output(id=Id.EPS_TEXT, className="threshold-value"),
        ],
        className="threshold" if compares else "threshold threshold-idle",
        title="Materiality threshold eps: a smaller difference of the Dice average counts as a tie",
    )


def _patients(cohort: CohortView) -> Component:
    """Lay out the table; a large cohort's rows stay on the server and come page by page."""
    paged = is_served_by_page(cohort)
    grid = dag.AgGrid(
        id=Id.TABLE,
        columnDefs=cohort_table.columns(cohort),
        rowModelType="infinite" if paged else "clientSide",
        defaultColDef={"sortable": True, "resizable": True, "suppressHeaderMenuButton": False},
        dashGridOptions=cohort_table.options(is_served_by_page=paged),
        getRowId="params.data.patient",
        className="table",
    )
    return html.Section(
        [html.Div(_table_head(cohort), className="card-head"), grid],
        className="card card-patients",
        **attributes(aria_label="Table of patients", data_paged="1" if paged else "0"),
    )


def _table_head(cohort: CohortView) -> list[Component]:
    return [
        html.H2("Patients"),
        named(
            "Filter the table",
            dcc.Input(
                id=Id.QUICK_FILTER,
                type="search",
                placeholder="Filter rows",
                className="search search-small",
            ),
        ),
        html.Span(
            id=Id.ROW_COUNT,
            className="row-count",
            role="status",
            **attributes(data_total=str(len(cohort.patients))),
        ),
        html.Button(
            "Leave the selection",
            id=Id.LEAVE_BOX,
            className="button",
            title="Show all patients again, not only those selected in a chart",
            **attributes(data_go="box=&lasso=&on=&pieces=", data_quiet=""),
        ),
        html.Details(
            [html.Summary("Columns", className="button"), html.Div(id=Id.COLUMN_CHOOSER, className="sheet")],
            className="opens",
        ),
        _saved(),
        html.A(
            "CSV",
            id=Id.CSV,
            className="button",
            href="/cohort/patients.csv",
            download="glioscope-patients.csv",
            title="Download exactly the rows and columns shown, with all digits",
        ),
    ]


def _saved() -> Component:
    """Keep filters by name in the browser; assets/64-saved-filters.js fills the list."""
    return html.Details(
        [
            html.Summary("Saved", className="button", title="Filters, columns and selections kept by name"),
            html.Div(
                [
                    html.Ul(id="saved-filters", className="saved"),
                    html.Div(
                        [
                            named(
                                "Name of the filter",
                                dcc.Input(
                                    id="saved-name",
                                    type="text",
                                    placeholder="Name this filter",
                                    className="search search-small",
                                    maxLength=60,
                                ),
                            ),
                            html.Button("Save", id="saved-keep", className="button"),
                        ],
                        className="saved-new",
                    ),
                ],
                className="sheet",
            ),
        ],
        className="opens",
    )
