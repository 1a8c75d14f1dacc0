"""Losses that compare regions voxel by voxel: Dice, cross-entropy and their relatives.

All take `probabilities_bczyx` (class 0 is background) or logits, and a reference that is either the label
map `labels_bzyx` (int64) or its one-hot form `reference_bczyx`. Each is a mean over batch and classes.
"""

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy, one_hot

SPACE = (2, 3, 4)
SMOOTH = 1e-5


def as_one_hot(labels_bzyx: Tensor, class_count: int) -> Tensor:
    """(b, z, y, x) labels to (b, class_count, z, y, x) float32 of 0 and 1; negative labels are background."""
    return one_hot(labels_bzyx.clamp(min=0).long(), class_count).movedim(-1, 1).float()


def dice(
    probabilities_bczyx: Tensor,
    reference_bczyx: Tensor,
    *,
    background: bool = False,
    squared: bool = False,
    over_batch: bool = False,
) -> Tensor:
    """One minus the soft Dice coefficient, averaged over classes and batch.

    Equal to nnU-Net's `MemoryEfficientSoftDiceLoss` plus 1. A class absent from both costs 0; one absent from
    the reference alone costs nearly 1 however little is predicted, with a vanishing gradient.

    Args:
        probabilities_bczyx: (b, c, z, y, x) in [0, 1].
        reference_bczyx: the same shape, 0 or 1.
        background: count class 0 as well.
        squared: squared denominators, equation 3 of Celaya 2023; nnU-Net's are linear.
        over_batch: pool the batch before dividing, nnU-Net's `batch_dice`.
    """
    first = 0 if background else 1
    predicted, wanted = probabilities_bczyx[:, first:].float(), reference_bczyx[:, first:].float()
    axes = (0, *SPACE) if over_batch else SPACE
    power = 2 if squared else 1
    overlap = (predicted * wanted).sum(axes)
    size = (predicted**power).sum(axes) + (wanted**power).sum(axes)
    return 1 - ((2 * overlap + SMOOTH) / (size + SMOOTH).clamp(min=1e-8)).mean()


def dice_cross_entropy(logits_bczyx: Tensor, labels_bzyx: Tensor, *, over_batch: bool = False) -> Tensor:
    """Dice without background plus cross-entropy: nnU-Net's `DC_and_CE_loss`, the paper's Baseline.

    Equal to nnU-Net's value exactly (its Dice part is minus the coefficient, so a perfect prediction costs
    -1) and to MONAI's `DiceCELoss` minus 1.
    """
    return _negative_dice(logits_bczyx, labels_bzyx, over_batch=over_batch) + cross_entropy(
        logits_bczyx.float(), labels_bzyx.long()
    )


def dice_top_k(
    logits_bczyx: Tensor, labels_bzyx: Tensor, *, percent: float = 10.0, over_batch: bool = False
) -> Tensor:
    """Dice plus the mean cross-entropy of the worst voxels: nnU-Net's `DC_and_topk_loss`.

    Args:
        logits_bczyx: (b, c, z, y, x).
        labels_bzyx: (b, z, y, x).
        percent: share of all voxels of the batch that count as worst.
        over_batch: pool the batch in the Dice part.
    """
    each = cross_entropy(logits_bczyx.float(), labels_bzyx.long(), reduction="none").flatten()
    worst = each.topk(max(1, int(each.numel() * percent / 100)), sorted=False).values
    return _negative_dice(logits_bczyx, labels_bzyx, over_batch=over_batch) + worst.mean()


def region_dice_cross_entropy(
    logits_brzyx: Tensor, regions_brzyx: Tensor, *, over_batch: bool = False
) -> Tensor:
    """Dice plus binary cross-entropy on overlapping regions: nnU-Net's `DC_and_BCE_loss`.

    Args:
        logits_brzyx: (b, r, z, y, x), one channel a region and none for the background.
        regions_brzyx: the same shape, 0 or 1.
        over_batch: pool the batch in the Dice part.
    """
    coefficient = dice(torch.sigmoid(logits_brzyx), regions_brzyx, background=True, over_batch=over_batch) - 1
    return coefficient + binary_cross_entropy_with_logits(logits_brzyx.float(), regions_brzyx.float())


def generalized_dice(probabilities_bczyx: Tensor, reference_bczyx: Tensor) -> Tensor:
    """Generalised Dice loss of Sudre 2017 in the form of Celaya 2023, equations 5 and 6.

    Denominators are squared. Classes weigh the inverse square of their volume, per patch. An absent class
    would weigh infinitely; it takes the largest weight of those present, so that predicting it still costs.
    0 for a perfect prediction.
    """
    predicted, wanted = probabilities_bczyx.float(), reference_bczyx.float()
    volume = wanted.sum(SPACE)
    inverse = torch.where(volume > 0, 1 / volume.clamp(min=1) ** 2, 0)
    weights = torch.where(volume > 0, inverse, inverse.amax(1, keepdim=True))
    overlap = (weights * (predicted * wanted).sum(SPACE)).sum(1)
    size = (weights * (predicted**2 + wanted**2).sum(SPACE)).sum(1)
    return (1 - 2 * overlap / size.clamp(min=torch.finfo(torch.float32).tiny)).mean()


def _negative_dice(logits_bczyx: Tensor, labels_bzyx: Tensor, *, over_batch: bool) -> Tensor:
    probabilities = torch.softmax(logits_bczyx.float(), 1)
    return dice(probabilities, as_one_hot(labels_bzyx, logits_bczyx.shape[1]), over_batch=over_batch) - 1
