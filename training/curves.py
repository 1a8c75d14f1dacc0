"""Curves of a run, drawn from its log."""

import json
from pathlib import Path

from training.runs import LOG


def plot_curves(folder: Path) -> Path:
    """Draw losses, learning rate and validation Dice of a run's log as `curves.png`."""
    from matplotlib.figure import Figure

    rows = [json.loads(line) for line in (folder / LOG).read_text().splitlines()]
    epochs = [row["epoch"] for row in rows]
    figure = Figure(figsize=(9, 6), layout="constrained")
    losses, dice = figure.subplots(2, 1, sharex=True)
    for name in rows[0]["terms"]:
        losses.plot(epochs, [row["terms"][name] for row in rows], label=name)
    for index, name in enumerate(rows[0]["labels"]):
        dice.plot(epochs, [row["dice"][index] for row in rows], label=name)
    dice.plot(epochs, [row["dice_ema"] for row in rows], "k--", label="moving average")
    for axes, title in ((losses, "training loss, unweighted terms"), (dice, "Dice of validation patches")):
        axes.set_title(title)
        axes.legend()
    dice.set_xlabel("epoch")
    path = folder / "curves.png"
    figure.savefig(path, dpi=120)
    return path
