"""Losses for a head that predicts a distance map: squared error, Focal-L1, and classification into bins."""

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy


def masked_mse(prediction_bczyx: Tensor, target_bczyx: Tensor, mask_bczyx: Tensor | None = None) -> Tensor:
    """Mean squared error over the voxels of a mask, or over all.

    An empty mask costs 0 and still has a (zero) gradient.
    """
    error: Tensor = (prediction_bczyx.float() - target_bczyx.float()) ** 2
    if mask_bczyx is None:
        return error.mean()
    mask = mask_bczyx.expand_as(error).to(error)
    return (error * mask).sum() / mask.sum().clamp(min=1)


def focal_l1(
    prediction_bczyx: Tensor, target_bczyx: Tensor, *, gamma: float = 1.0, epsilon: float = 1e-6
) -> Tensor:
    """Focal-L1, equation 6 of SiNGR: absolute errors, weighed down where sign and value are nearly right.

    The weight is detached, as the paper says. Its epsilon is 0 there, which is NaN wherever prediction and
    target are both 0; safe only for targets with a margin. The released program is another loss (alpha = 2,
    opposite signs weighted by the distance). Opposite signs cost |error| / larger magnitude, at least 1.
    """
    prediction, target = prediction_bczyx.float(), target_bczyx.float()
    error = (target - prediction).abs()
    with torch.no_grad():
        focus = torch.where(prediction * target >= 0, error**gamma, 1.0)
        weight = focus / (torch.maximum(prediction.abs(), target.abs()) + epsilon)
    return (error * weight).mean()


def signed_labels(distances_bczyx: Tensor) -> Tensor:
    """Read label maps off signed maps: the channel with the largest value where that is above 0.

    SiNGR's threshold at 0, for labels that exclude each other; its authors regress the overlapping regions
    WT, TC and ET, and so need no arg-max.

    Args:
        distances_bczyx: positive inside, one channel a label.

    Returns:
        (b, z, y, x) int64, 0 for none, n for channel n - 1.
    """
    largest, channel = distances_bczyx.max(1)
    return torch.where(largest > 0, channel + 1, 0)


def bin_edges(values: Tensor, bins: int = 16) -> Tensor:
    """Edges of bins that hold equally many of some distance values, between -1 and 1.

    A distance map has atoms (-1 of absent classes, 0 on the boundary), where quantiles coincide; equal edges
    are merged, so that fewer bins may remain: `len(edges) - 1` says how many.

    Args:
        values: any shape, in [-1, 1].
        bins: wanted.

    Returns:
        (n + 1,) float32 ascending from -1 to 1, 1 <= n <= bins.
    """
    shares = torch.linspace(0, 1, bins + 1, dtype=torch.float64)[1:-1]
    inner = torch.quantile(values.flatten().double(), shares) if values.numel() else shares[:0]
    inner = inner[(inner > -1) & (inner < 1)]
    edges: Tensor = torch.unique(torch.cat([torch.tensor([-1.0]), inner.float(), torch.tensor([1.0])]))
    return edges


def bin_cross_entropy(logits_bcnzyx: Tensor, target_bczyx: Tensor, edges: Tensor) -> Tensor:
    """Cross-entropy of the bin that each distance falls into.

    Args:
        logits_bcnzyx: (b, c, n, z, y, x) for n bins.
        target_bczyx: distances in [-1, 1].
        edges: (n + 1,) from `bin_edges`.
    """
    wanted = torch.bucketize(
        target_bczyx.float().contiguous(), edges[1:-1].to(target_bczyx.device), right=True
    )
    return cross_entropy(logits_bcnzyx.float().movedim(2, 1), wanted)


def expected_distance(logits_bcnzyx: Tensor, edges: Tensor) -> Tensor:
    """Distance that bin logits stand for: the mean of bin centres under their softmax, (b, c, z, y, x)."""
    centres = ((edges[1:] + edges[:-1]) / 2).to(logits_bcnzyx.device)
    expected: Tensor = (torch.softmax(logits_bcnzyx.float(), 2) * centres.view(1, 1, -1, 1, 1, 1)).sum(2)
    return expected
