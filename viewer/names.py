"""The ids of the page's parts, in one place: the layout gives them and the wiring uses them."""

from enum import StrEnum


class Id(StrEnum):
    """Element ids. Stores hold query strings: the share of the address their followers depend on."""

    ADDRESS = "address"
    CASE = "case-slot"
    LOOK = "look-slot"
    CHOSEN = "chosen-slot"
    CHART = "chart-slot"
    CLASSES = "classes-slot"
    PINS = "pins"
    NOTICES = "notices"
    SEARCH = "patient-search"
    THEME_SWITCH = "theme-switch"
    CASE_LINE = "case-line"
    TOOLBAR = "toolbar"
    STAGE = "stage"
    SCORES = "scores"
    LEDGER = "ledger"
    LEDGER_LINE = "ledger-line"
    EPS = "eps"
    EPS_STEPS = "eps-steps"
    EPS_TEXT = "eps-text"
    CHART_SWITCHES = "chart-switches"
    LEGEND = "legend"
    SCATTER = "scatter"
    QUICK_FILTER = "quick-filter"
    ROW_COUNT = "row-count"
    CSV = "csv"
    TABLE = "table"
