"""Oracles and fixed rules: what knowing the answer, or one answer for all, would give."""

from itertools import product

import numpy as np
import pandas as pd

from analysis.ceiling.dice_cube import DiceCube, Picks


def patient_oracle(cube: DiceCube) -> Picks:
    """(patients,) the method with the best Dice average; the earlier one where they tie."""
    return np.asarray(np.argmax(cube.averages(), axis=1))


def region_oracle(cube: DiceCube) -> Picks:
    """(patients, regions) the method with the best Dice on each region; the earlier one where they tie."""
    return np.asarray(np.argmax(cube.dice, axis=1))


def fixed_rules(cube: DiceCube) -> pd.DataFrame:
    """Score every rule that names one method a region for the whole cohort.

    Returns:
        One row a rule (27 for three methods and regions), best first: one column a region with the method's
        name, and `dice_average`, the mean over patients.
    """
    means = cube.dice.mean(axis=0)
    positions = list(product(range(len(cube.methods)), repeat=len(cube.regions)))
    rows = [
        {region: cube.methods[method] for region, method in zip(cube.regions, rule, strict=True)}
        | {"dice_average": float(np.mean([means[method, region] for region, method in enumerate(rule)]))}
        for rule in positions
    ]
    return pd.DataFrame(rows).sort_values("dice_average", ascending=False, kind="stable", ignore_index=True)


def strict_wins(cube: DiceCube) -> pd.DataFrame:
    """Count how often each method alone has the best Dice of a region.

    Returns:
        One row a region: `region`, one column a method with its wins, `ties` and `patients`.
    """
    best = cube.dice.max(axis=1, keepdims=True)
    is_best = cube.dice == best
    alone = is_best & (is_best.sum(axis=1, keepdims=True) == 1)
    rows = [
        {"region": region}
        | {method: int(alone[:, column, place].sum()) for column, method in enumerate(cube.methods)}
        | {"ties": int((~alone[:, :, place].any(axis=1)).sum()), "patients": len(cube.patients)}
        for place, region in enumerate(cube.regions)
    ]
    return pd.DataFrame(rows)
