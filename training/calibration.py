"""How large the losses are before anything is learnt."""

import torch

from training.config import ConfigError, TrainingConfig
from training.dataset import Dataset
from training.loop import samples, start
from training.patches import batches


@torch.no_grad()
def initial_losses(config: TrainingConfig, dataset: Dataset, count: int) -> dict[str, float]:
    """Average region loss (plus 1, so that it is positive) and distance loss over the first batches.

    Returns:
        `region`, `distance`, and `lambda`, their quotient.

    Raises:
        ConfigError: the recipe has no distance loss, or nothing beside it.
    """
    if config.recipe.is_regression:
        raise ConfigError(f"recipe {config.recipe.name} has a single loss: there is nothing to weigh")
    if config.recipe.distance == "none":
        raise ConfigError(f"recipe {config.recipe.name} has no distance loss to calibrate")
    run = start(config, dataset)
    sums = {"region": 0.0, "distance": 0.0}
    for batch in batches(samples(config, dataset)[0], range(count * config.batch), workers=config.workers):
        here = batch.to(run.device)
        terms = run.objective.terms(run.network.outputs(here.images_bczyx), here)
        sums["region"] += float(terms["region"]) + 1
        sums["distance"] += float(terms["distance"])
    return {
        **{name: total / count for name, total in sums.items()},
        "lambda": sums["region"] / sums["distance"],
    }
