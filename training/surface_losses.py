"""Losses that weigh errors by their distance to the reference's boundary.

All take probabilities and a distance map of the reference, (b, c, z, y, x), positive outside, 0 on the
boundary, negative inside: the sign of Celaya 2023, the opposite of `training.signed_distance`. The map is
that of the whole volume, carried into the patch; nothing is computed from the prediction.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

SPACE = (2, 3, 4)


def boundary(probabilities_bczyx: Tensor, distances_bczyx: Tensor) -> Tensor:
    """Boundary loss of Kervadec 2021: the mean of distance times probability (equation 9 of Celaya 2023).

    Linear in the prediction, and unbounded: a perfect prediction costs a negative number whose size is that
    of the object. Beside a Dice loss it needs a schedule or a small weight.
    """
    return (probabilities_bczyx.float() * distances_bczyx.float()).mean()


def hausdorff_one_sided(
    probabilities_bczyx: Tensor, reference_bczyx: Tensor, distances_bczyx: Tensor
) -> Tensor:
    """Hausdorff loss of Karimi 2020, one-sided: mean of squared error times squared distance.

    Equation 7 of Celaya 2023 without the prediction's own distance map, as their footnote has it. Values grow
    with the square of the distance (15 for a random prediction in 32 voxels): weigh accordingly.
    """
    error = reference_bczyx.float() - probabilities_bczyx.float()
    return (error**2 * distances_bczyx.float() ** 2).mean()


def hausdorff_mean_max(
    probabilities_bczyx: Tensor,
    distances_bczyx: Tensor,
    *,
    mean_weight: float = 0.1,
    max_weight: float = 0.01,
) -> Tensor:
    """Hausdorff-like loss of Fonov 2021: probability outside the reference times its distance there.

    0.1 of the mean plus 0.01 of the maximum, both averaged over classes. Blind to what is missing inside:
    an all-background prediction of a foreground class costs 0, so it stands beside a cross-entropy.
    """
    cost = probabilities_bczyx.float() * distances_bczyx.float().clamp(min=0)
    return mean_weight * cost.mean(SPACE).mean() + max_weight * cost.amax(SPACE).mean()


def generalized_surface(
    probabilities_bczyx: Tensor,
    reference_bczyx: Tensor,
    distances_bczyx: Tensor,
    weights_c: Tensor | None = None,
) -> Tensor:
    """Generalized Surface Loss, equation 12 of Celaya 2023: in [0, 1], 0 at P = T, 1 at P = 1 - T.

    1/2 everywhere costs 3/4. Voxels on the boundary have no gradient. **It does not see small lesions**:
    squared distances outside swamp those inside: missing a ball of radius 10 altogether costs 0.027,
    one of radius 5 0.0004 (of at most 1, in 32 voxels cubed); so at the end of a schedule
    that leaves only this loss, nothing protects it.
    The authors' own program differs from their paper: no weights, no background, mean of the classes' ratios.

    Args:
        probabilities_bczyx: in [0, 1].
        reference_bczyx: 0 or 1.
        distances_bczyx: any scale; the loss does not change with it.
        weights_c: (c,) from `class_weights`; None weighs all classes alike.
    """
    squared = distances_bczyx.float() ** 2
    kept = (1 - (reference_bczyx.float() + probabilities_bczyx.float())) ** 2
    weights = squared.new_ones(squared.shape[1]) if weights_c is None else weights_c.to(squared)
    most = (weights * squared.sum(SPACE)).sum(1)
    reached = (weights * (squared * kept).sum(SPACE)).sum(1)
    # Without any distance (no class has a boundary in the volume) nothing can be wrong: 1 - 1.
    share = torch.where(most > 0, reached / most.clamp(min=torch.finfo(torch.float32).tiny), 1)
    return (1 - share).mean()


def generalized_surface_by_class(
    probabilities_bczyx: Tensor, reference_bczyx: Tensor, distances_bczyx: Tensor
) -> Tensor:
    """Average the Generalized Surface Loss over classes, each alone and the background left out.

    The form in the authors' program (MIST). A class with large distances no longer hides the others.
    """
    sides = (probabilities_bczyx, reference_bczyx, distances_bczyx)
    classes = range(1, probabilities_bczyx.shape[1])
    each = [generalized_surface(*(side[:, c : c + 1] for side in sides)) for c in classes]
    return torch.stack(each).mean()


def class_weights(voxel_counts: Sequence[int]) -> Tensor:
    """Inverse voxel counts of the whole data set, scaled to sum 1 (equation 13 of Celaya 2023).

    A class that never occurs weighs 0: it has no boundary to be far from.

    Raises:
        ValueError: no class occurs at all.
    """
    counts = torch.as_tensor(voxel_counts, dtype=torch.float64)
    if not bool((counts > 0).any()):
        raise ValueError(f"class weights need at least one voxel of one class, found {list(voxel_counts)}")
    inverse = torch.where(counts > 0, 1 / counts.clamp(min=1), 0)
    return (inverse / inverse.sum()).float()
