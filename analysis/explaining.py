"""The one component that explains a case: the single edit that changes a Dice average most."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from analysis.adopting import adoptions
from analysis.cases import dice_average
from analysis.cohort.label_map import Affine, Labels
from analysis.cohort.labels import LabelScheme
from analysis.counterfactual import flips

Edit = Literal["deleted", "adopted", "returned"]
Averages = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Explanation:
    """An edit of one label map by one component.

    Attributes:
        edit: `deleted` from the method itself, `adopted` from the other one, `returned` after a rule.
        row: of the component in the table of the method that has it.
        average: Dice average after the edit.
        change: and by how much it changed.
    """

    edit: Edit
    row: int
    average: float
    change: float


def why_worse(
    reference: Labels, worse: Labels, better: Labels, affine: Affine, scheme: LabelScheme
) -> Explanation | None:
    """Find the edit that would raise the Dice average of the worse method most.

    Either one of its own components is deleted, or one of the better method's is adopted. Of equal edits the
    first is taken, deletions before adoptions, so the larger component before the smaller.

    Args:
        reference: (x, y, z) uint8; all three on one grid.
        worse: the method that is edited.
        better: the method that may give components.
        affine: (4, 4) of the grid.
        scheme: regions, and which of them are averaged.

    Returns:
        None where no edit raises it.
    """
    own = flips(reference, worse, worse, affine, scheme.regions)
    now = _averages(own.dice_now[None], scheme)[0]
    without = _averages(own.dice_flipped, scheme)
    with_other = _averages(adoptions(reference, worse, better, affine, scheme.regions), scheme)
    every = np.concatenate([without, with_other])
    if not len(every) or every.max() <= now:
        return None
    best = int(every.argmax())
    edit: Edit = "deleted" if best < len(without) else "adopted"
    row = best if edit == "deleted" else best - len(without)
    return Explanation(edit, row, float(every[best]), float(every[best] - now))


def what_the_rule_did(
    reference: Labels, unfiltered: Labels, filtered: Labels, affine: Affine, scheme: LabelScheme, sign: int
) -> Explanation | None:
    """Find the removed component whose return would change the Dice average most.

    Args:
        reference: (x, y, z) uint8; all three on one grid.
        unfiltered: the method before the rule.
        filtered: the same with some components set to 0.
        affine: (4, 4) of the grid.
        scheme: regions, and which of them are averaged.
        sign: 1 to look for what the rule cost, -1 for what it gained.

    Returns:
        None where no removed component changes it in that direction.

    Raises:
        ValueError: if `filtered` is not `unfiltered` with whole components set to 0.
    """
    found = flips(reference, unfiltered, filtered, affine, scheme.regions)
    now = _averages(found.dice_now[None], scheme)[0]
    then = _averages(found.dice_flipped, scheme)
    changes = np.where(found.was_kept, -np.inf, sign * (then - now))
    if not len(changes) or changes.max() <= 0:
        return None
    row = int(changes.argmax())
    return Explanation("returned", row, float(then[row]), float(then[row] - now))


def _averages(dice: Averages, scheme: LabelScheme) -> Averages:
    columns = [list(scheme.regions).index(region) for region in scheme.dice_average]
    return dice_average(dice[:, columns])
