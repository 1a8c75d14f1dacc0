"""What is minimised: a recipe as named loss terms and their weights, for our loop and for nnU-Net alike."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from training import region_losses, regression_losses, surface_losses
from training.fragment_loss import fragment_penalty
from training.mednext import Outputs
from training.patches import Batch
from training.recipes import Recipe
from training.schedules import DynamicWeightAverage, alpha_schedule

NETWORK_LOSS_WEIGHT = 0.1
"""Of what a network asks for itself: reconstruction and divergence of a VAE weigh 0.1 in Fonov 2021."""

Terms = dict[str, Tensor]


class Objective:
    """Loss terms of one recipe over a whole training.

    Attributes:
        recipe: what is trained.
        average: the Dynamic Weight Average, whose state belongs into checkpoints.
        edges: of the distance bins; set them before training under `bins`.
    """

    def __init__(self, recipe: Recipe, *, epochs: int, class_weights: Tensor | None = None) -> None:
        self.recipe = recipe
        self.class_weights = class_weights
        self.average = DynamicWeightAverage()
        self.edges = torch.linspace(-1, 1, recipe.bins + 1)
        schedule = "constant" if recipe.schedule == "beside" else recipe.schedule
        self._alpha = alpha_schedule(schedule, epochs)
        self.weights(0)  # a schedule that does not fit the epochs, said before they begin

    def terms(self, outputs: Outputs, batch: Batch) -> Terms:
        """Compute the unweighted terms.

        They are `region` (unless the recipe regresses maps in its place), and where they apply `distance`,
        `surface`, `fragment` and `network`.
        """
        extra = self.auxiliary(outputs, batch)
        if self.recipe.is_regression:
            return extra
        return {"region": self._region(outputs.logits, batch.labels_bzyx), **extra}

    def auxiliary(self, outputs: Outputs, batch: Batch) -> Terms:
        """Compute the terms beside the region loss; nnU-Net's trainers have their own of that."""
        terms: Terms = {}
        if self.recipe.distance != "none":
            terms["distance"] = self._distance(outputs, batch)
        if self.recipe.surface != "none" or self.recipe.fragment_weight:
            probabilities = torch.softmax(outputs.logits[0].float(), 1)
            if self.recipe.surface != "none":
                terms["surface"] = self._surface(probabilities, batch)
            if self.recipe.fragment_weight:
                terms["fragment"] = fragment_penalty(probabilities, batch.labels_bzyx)
        if outputs.own_loss is not None:
            terms["network"] = outputs.own_loss
        return terms

    def weights(self, epoch: int) -> dict[str, float]:
        """Weigh the terms of an epoch (0-based)."""
        recipe = self.recipe
        weights = {"region": 1.0, "fragment": recipe.fragment_weight, "network": NETWORK_LOSS_WEIGHT}
        if recipe.surface != "none":
            alpha = self._alpha(epoch)
            weights |= (
                {"surface": 1.0} if recipe.schedule == "beside" else {"region": alpha, "surface": 1 - alpha}
            )
        if recipe.distance != "none":
            weights["distance"] = recipe.distance_weight
        if recipe.weighting == "dwa":
            factors = self.average.weights([name for name in ("region", "distance") if name in weights])
            weights |= {name: weights[name] * factor for name, factor in factors.items()}
        return weights

    def end_epoch(self, means: Mapping[str, float]) -> None:
        """Take in the epoch's mean unweighted terms; nnU-Net's Dice reaches -1, so 1 is added to `region`."""
        if self.recipe.weighting == "dwa":
            shifted = {
                name: means[name] + (name == "region") for name in ("region", "distance") if name in means
            }
            self.average.record(shifted)

    def predicted_distances(self, outputs: Outputs) -> Tensor | None:
        """Read the head's answer as distances in [-1, 1], (b, label, z, y, x); None without a head."""
        if outputs.distances is None:
            return None
        if self.recipe.distance != "bins":
            return torch.tanh(outputs.distances.float())
        return regression_losses.expected_distance(self._by_bin(outputs.distances), self.edges)

    def predicted_labels(self, outputs: Outputs) -> Tensor:
        """Decide on labels, (b, z, y, x) int64: 0 is background, n the n-th label."""
        if not self.recipe.is_regression:
            return outputs.logits[0].argmax(1)
        maps = self.predicted_distances(outputs)
        if maps is None:
            raise ValueError(f"recipe {self.recipe.name} needs the distance head's answer")
        return regression_losses.signed_labels(maps)

    def _region(self, logits: Sequence[Tensor], labels_bzyx: Tensor) -> Tensor:
        losses = {
            "dice-ce": region_losses.dice_cross_entropy,
            "dice-top-k": region_losses.dice_top_k,
            "generalized-dice": _generalized_dice_cross_entropy,
        }
        loss = losses[self.recipe.region]
        parts = [loss(scale, at_scale(labels_bzyx, scale)) for scale in logits]
        return (torch.stack(parts) * scale_weights(len(parts)).to(parts[0].device)).sum()

    def _distance(self, outputs: Outputs, batch: Batch) -> Tensor:
        if outputs.distances is None or batch.distances_bczyx is None:
            raise ValueError(f"recipe {self.recipe.name} needs a distance head and distance maps")
        if self.recipe.distance == "bins":
            logits = self._by_bin(outputs.distances)
            return regression_losses.bin_cross_entropy(logits, batch.distances_bczyx, self.edges)
        loss = regression_losses.masked_mse if self.recipe.distance == "mse" else regression_losses.focal_l1
        return loss(torch.tanh(outputs.distances.float()), batch.distances_bczyx)

    def _surface(self, probabilities_bczyx: Tensor, batch: Batch) -> Tensor:
        if batch.distances_bczyx is None:
            raise ValueError(f"recipe {self.recipe.name} needs distance maps")
        # These losses are positive outside; the background has no map, so only the labels' channels count.
        foreground = probabilities_bczyx[:, 1:]
        distances_mm = -in_millimetres(batch.distances_bczyx, batch.reach_mm_bc2)
        if self.recipe.surface == "boundary":
            return surface_losses.boundary(foreground, distances_mm)
        if self.recipe.surface == "hausdorff-mean-max":
            return surface_losses.hausdorff_mean_max(foreground, distances_mm)
        reference = region_losses.as_one_hot(batch.labels_bzyx, probabilities_bczyx.shape[1])[:, 1:]
        if self.recipe.surface == "hausdorff-one-sided":
            return surface_losses.hausdorff_one_sided(foreground, reference, distances_mm)
        return surface_losses.generalized_surface(foreground, reference, distances_mm, self.class_weights)

    def _by_bin(self, answer_bczyx: Tensor) -> Tensor:
        batch, channels, *space = answer_bczyx.shape
        logits = answer_bczyx.view(batch, channels // self.recipe.bins, self.recipe.bins, *space)
        return logits[:, :, : len(self.edges) - 1]


def in_millimetres(distances_bczyx: Tensor, reach_mm_bc2: Tensor) -> Tensor:
    """Undo the normalisation of distance maps: each side times the distance that it was divided by."""
    inside, outside = (reach_mm_bc2[..., side, None, None, None] for side in (0, 1))
    return torch.where(distances_bczyx > 0, distances_bczyx * inside, distances_bczyx * outside)


def at_scale(labels_bzyx: Tensor, logits_bczyx: Tensor) -> Tensor:
    """Bring labels to the resolution of some logits, by nearest neighbour as nnU-Net does."""
    shape = tuple(logits_bczyx.shape[2:])
    if tuple(labels_bzyx.shape[1:]) == shape:
        return labels_bzyx
    return interpolate(labels_bzyx[:, None].float(), shape, mode="nearest-exact")[:, 0].long()


def scale_weights(count: int) -> Tensor:
    """Halve the weight from scale to scale and normalise to sum 1.

    All scales count, as in the original MedNeXt; nnU-Net sets the coarsest to 0.
    """
    weights = torch.tensor([2.0**-scale for scale in range(count)])
    return weights / weights.sum()


def _generalized_dice_cross_entropy(logits_bczyx: Tensor, labels_bzyx: Tensor) -> Tensor:
    probabilities = torch.softmax(logits_bczyx.float(), 1)
    reference = region_losses.as_one_hot(labels_bzyx, logits_bczyx.shape[1])
    overlap = region_losses.generalized_dice(probabilities, reference) - 1
    return overlap + torch.nn.functional.cross_entropy(logits_bczyx.float(), labels_bzyx)
