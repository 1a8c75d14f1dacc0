"""What a panel says about how true its surfaces are: a few words, and all of it for those who ask."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from meshing.fidelity import Fidelity
from meshing.recipes import RECIPES, Recipe
from viewer import number_format
from viewer.surfaces import Measured

#: A surface whose volume is farther off than this share of the voxels' is warned of.
MOST_VOLUME_ERROR = 0.01
SEPARATOR = " · "


@dataclass(frozen=True, slots=True)
class Badge:
    """A summary of the fidelity of all surfaces of a panel.

    Attributes:
        text: short, such as "volume 100.0 % · 43 of 43 pieces · ≤ 0.5 mm · volume-true 1".
        says: sentences that say all, the recipe's first, then one a surface.
        is_warning: whether volumes, pieces or holes are not those of the voxels.
    """

    text: str
    says: tuple[str, ...]
    is_warning: bool

    def as_extras(self) -> dict[str, object]:
        """Write it for a file."""
        return {"text": self.text, "says": list(self.says), "warning": self.is_warning}


def badge(measured: Sequence[Measured], mode: str) -> Badge:
    """Sum up the surfaces of one source.

    Args:
        measured: surfaces; those of labels without a voxel say nothing.
        mode: the recipe they were made by.
    """
    recipe = RECIPES[mode]
    there = [one for one in measured if one.voxel_count]
    named = f"{recipe.name} {recipe.version}"
    head = f"{named}: {recipe.says}"
    if not there:
        return Badge(SEPARATOR.join(("no voxel", named)), (head,), is_warning=False)
    return Badge(
        SEPARATOR.join((*_words(there), named)),
        (head, *(f"{one.surface.name}: {_sentence(one.fidelity, recipe)}" for one in there)),
        any(_is_untrue(one.fidelity, recipe) for one in there),
    )


def _words(there: Sequence[Measured]) -> list[str]:
    voxels = sum(one.voxel_count for one in there)
    volume = sum(one.fidelity.volume_ratio * one.voxel_count for one in there if one.fidelity.piece_count)
    kept, counted, crossings = (
        sum(getattr(one.fidelity, name) for one in there)
        for name in ("kept_component_count", "component_count", "self_intersection_count")
    )
    farthest = max(one.fidelity.largest_distance_mm for one in there)
    words = [f"volume {_percent(volume / voxels, 1)}", _pieces(kept, counted), f"≤ {_at_most_mm(farthest)}"]
    return words + ([_crossings(crossings)] if crossings else [])


def _sentence(found: Fidelity, recipe: Recipe) -> str:
    kept = _pieces(found.kept_component_count, found.component_count)
    if found.piece_count != found.component_count:
        kept += f" ({number_format.count(found.piece_count)} in all)"
    parts = [
        f"volume {_percent(found.volume_ratio, 2)} of the voxels'",
        kept,
        f"{number_format.count(found.cavity_count)} {'cavity' if found.cavity_count == 1 else 'cavities'}",
    ]
    if not recipe.is_exact:
        parts += [_topology(found), _crossings(found.self_intersection_count)]
    mean, largest = f"{found.mean_distance_mm:.2f}", _at_most_mm(found.largest_distance_mm)
    return f"{', '.join(parts)}; {mean} mm from the voxels' surface on the average, at most {largest}."


def _topology(found: Fidelity) -> str:
    closed = "closed" if found.is_closed else "not closed"
    oriented = "oriented" if found.is_oriented else "not oriented"
    same = found.euler_number == found.mask_euler_number
    euler = "as the mask's" if same else f"not {found.mask_euler_number} as the mask's"
    return f"Euler number {found.euler_number}, {euler}, {closed} and {oriented}"


def _is_untrue(found: Fidelity, recipe: Recipe) -> bool:
    is_other_volume = not abs(found.volume_ratio - 1) <= MOST_VOLUME_ERROR
    is_other_topology = not recipe.is_exact and (
        found.euler_number != found.mask_euler_number or not (found.is_closed and found.is_oriented)
    )
    return is_other_volume or is_other_topology or not found.has_all_components


def _percent(ratio: float, digits: int) -> str:
    return number_format.MISSING if math.isnan(ratio) else f"{100 * ratio:.{digits}f} %"


def _pieces(kept: int, counted: int) -> str:
    noun = "piece" if counted == 1 else "pieces"
    return f"{number_format.count(kept)} of {number_format.count(counted)} {noun}"


def _crossings(count: int) -> str:
    if not count:
        return "no triangles cross"
    return f"{number_format.count(count)} {'pair' if count == 1 else 'pairs'} of triangles cross"


def _at_most_mm(distance_mm: float) -> str:
    """Round up: a bound that is rounded down is none."""
    if math.isnan(distance_mm):
        return number_format.MISSING
    return f"{math.ceil(distance_mm * 10 - 1e-6) / 10:.1f} mm" if distance_mm > 0 else "0 mm"
