"""Pictures of surfaces without a window: one view, several side by side, a turn around."""

import io
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from meshing.colours import hex_to_srgb
from meshing.glb import Surface
from meshing.lit_lattice import lit
from meshing.mesh import world_vertices
from meshing.scene import bounds_mm, main_bounds_mm
from meshing.windowless import choose_window

Picture = npt.NDArray[np.uint8]
Points = npt.NDArray[np.float64]
Vector = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class View:
    """From where surfaces are seen.

    Attributes:
        towards_eye: direction from the surfaces to the eye, RAS.
        up: what is up in the picture, RAS.
        background: "#rrggbb".
    """

    towards_eye: Vector
    up: Vector = (0.0, 0.0, 1.0)
    background: str = "#000000"


#: The paper's figures 2 to 7 look from the left on black: the forehead is on the picture's left.
VIEWS = {
    "left": View((-1.0, 0.0, 0.0)),
    "right": View((1.0, 0.0, 0.0)),
    "front": View((0.0, 1.0, 0.0)),
    "back": View((0.0, -1.0, 0.0)),
    "top": View((0.0, 0.0, 1.0), up=(0.0, 1.0, 0.0)),
    "oblique": View((-1.0, 0.7, 0.5)),
}
PAPER_VIEW = VIEWS["left"]

_SHADOW_MM = 8.0
#: Translucent surfaces are drawn this many times finer, so that edges are smooth, and with up to this many
#: layers one behind the other.
_FINER, _LAYERS = 3, 40
#: Neighbouring labels share a wall, and each draws it: what is more solid is drawn this much nearer to the
#: eye, which in parallel projection moves nothing in the picture. Else pixels take either, in patches.
_NEARER_MM = 0.6


def picture(
    surfaces: Sequence[Surface],
    view: View = PAPER_VIEW,
    *,
    size_px: tuple[int, int] = (480, 480),
    box_mm: Points | None = None,
) -> Picture:
    """Draw surfaces as seen from one side, in parallel projection.

    Works without a display, see `meshing.windowless`.

    Args:
        surfaces: opaque and translucent ones; empty ones are not drawn.
        view: from where.
        size_px: width and height.
        box_mm: (2, 3) the box that fills the picture, so that several pictures share one scale; None takes
            the surfaces' own, that of `meshing.scene.main_bounds_mm`. What lies outside is drawn where there
            is room for it.

    Returns:
        (height, width, 3) sRGB; the background alone where there is no triangle.
    """
    box = main_bounds_mm(surfaces) if box_mm is None else box_mm
    if box is None:
        width, height = size_px
        return np.full((height, width, 3), hex_to_srgb(view.background), np.uint8)
    return next(_drawn(surfaces, [view], size_px, box))


def turntable(
    surfaces: Sequence[Surface],
    view: View = PAPER_VIEW,
    *,
    frame_count: int = 36,
    size_px: tuple[int, int] = (480, 480),
) -> list[Picture]:
    """Draw surfaces turning once around the body's long axis, in equal steps from a view on.

    The largest component of each fills the picture, as in `picture`.
    """
    views = []
    for turn in np.arange(frame_count) * 2 * np.pi / frame_count:
        x, y, z = view.towards_eye
        turned = (x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn), z)
        views.append(replace(view, towards_eye=turned))
    box = main_bounds_mm(surfaces)
    if box is None:
        return [picture(surfaces, view, size_px=size_px)] * frame_count
    # a box as wide as the diagonal on each side: no main body leaves the picture while it turns
    middle, reach = box.mean(axis=0), np.linalg.norm(box[1] - box[0]) / 2 * np.ones(3)
    return list(_drawn(surfaces, views, size_px, np.array([middle - reach, middle + reach])))


def montage(rows: Sequence[Sequence[Picture]], *, gap_px: int = 4, background: str = "#000000") -> Picture:
    """Set pictures of one size in rows and columns.

    Raises:
        ValueError: if sizes differ or rows have unequal lengths.
    """
    shapes = {image.shape for row in rows for image in row}
    if len(shapes) != 1 or len({len(row) for row in rows}) != 1:
        raise ValueError("a montage needs rows of one length and pictures of one size")
    height, width, _ = shapes.pop()
    shape = (len(rows) * (height + gap_px) - gap_px, len(rows[0]) * (width + gap_px) - gap_px, 3)
    whole = np.full(shape, hex_to_srgb(background), np.uint8)
    for y, row in enumerate(rows):
        for x, image in enumerate(row):
            top, left = y * (height + gap_px), x * (width + gap_px)
            whole[top : top + height, left : left + width] = image
    return whole


def png_bytes(image: Picture) -> bytes:
    """Write a picture as PNG."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def animation_bytes(frames: Sequence[Picture], *, frame_ms: int = 80) -> bytes:
    """Write frames as an animated PNG that runs for ever.

    Raises:
        ValueError: if there is no frame.
    """
    from PIL import Image

    if not frames:
        raise ValueError("an animation needs at least one frame")
    first, *others = (Image.fromarray(frame) for frame in frames)
    buffer = io.BytesIO()
    first.save(buffer, "PNG", save_all=True, append_images=others, duration=frame_ms, loop=0)
    return buffer.getvalue()


def _drawn(
    surfaces: Sequence[Surface], views: Sequence[View], size_px: tuple[int, int], box: Points
) -> Iterator[Picture]:
    """Draw one scene from several sides, filled by the box; nothing is too near or too far to be drawn."""
    choose_window()
    import pyvista

    reach_mm = _reach_mm(surfaces, box)
    is_translucent = any(surface.opacity < 1 for surface in surfaces)
    # layers are sorted pixel by pixel only where no pass, such as one that smooths edges, takes over
    finer = _FINER if is_translucent else 1
    window = [finer * side for side in size_px]
    plotter: Any = pyvista.Plotter(off_screen=True, window_size=window, lighting="light kit")
    with closing(plotter):
        solidities = sorted({surface.opacity for surface in surfaces})
        actors = [
            (_add(plotter, surface), solidities.index(surface.opacity))
            for surface in surfaces
            if not surface.mesh.is_empty
        ]
        plotter.enable_parallel_projection()
        if is_translucent:
            plotter.disable_anti_aliasing()
            plotter.enable_depth_peeling(_LAYERS, 0.0)
        else:
            plotter.enable_anti_aliasing("ssaa")
            # what hides a place tells near from far
            plotter.enable_ssao(radius=_SHADOW_MM, bias=0.05 * _SHADOW_MM, kernel_size=96, blur=True)
        for view in views:
            plotter.set_background(view.background)
            for actor, rank in actors:
                actor.position = tuple(rank * _NEARER_MM * _unit(view.towards_eye))
            _aim(plotter, view, (box, reach_mm), size_px)
            plotter.render()
            yield _coarser(np.asarray(plotter.screenshot(return_img=True), np.uint8)[..., :3], finer)


def _add(plotter: Any, surface: Surface) -> Any:  # noqa: ANN401
    import pyvista

    mesh = surface.mesh
    normals: Any = None
    if mesh.is_lattice:
        squares = lit(mesh)
        points: Any = squares.points.astype(np.float32)
        faces: Any = np.arange(len(points)).reshape(-1, 4)
        normals = squares.normals.astype(np.float32)
    else:
        points, faces = world_vertices(mesh).astype(np.float32), mesh.faces.astype(np.int64)
    poly = pyvista.PolyData.from_regular_faces(points, faces)
    if normals is not None:
        poly.point_data.active_normals = normals
    return plotter.add_mesh(
        poly,
        color=surface.colour,
        opacity=surface.opacity,
        smooth_shading=True,
        specular=0.15,
        ambient=0.08,
    )


def _coarser(image: Picture, factor: int) -> Picture:
    """Return the mean of each square of pixels."""
    height, width, _ = image.shape
    squares = image.reshape(height // factor, factor, width // factor, factor, 3)
    means: Picture = np.rint(squares.mean(axis=(1, 3))).astype(np.uint8)
    return means


def _unit(direction: Vector) -> Points:
    found: Points = np.array(direction) / np.linalg.norm(direction)
    return found


def _reach_mm(surfaces: Sequence[Surface], box: Points) -> float:
    """How far from the box's middle there may be something."""
    whole = bounds_mm(surfaces)
    corners = box if whole is None else np.concatenate([box, whole])
    return float(np.linalg.norm(np.abs(corners - box.mean(axis=0)).max(axis=0)))


def _aim(plotter: Any, view: View, seen: tuple[Points, float], size_px: tuple[int, int]) -> None:  # noqa: ANN401
    """Point the camera at the box's middle, from beyond all there is, and fit the box into the picture."""
    box, reach_mm = seen
    eye = _unit(view.towards_eye)
    right = np.cross(view.up, eye)
    right /= np.linalg.norm(right)
    above = np.cross(eye, right)
    extent = box[1] - box[0]
    width, height = (float(np.abs(axis) @ extent) for axis in (right, above))
    middle, distance = box.mean(axis=0), 2 * reach_mm + 1
    camera = plotter.camera
    camera.focal_point = tuple(middle)
    camera.position = tuple(middle + eye * distance)
    camera.up = tuple(above)
    camera.parallel_scale = 1.05 * max(height, width * size_px[1] / size_px[0]) / 2
    camera.clipping_range = (distance - reach_mm - 1, distance + reach_mm + 1)
