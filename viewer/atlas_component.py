"""The Dash component that shows every component of the cohort: drawn by `viewer/frontend/src/atlas`."""

from dash.development.base_component import Component

PROPERTIES = ("id", "url", "pieces", "theme", "labelColours", "methodTitles", "csvUrl", "picked")


class FragmentAtlas(Component):
    """All components of a cohort as points, brushed by histograms.

    Goes in:
        id: of the component and of its root element.
        url: address of the atlas's bytes; None while it is not shown: nothing is fetched or drawn then.
        theme: "dark" or "light".
        labelColours: {label name: "#rrggbb"}.
        methodTitles: {source name: title}.
        csvUrl: address of the taken components as CSV.

    Goes both ways:
        pieces: what is selected and how it is shown, as `viewer.fragment_atlas.read_pieces` reads it.

    Comes out:
        picked: {patient, component ("source:label:number"), nonce}: the component that was clicked.
    """

    _children_props: list[str] = []  # noqa: RUF012 - an instance attribute to Dash, read from the class
    _base_nodes = ["children"]  # noqa: RUF012 - the same
    _namespace = "case_stage"
    _type = "FragmentAtlas"

    def __init__(self, **properties: object) -> None:
        self._prop_names = [*PROPERTIES]
        self._valid_wildcard_attributes: list[str] = []
        self.available_properties = [*PROPERTIES]
        self.available_wildcard_properties: list[str] = []
        super().__init__(**properties)  # type: ignore[no-untyped-call] # Dash annotates nothing
