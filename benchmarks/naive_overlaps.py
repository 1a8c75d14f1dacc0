"""The Dice family from boolean masks of the whole volume."""

import numpy as np
import numpy.typing as npt

Mask = npt.NDArray[np.bool_]


def overlaps(reference: Mask, prediction: Mask) -> dict[str, float]:
    """Compare two masks, neither of them empty."""
    both = (reference & prediction).sum()
    return {
        "dice": float(2 * both / (reference.sum() + prediction.sum())),
        "iou": float(both / (reference | prediction).sum()),
        "precision": float(both / prediction.sum()),
        "recall": float(both / reference.sum()),
        "specificity": float((~reference & ~prediction).sum() / (~reference).sum()),
    }
