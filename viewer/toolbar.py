"""The controls of the stage that say what is shown; each writes the address, and the page follows it."""

from collections.abc import Mapping, Sequence

from dash import html
from dash.development.base_component import Component

from meshing.recipes import RECIPES
from viewer.cohort_view import CohortView
from viewer.comparison import region_name
from viewer.markup import attributes
from viewer.overlays import STRENGTHS
from viewer.parts import choices, segments
from viewer.view_state import PRESETS, ViewState


def toolbar(
    cohort: CohortView, view: ViewState, contrasts: Sequence[str], *, has_volumes: bool
) -> list[Component]:
    """Make the controls of the stage: layers, surfaces, what is shown, camera, slices.

    Args:
        cohort: names of the labels and regions.
        view: what is chosen.
        contrasts: images of the open case.
        has_volumes: whether there is anything to show; without it there are no controls.
    """
    if not has_volumes:
        return []
    groups = [
        segments("Layers", _layers(cohort, view)),
        segments("Surface", choices("mode", _MODE_WORDS, view.mode)),
        segments("Show", choices("show", _SHOW_WORDS, view.show)),
        *_region(cohort, view),
        segments(
            "Camera", choices("preset", {name: (name.capitalize(), "") for name in PRESETS}, view.preset)
        ),
        segments("Slice", choices("plane", _PLANE_WORDS, view.plane)),
    ]
    if view.plane != "none" and len(contrasts) > 1:
        shown = view.contrast if view.contrast is not None and view.contrast in contrasts else contrasts[0]
        words = {name: (name, f"Show {name} under the labels") for name in contrasts}
        groups.append(segments("MRI", choices("contrast", words, shown, default=contrasts[0])))
    return groups


def overlay_choices(view: ViewState, words: Mapping[str, tuple[str, str]]) -> list[Component]:
    """Offer the maps that can lie over the slices, and how opaque; nothing where there are none.

    Args:
        view: what is chosen.
        words: name of each map, and of none (empty), to its button's text and tip.
    """
    if len(words) == 1 or view.plane == "none":
        return []
    shown = view.overlay if view.overlay in words else None
    groups = [segments("Overlay", choices("overlay", words, shown or "", default=""))]
    if shown:
        strengths = {one: (f"{float(one):.0%}", "How opaque the overlay is") for one in STRENGTHS}
        groups.append(segments("Opaque", choices("strength", strengths, f"{view.strength:g}", default="0.6")))
    return groups


_PLANE_WORDS = {
    "axial": ("Ax", "Axial slices"),
    "coronal": ("Cor", "Coronal slices"),
    "sagittal": ("Sag", "Sagittal slices"),
    "none": ("Off", "No slices"),
}
_MODE_WORDS = {
    "volume-true": ("Smooth", RECIPES["volume-true"].says),
    "voxel": ("Voxel", RECIPES["voxel"].says),
    "paper": ("Paper", RECIPES["paper"].says),
}
_SHOW_WORDS = {
    "labels": ("Labels", "What each source says"),
    "errors": ("Errors", "Where each method agrees with the reference and where not, voxel by voxel"),
    "distance": ("Distance", "How far each method's voxel surface lies from the reference's, in mm"),
}


def _layers(cohort: CohortView, view: ViewState) -> list[Component]:
    names = [(label.name, label.name, label.title) for label in cohort.scheme.labels] + [
        ("brain", "Brain", "Brain surface")
    ]
    return [_layer(name, short, title, is_shown=name not in view.off) for name, short, title in names]


def _region(cohort: CohortView, view: ViewState) -> list[Component]:
    """Offer the regions that errors and distances can speak of; nothing while labels are shown."""
    if view.show == "labels":
        return []
    titles = {label.name: label.title for label in cohort.scheme.labels}
    words = {
        name: (name, titles.get(name, f"{name}: {_members(cohort, name)}")) for name in cohort.scheme.regions
    }
    first = region_name(cohort.scheme, ViewState())
    return [segments("Region", choices("region", words, region_name(cohort.scheme, view), default=first))]


def _members(cohort: CohortView, region: str) -> str:
    return " + ".join(cohort.scheme.names[value] for value in cohort.scheme.regions[region])


def _layer(name: str, short: str, title: str, *, is_shown: bool) -> Component:
    return html.Button(
        [html.Span(className="dot", style={"background": f"var(--label-{name})"}), short],
        className="segment layer",
        title=title,
        **attributes(data_toggle=f"off={name}", data_quiet="", aria_pressed=str(is_shown).lower()),
    )
