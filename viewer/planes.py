"""The plane of two quantities, and which patients the address's box, lasso and fragments take."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from viewer import point_plot
from viewer.cohort_columns import CohortColumns
from viewer.cohort_state import CohortState
from viewer.cohort_view import CohortView
from viewer.disagreement import axes as disagreement_axes
from viewer.disagreement import class_marks, classify
from viewer.palette import THEMES
from viewer.plot_axes import Axis, Figure
from viewer.point_plot import Cloud, Marks, Overlay
from viewer.quantities import Quantity
from viewer.selections import Mask, in_box, in_lasso, lasso_shape
from viewer.view_state import ViewState

Plane = tuple[Quantity, Quantity]
UNCLASSED = "none"


@dataclass(frozen=True, slots=True)
class Scene:
    """All that a chart of the cohort is drawn from.

    Attributes:
        cohort: the patients.
        columns: gives the numbers; only asked by those who need them, since it may have to be made.
        view: theme, eps, colours, scale, box, open patient.
        state: which chart, and what it shows.
    """

    cohort: CohortView
    columns: Callable[[], CohortColumns]
    view: ViewState
    state: CohortState

    @property
    def titles(self) -> dict[str, str]:
        """Name to title of every source."""
        return {source.name: source.title for source in self.cohort.sources}


def chosen(scene: Scene, patients_of_pieces: Callable[[str], set[str] | None]) -> Mask | None:
    """Say which patients the box, the lasso and the atlas's selection take; None where nothing limits them.

    Args:
        scene: the cohort and the address.
        patients_of_pieces: finds those with a component that the atlas has selected; None for all.
    """
    masks = [mask for mask in (_boxed(scene), _lassoed(scene)) if mask is not None]
    named = patients_of_pieces(scene.state.pieces) if scene.state.pieces else None
    if named is not None:
        masks.append(scene.cohort.patients["patient"].isin(named).to_numpy())
    return np.logical_and.reduce(masks) if masks else None


def plane_figure(scene: Scene, plane: Plane, mask: Mask | None) -> Figure:
    """Draw the patients in the plane of two quantities, in the colours of their case classes."""
    view, columns = scene.view, scene.columns()
    scaled = (axis_of(plane[0], scene, view.scale), axis_of(plane[1], scene, view.scale))
    x, y = (columns.values(quantity) for quantity in plane)
    classes, marks = _classes(scene)
    patients = scene.cohort.patients["patient"].to_numpy(dtype=object)

    def hover(places: npt.NDArray[np.int64]) -> list[str]:
        return [
            f"<b>{patients[i]}</b><br>"
            + "<br>".join(_value(q, v[i], scene) for q, v in zip(plane, (x, y), strict=True))
            for i in places
        ]

    cloud = Cloud(patients, x, y, scaled, classes, marks, hover)
    return point_plot.figure(cloud, overlay(scene, mask, scaled, plane))


def overlay(scene: Scene, mask: Mask | None, shown_on: tuple[Axis, Axis], plane: Plane | None) -> Overlay:
    """Say what is drawn over a plane's points: the open case, pins, and the lasso if it was drawn here."""
    view, state = scene.view, scene.state
    shapes: Sequence[Figure] = ()
    if state.lasso is not None and (plane or ()) == state.on:
        shapes = [lasso_shape(state.lasso, _lasso_axes(scene, plane), shown_on, THEMES[view.theme])]
    zoom = state.zoom if len(state.zoom) == 4 else None
    return Overlay(
        theme=view.theme,
        current=view.patient,
        pins={pin.patient: pin.tag for pin in scene.cohort.pins},
        density=state.density,
        window=None if zoom is None else (zoom[0], zoom[1], zoom[2], zoom[3]),
        chosen=mask,
        shapes=shapes,
    )


def axis_of(quantity: Quantity, scene: Scene, scale: str) -> Axis:
    """Describe a quantity's axis."""
    within = quantity.linear_within if scale == "symlog" else None
    return Axis(quantity.axis(scene.titles), within, is_signed=bool(quantity.minus))


def _value(quantity: Quantity, value: float, scene: Scene) -> str:
    unit = quantity.definition.unit
    return f"{quantity.title(scene.titles)} {value:.{quantity.digits}f}" + (f" {unit}" if unit else "")


def _classes(scene: Scene) -> tuple[npt.NDArray[np.object_], list[Marks]]:
    """Class every patient; one whose class is unknown, or that has none, is drawn too."""
    grey = Marks(UNCLASSED, "No class", "circle", THEMES[scene.view.theme].muted, is_faint=True)
    scores, roles = scene.cohort.scores(), scene.cohort.roles
    if scores is None or roles is None:
        return np.full(len(scene.cohort.patients), UNCLASSED, dtype=object), [replace(grey, title="Patients")]
    classes = classify(scores, scene.view.eps)[scene.view.colour].to_numpy(dtype=object).copy()
    classes[np.array([one is None for one in classes], dtype=bool)] = UNCLASSED
    return classes, [grey, *class_marks(scene.view.colour, scene.view.theme, roles.class_titles())]


def _boxed(scene: Scene) -> Mask | None:
    scores = scene.cohort.scores()
    if scene.view.box is None or scores is None:
        return None
    points = classify(scores, 0.0)
    return in_box(scene.view.box, points["x"].to_numpy(dtype=float), points["y"].to_numpy(dtype=float))


def _lassoed(scene: Scene) -> Mask | None:
    lasso, on = scene.state.lasso, scene.state.on
    if lasso is None:
        return None
    if len(on) == 2:
        plane = (on[0], on[1])
        if any(quantity not in scene.columns() for quantity in plane):
            return None
        x, y = (scene.columns().values(quantity) for quantity in plane)
        return in_lasso(lasso, _lasso_axes(scene, plane), x, y)
    scores = scene.cohort.scores()
    if scores is None:
        return None
    points = classify(scores, 0.0)
    at = points["x"].to_numpy(dtype=float), points["y"].to_numpy(dtype=float)
    return in_lasso(lasso, _lasso_axes(scene, None), *at)


def _lasso_axes(scene: Scene, plane: Plane | None) -> tuple[Axis, Axis]:
    """Take the symlog axes of the plane that a lasso was drawn in."""
    if plane is not None:
        return axis_of(plane[0], scene, "symlog"), axis_of(plane[1], scene, "symlog")
    roles = scene.cohort.roles
    if roles is None:
        raise ValueError("a lasso of the disagreement in a cohort without roles")
    return disagreement_axes(roles, "symlog")
