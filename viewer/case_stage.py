"""The Dash component that shows a case: the panels drawn by `viewer/frontend`."""

from viewer.drawn_component import DrawnComponent

PROPERTIES = (
    "id",
    "caseKey",
    "panels",
    "brainUrl",
    "labels",
    "layers",
    "view",
    "camera",
    "theme",
    "slices",
    "cursor",
    "selection",
    "isolated",
    "linked",
    "maximized",
    "order",
    "opacity",
    "comparison",
    "isCut",
    "changes",
    "status",
)


class CaseStage(DrawnComponent):
    """The panels of one case: label maps in 3D, one camera, and slices below.

    Every property is JSON; meshes and volumes are named by address and fetched by the browser. Points are
    millimetres in RAS+.

    Goes in:
        id: of the component and of its root element.
        caseKey: the patient; a new one clears the panels at once.
        panels: list of {key, title, subtitle, meshUrl, note, exportUrl}; without a `meshUrl` the panel
            shows its `note`.
        brainUrl: GLB of the brain's hull, shared by all panels; None draws none.
        labels: list of {name, title, value, colour ("#rrggbb")}; GLB nodes are matched by `name`.
        layers: {label name or "brain": shown}; what is not named is shown.
        view: {preset, nonce}; a new nonce flies there again. Presets: oblique, axial, coronal, sagittal,
            sagittal-left, sagittal-right, anterior, posterior, left, right, superior, inferior.
        theme: "dark" or "light".
        isolated: whether everything but the selected component and its counterparts is hidden.
        slices: {case, shape, affine, fileAffine, imageUrl, scaleUrl, labelUrls {panel key: address},
            overlays, contrast, greys, plane, convention, window, fill, ruler}, or None for no slices;
            overlays as in `props.ts`.
        linked: whether one camera serves all panels.
        order: keys of the panels on the stage, in their order; None or empty shows all of `panels`.
        opacity: {label name: 0 to 1}; what is not named is as solid as its tissue is by default.
        comparison: {case, show: "errors" | "distance", region, members, reference, classes, stops, urls}, or
            None to show the labels.
        isCut: whether the 3D views are cut open at the slice.

    Goes both ways:
        camera: {azimuth, elevation (degrees), zoom, target (mm)}; without a target it looks at the middle;
            `own` has the same for panels, by key, whose camera stands apart.
        cursor: the crosshair, (x, y, z) mm.
        selection: {case, panel, label, component, mm}; the component as numbered in that panel, or None. One
            that a hand has picked has a `nonce`, too.
        maximized: key of the one panel shown, or None for all.

    Comes out:
        changes: {values: {name in the address: value or None}, nonce}, what a control of the stage changed.
        status: {state: "loading" | "ready" | "error" | "lost", case, message, frames}.
    """

    properties = PROPERTIES
    _children_props: list[str] = []  # noqa: RUF012 - an instance attribute to Dash, read from the class
    _namespace = "viewer"
    _type = "CaseStage"
