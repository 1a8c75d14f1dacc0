"""A small folder of tables in the published form, with numbers a test can follow."""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.feature_names import AGREEMENT_FEATURES, MORPHOLOGY_FEATURES
from analysis.published import LABELS, NESTED_REGIONS

LETTERS = {"B": "baseline", "D": "distmap", "F": "fusion"}


def rankings_row(patient: str, fold: int, dice: Mapping[str, float], hd95: float | None = 2.0) -> dict:
    """One scan whose three regions have the same Dice, by method letter."""
    row: dict = {"patient_id": patient, "fold": str(fold)}
    for letter, name in LETTERS.items():
        if letter in dice:
            row[name] = {f"dice_{region}": dice[letter] for region in NESTED_REGIONS}
            row[name] |= {f"hd95_{region}": hd95 for region in NESTED_REGIONS}
    return row


def write_rankings(folder: Path, rows: list[dict]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "rankings.json"
    path.write_text(json.dumps({"rows": rows}))
    return path


def write_features(folder: Path, volumes: Mapping[str, tuple[int, int, int]], fold: int = 0) -> None:
    """Features of scans with the given voxels of (WT, TC, ET); every other feature is 1."""
    folder.mkdir(parents=True, exist_ok=True)
    table = pd.DataFrame(1.0, index=pd.Index(volumes, name="patient_id"), columns=list(MORPHOLOGY_FEATURES))
    table[["vol_WT", "vol_TC", "vol_ET"]] = list(volumes.values())
    table.insert(0, "fold", fold)
    table.to_csv(folder / "patient_features.csv")
    agreement = pd.DataFrame(1.0, index=table.index, columns=list(AGREEMENT_FEATURES))
    agreement.to_csv(folder / "patient_agreement_features.csv")


def write_fragments(folder: Path, fragments: Mapping[str, tuple[int, int, int]], fold: int = 0) -> None:
    """Fragments of (B, D, F), the same for every label; components are one more."""
    rows = []
    for patient, counts in fragments.items():
        row: dict = {"patient_id": patient, "fold": fold, "error": np.nan}
        for label in LABELS:
            for letter, count in zip(LETTERS, counts, strict=True):
                row |= {f"nb_cc_{letter}_{label}": count + 1, f"frags_{letter}_{label}": count}
        rows.append(row)
    pd.DataFrame(rows).to_csv(folder / "fragments_topological_cv.csv", index=False)
