"""What a run tells while it goes: a row of JSON an epoch, curves, and a bar or lines for people."""

import json
import math
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from tqdm import tqdm

from analysis.cohort.atomic import write_bytes_atomically
from training.config import TrainingConfig
from training.curves import plot_curves
from training.runs import LOG

SECONDS_BETWEEN_CURVES = 60.0

Report = Callable[[str], None]
Row = dict[str, Any]


class Journal:
    """The log of one run, `log.jsonl` and `curves.png` in its folder, and what people see meanwhile."""

    def __init__(
        self, folder: Path, config: TrainingConfig, label_names: Sequence[str], report: Report
    ) -> None:
        self.folder, self.config, self.label_names, self.report = folder, config, label_names, report
        self._drawn = -math.inf

    def bar(self, epochs_done: int) -> "tqdm[Any]":
        """Make a progress bar with images a second and the time left; none where there is no terminal."""
        per_epoch = self.config.iterations * self.config.batch
        return tqdm(
            total=self.config.epochs * per_epoch, initial=epochs_done * per_epoch, unit="image", disable=None
        )

    def add(self, row: Row) -> None:
        """Append an epoch to the log, with the labels' names and images a second."""
        rate = self.config.batch * self.config.iterations / row["seconds"]
        whole = {"epoch": row["epoch"], "labels": self.label_names, "images_per_second": rate, **row}
        with (self.folder / LOG).open("a") as file:
            file.write(json.dumps(whole) + "\n")

    def tell(self, row: Row, bar: "tqdm[Any]") -> None:
        """Draw the curves once a minute, and say how the epoch went: beside the bar, or in a line."""
        if time.monotonic() - self._drawn > SECONDS_BETWEEN_CURVES:
            plot_curves(self.folder)
            self._drawn = time.monotonic()
        if bar.disable:
            self.report(self._line(row))
        else:
            bar.set_postfix_str(self._scores(row))

    def _line(self, row: Row) -> str:
        epochs, seconds = self.config.epochs, row["seconds"]
        rate = self.config.batch * self.config.iterations / seconds
        left = timedelta(seconds=round((epochs - row["epoch"]) * seconds))
        return (
            f"epoch {row['epoch']} of {epochs}: {self._scores(row)}; {seconds:.0f} s, {rate:.2f} images/s, "
            f"{left} left"
        )

    def _scores(self, row: Row) -> str:
        pairs = zip(self.label_names, row["dice"], strict=True)
        dice = " ".join(f"{name} {value:.3f}" for name, value in pairs)
        return f"loss {row['terms']['loss']:.3f}, Dice {dice}"


def cut_log(folder: Path, epochs: int) -> None:
    """Drop rows that have no checkpoint, or were half written when the run was killed."""
    path = folder / LOG
    rows = path.read_text().splitlines() if path.is_file() else []
    kept = [row for row in rows if _epoch_of(row) <= epochs]
    write_bytes_atomically(path, "".join(row + "\n" for row in kept).encode())


def _epoch_of(row: str) -> float:
    """Read the epoch of a row; of half a row, infinity."""
    try:
        return float(json.loads(row)["epoch"])
    except json.JSONDecodeError:
        return math.inf
