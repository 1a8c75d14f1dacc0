"""The Dice values a ceiling study is made of: patients x methods x regions."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.cases import dice_average

Floats = npt.NDArray[np.float64]
Picks = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class DiceCube:
    """Dice of every method on every region of the patients that have them all.

    Attributes:
        dice: (patients, methods, regions), all finite.
        patients: (patients,) ids, ascending.
        folds: (patients,) cross-validation folds; -1 where the study names none.
        methods: names along the second axis.
        regions: names along the third axis.
        dropped: patients left out because a method or region is missing.
    """

    dice: Floats
    patients: npt.NDArray[np.object_]
    folds: npt.NDArray[np.int64]
    methods: tuple[str, ...]
    regions: tuple[str, ...]
    dropped: int

    def take(self, rows: npt.NDArray[np.intp]) -> "DiceCube":
        """Keep some patients, in the order given by their positions."""
        return replace(self, dice=self.dice[rows], patients=self.patients[rows], folds=self.folds[rows])

    def averages(self) -> Floats:
        """(patients, methods) Dice averages."""
        return np.stack([dice_average(self.dice[:, method]) for method in range(len(self.methods))], axis=1)

    def picked(self, picks: Picks) -> Floats:
        """(patients,) Dice averages of a policy.

        Args:
            picks: (patients,) or (patients, regions) positions of methods.
        """
        per_region = np.broadcast_to(picks[:, None] if picks.ndim == 1 else picks, self.dice[:, 0].shape)
        return dice_average(np.take_along_axis(self.dice, per_region[:, None, :], axis=1)[:, 0])


def dice_cube(metrics: pd.DataFrame, methods: Sequence[str], regions: Sequence[str]) -> DiceCube:
    """Collect the Dice of a study's metrics table.

    Args:
        metrics: patient, fold, method, region, metric, value.
        methods: which to take, in this order; ties go to the earlier one.
        regions: which enter the Dice average, in the order of its additions.
    """
    rows = metrics[metrics["metric"] == "dice"]
    columns = {
        (method, region): group.set_index("patient")["value"]
        for (method, region), group in rows.groupby(["method", "region"])
        if method in methods and region in regions
    }
    wanted = [(method, region) for method in methods for region in regions]
    table = pd.DataFrame(columns, index=sorted(rows["patient"].unique())).reindex(columns=wanted)
    complete = table.dropna()
    folds = rows.drop_duplicates("patient").set_index("patient")["fold"].reindex(complete.index)
    return DiceCube(
        dice=complete.to_numpy(dtype=np.float64).reshape(len(complete), len(methods), len(regions)),
        patients=complete.index.to_numpy(dtype=object),
        folds=folds.fillna(-1).to_numpy(dtype=np.int64),
        methods=tuple(methods),
        regions=tuple(regions),
        dropped=len(table) - len(complete),
    )
