"""`glioscope train vote`: fuse two methods voxel by voxel, weights fitted on training folds only."""

from pathlib import Path
from typing import Annotated

import typer


def vote(
    study: Annotated[Path, typer.Argument(help="A study; both methods predicted with --also probabilities.")],
    baseline: Annotated[str, typer.Option(help="First method; alpha 1 is this one alone.")] = "baseline",
    distmap: Annotated[str, typer.Option(help="Second method; alpha 0 is this one alone.")] = "distmap",
    method: Annotated[str, typer.Option(help="Name of the fused method.")] = "voted",
    folds: Annotated[int, typer.Option(min=2, help="Folds to deal if the study has none.")] = 5,
) -> None:
    """Fuse p = alpha p_B + (1 - alpha) p_D by region; alphas of a fold are fitted on the other folds.

    Writes label maps to predictions/METHOD, voting.csv (Dice of each patient and region at alpha 0, 1 and the
    fitted one) and voting.png (mean Dice over alpha) into the study, and prints the fitted alphas.
    """
    from training.commands.asked import need, say

    need("torch")
    from analysis.cohort.study import read_study
    from training.voting_study import vote_study

    fitted = vote_study(read_study(study), (baseline, distmap), method, fold_count=folds)
    for fold, alphas in fitted.items():
        typer.echo(f"fold {fold}   " + "   ".join(f"{name} {alpha:.2f}" for name, alpha in alphas.items()))
    say(f"to compare it: glioscope add {study} --method {method}={study}/predictions/{method}")
