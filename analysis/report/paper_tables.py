"""Tables 5.1, 5.2, 5.3 and 5.5 and Appendix E of the paper, from a study's results."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from analysis.cases import CASE_TITLES, Scores, case_counts, order, winner
from analysis.ceiling.oracles import patient_oracle, region_oracle, strict_wins
from analysis.report.inputs import LackingError, ReportInputs
from analysis.statistics.bootstrap import bootstrap_interval
from analysis.statistics.outcomes import outcomes
from analysis.statistics.signed_rank import signed_rank

MATERIAL = 0.001


def dice_table(inputs: ReportInputs) -> pd.DataFrame:
    """Table 5.1: Dice of Baseline and DistMap, region by region and on average.

    Differences are DistMap minus Baseline, in percentage points; intervals draw whole subjects.
    """
    baseline, distmap = inputs.two_methods()
    subjects = inputs.subjects()
    rows = []
    for region in inputs.scheme.dice_average:
        values = inputs.rows("dice", region).reindex(columns=[baseline, distmap])
        rows.append({"region": region} | _dice_row(subjects, values[distmap], values[baseline]))
    averages = inputs.patients.set_index("patient")
    first, second = (averages[f"dice_average_{method}"] for method in (distmap, baseline))
    return pd.DataFrame([*rows, {"region": "average"} | _dice_row(subjects, first, second)])


def _dice_row(subject_of: Mapping[str, str], distmap: pd.Series, baseline: pd.Series) -> dict[str, object]:
    both = (distmap.notna() & baseline.notna()).to_numpy()
    subjects = [subject_of.get(patient, patient) for patient in distmap.index]
    one_sided = signed_rank(distmap, baseline, alternative="greater")
    two_sided = signed_rank(distmap, baseline)
    interval = bootstrap_interval(100 * (distmap - baseline), clusters=subjects)
    counts = outcomes(distmap, baseline)
    return {
        "baseline": baseline[both].mean(),
        "distmap": distmap[both].mean(),
        "difference_pp": interval.estimate,
        "difference_low_pp": interval.low,
        "difference_high_pp": interval.high,
        "p_distmap_greater": one_sided.p_value,
        "p_two_sided": two_sided.p_value,
        "p_two_sided_by_subject": signed_rank(distmap, baseline, clusters=subjects).p_value,
        "rank_biserial": two_sided.rank_biserial,
        "improved": counts.wins,
        "degraded": counts.losses,
        "tied": counts.ties,
        "patients": two_sided.pairs - two_sided.dropped,
        "left_out": two_sided.dropped,
    }


def fragment_table(inputs: ReportInputs) -> pd.DataFrame:
    """Table 5.2: mean fragments of each label, and one-sided tests of the three changes."""
    baseline, distmap, consensus = inputs.three_methods()
    rows = []
    for label in single_labels(inputs):
        values = inputs.rows("fragment_count", label).reindex(columns=[baseline, distmap, consensus])
        complete = values.dropna()
        B, D, F = (complete[method] for method in (baseline, distmap, consensus))
        rows.append(
            {
                "label": label,
                "baseline": B.mean(),
                "distmap": D.mean(),
                "consensus": F.mean(),
                "distmap_minus_baseline": D.mean() - B.mean(),
                "consensus_minus_distmap": F.mean() - D.mean(),
                "consensus_against_distmap_percent": 100 * (F.mean() / D.mean() - 1) if D.any() else np.nan,
                "p_distmap_more_than_baseline": signed_rank(D, B, alternative="greater").p_value,
                "p_consensus_fewer_than_distmap": signed_rank(F, D, alternative="less").p_value,
                "p_consensus_fewer_than_baseline": signed_rank(F, B, alternative="less").p_value,
                "patients": len(complete),
                "left_out": len(values) - len(complete),
            }
        )
    return pd.DataFrame(rows)


def single_labels(inputs: ReportInputs) -> list[str]:
    """Regions of exactly one label, in the order of the labels."""
    of_label = {members[0]: region for region, members in inputs.scheme.regions.items() if len(members) == 1}
    return [of_label[label.value] for label in inputs.scheme.labels if label.value in of_label]


def strategy_table(inputs: ReportInputs) -> pd.DataFrame:
    """Table 5.3, first half: mean Dice average of each method and of the two oracles."""
    cube = inputs.cube()
    means = cube.averages().mean(axis=0)
    rows = [(f"{inputs.title(method)} only", mean) for method, mean in zip(cube.methods, means, strict=True)]
    rows.append(("Oracle by patient", cube.picked(patient_oracle(cube)).mean()))
    rows.append(("Oracle by patient and region", cube.picked(region_oracle(cube)).mean()))
    table = pd.DataFrame(rows, columns=["strategy", "dice_average"])
    table["gain_over_consensus"] = table["dice_average"] - means[2]
    return table.assign(patients=len(cube.patients), left_out=cube.dropped)


def case_table(inputs: ReportInputs) -> pd.DataFrame:
    """Table 5.3, second half: patients of each class at threshold zero and at 0.001."""
    averages = inputs.averages()
    parts = [_cases(averages, eps) for eps in (0.0, MATERIAL)]
    return parts[0].merge(parts[1], on=["class", "meaning"], suffixes=("_at_0", f"_at_{MATERIAL}"))


def _cases(averages: tuple[Scores, Scores, Scores], eps: float) -> pd.DataFrame:
    baseline, distmap, consensus = averages
    counts = case_counts(winner(baseline, distmap, eps=eps), order(baseline, distmap, consensus, eps=eps))
    rows = [(case, CASE_TITLES[case], number) for case, number in counts.cases.items()]
    rows.append(("winner tie", "Baseline and DistMap equal", counts.winner_ties))
    rows.append(("order tie", "Consensus in none of C3 to C6", counts.order_ties))
    rows.append(("not classed", "A Dice average is missing", counts.order_unknown))
    table = pd.DataFrame(rows, columns=["class", "meaning", "patients"])
    return table.assign(percent=100 * table["patients"] / max(len(baseline), 1))


def strict_win_table(inputs: ReportInputs) -> pd.DataFrame:
    """How often each method alone has the best Dice of a region (section 5.3)."""
    return strict_wins(inputs.cube())


def distance_table(inputs: ReportInputs) -> pd.DataFrame:
    """Table 5.3, boundary quality: every HD95 the study has, each under the name of its definition.

    As in the paper, regions of the Dice average are compared on patients where all of them are finite for
    all methods, other regions on patients where the region itself is.
    """
    methods = inputs.three_methods()
    hd95 = inputs.metrics[inputs.metrics["metric"].str.startswith("hd95")]
    kinds = hd95[["metric", "region"]].drop_duplicates().itertuples(index=False, name=None)
    rows = [_distance_row(inputs, str(metric), str(region), methods) for metric, region in kinds]
    if not rows:
        raise LackingError("the results hold no HD95.")
    return pd.DataFrame(rows).sort_values("metric", kind="stable", ignore_index=True)


def _distance_row(
    inputs: ReportInputs, metric: str, region: str, methods: Sequence[str]
) -> dict[str, object]:
    nested = inputs.scheme.dice_average
    values = inputs.rows(metric, region).reindex(columns=list(methods))
    known = np.isfinite(values.to_numpy(dtype=float)).all(axis=1)
    for other in nested if region in nested else ():
        try:
            others = inputs.rows(metric, other).reindex(index=values.index, columns=list(methods))
        except LackingError:
            continue
        known &= np.isfinite(others.to_numpy(dtype=float)).all(axis=1)
    complete = values[known]
    B, D, F = (complete[method] for method in methods)
    return {
        "metric": metric,
        "region": region,
        "baseline": B.mean(),
        "distmap": D.mean(),
        "consensus": F.mean(),
        "consensus_minus_distmap": F.mean() - D.mean(),
        "p_consensus_less": signed_rank(F, D, alternative="less").p_value,
        "p_two_sided": signed_rank(F, D).p_value,
        "rank_biserial": signed_rank(F, D).rank_biserial,
        "patients": len(complete),
        "left_out": len(values) - len(complete),
    }


def position_table(inputs: ReportInputs) -> pd.DataFrame:
    """Section 5.5: the consensus' mean Dice, with and without patients whose reference is empty."""
    consensus = inputs.three_methods()[2]
    volumes = inputs.reference_volumes_ml()
    rows = []
    for region in inputs.scheme.dice_average:
        dice = inputs.rows("dice", region)[consensus].dropna()
        known = volumes[region] if region in volumes.columns else pd.Series(dtype=float)
        empty = (known.reindex(dice.index) == 0).to_numpy()
        rows.append(
            {
                "region": region,
                "dice": dice.mean(),
                "patients": len(dice),
                "left_out": len(inputs.patients) - len(dice),
                "reference_empty": int(empty.sum()),
                "both_empty": int((dice[empty] == 1).sum()),
                "dice_without_empty_references": dice[~empty].mean(),
            }
        )
    average = inputs.averages()[2]
    finite = average[np.isfinite(average)]
    mean = float(finite.mean()) if len(finite) else np.nan
    left_out = len(average) - len(finite)
    rows.append({"region": "average", "dice": mean, "patients": len(finite), "left_out": left_out})
    return pd.DataFrame(rows)


def patient_table(inputs: ReportInputs) -> pd.DataFrame:
    """Appendix E: the patients the study pins; without pins, the clearest of each class."""
    baseline, distmap, consensus = inputs.averages()
    shown = [(one.tag, one.patient, one.title) for one in inputs.shown] or _clearest(inputs)
    table = inputs.patients[["patient", "fold", "winner", "order"]].assign(
        baseline=baseline, distmap=distmap, consensus=consensus
    )
    tags = pd.DataFrame(shown, columns=["tag", "patient", "title"])
    return tags.merge(table, on="patient", how="left")


def _clearest(inputs: ReportInputs) -> list[tuple[str, str, str]]:
    """For each class the patient with the largest margin, as the paper chose its six."""
    B, D, F = inputs.averages()
    margins = {
        "C1": B - D,
        "C2": D - B,
        "C3": np.minimum(F - B, D - F),
        "C4": np.minimum(F - D, B - F),
        "C5": np.minimum(B - F, D - F),
        "C6": np.minimum(F - B, F - D),
    }
    ids = inputs.patients["patient"].to_numpy()
    return [
        (case, str(ids[np.nanargmax(margin)]), CASE_TITLES[case])
        for case, margin in margins.items()
        if np.any(margin > 0)
    ]
