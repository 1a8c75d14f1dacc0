"""The Dash component that shows every component of the cohort: drawn by `viewer/frontend/src/atlas`."""

from viewer.drawn_component import DrawnComponent

PROPERTIES = ("id", "url", "pieces", "theme", "labelColours", "methodTitles", "csvUrl", "picked")


class FragmentAtlas(DrawnComponent):
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

    properties = PROPERTIES
    _children_props: list[str] = []  # noqa: RUF012 - an instance attribute to Dash, read from the class
    _namespace = "viewer"
    _type = "FragmentAtlas"
