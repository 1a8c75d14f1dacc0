from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from training.comparison import compare, draw, summarise, title

PATIENTS = [f"TST-{number:05d}-000" for number in range(8)]
NAN = float("nan")


def scores(fragments: dict[tuple[str, float, int], float]) -> pd.DataFrame:
    """A made-up sweep: fragments by recipe, weight and seed; patient n has n more of them."""
    rows = [
        {
            "recipe": recipe, "weight": weight, "seed": seed, "fold": 0, "patient": patient, "label": "ET",
            "dice": 0.9, "fragments": base + number, "reference_fragments": 1, "spurious": 0, "missed": 0,
        }
        for (recipe, weight, seed), base in fragments.items()
        for number, patient in enumerate(PATIENTS)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def test_means_are_over_patients_and_seeds_and_the_seeds_own_spread_stands_beside_them() -> None:
    found = summarise(scores({("baseline", NAN, 1): 0, ("baseline", NAN, 2): 3, ("distmap", 1.0, 1): 5}))
    assert found["recipe"].tolist() == ["baseline", "distmap"]
    assert found["fragments"].tolist() == [3.5 + 1.5, 3.5 + 5]
    assert found["fragments_between_seeds"].iloc[0] == 3
    assert np.isnan(found["fragments_between_seeds"].iloc[1])
    assert found[["patients", "seeds"]].to_numpy().tolist() == [[8, 2], [8, 1]]


def test_a_configuration_is_compared_with_the_first_patient_by_patient_with_seeds_averaged() -> None:
    table = scores({("baseline", NAN, 1): 0, ("baseline", NAN, 2): 2, ("distmap", 1.0, 1): 5})
    found = compare(table, {}).set_index("metric").loc["fragment_count"]
    assert (found["first"], found["second"]) == ("distmap 1", "baseline")
    assert found["mean_difference"] == 4
    assert (found["pairs_in"], found["wins"], found["losses"]) == (8, 0, 8)
    assert found["p_value"] == pytest.approx(2 / 2**8)  # all eight signs alike, exact and two-sided


def test_scans_of_one_subject_change_sign_together() -> None:
    table = scores({("baseline", NAN, 1): 0, ("distmap", 1.0, 1): 5})
    found = compare(table, dict.fromkeys(PATIENTS[:4], "one") | dict.fromkeys(PATIENTS[4:], "other"))
    assert found["clusters"].eq(2).all()
    assert found.set_index("metric").loc["fragment_count", "p_value"] == pytest.approx(2 / 2**2)


def test_one_configuration_alone_is_compared_with_nothing() -> None:
    assert compare(scores({("baseline", NAN, 1): 0}), {}).empty


def test_a_recipe_without_a_distance_loss_has_no_weight_in_its_name() -> None:
    assert (title("baseline", NAN), title("distmap", 0.5)) == ("baseline", "distmap 0.5")


@pytest.mark.parametrize("weights", [[1.0], [0.0, 1.0]])
def test_a_figure_is_drawn_of_recipes_and_of_weights(weights: list[float], tmp_path: Path) -> None:
    sweep = {("distmap", weight, seed): weight for weight in weights for seed in (1, 2)}
    draw(scores({("baseline", NAN, 1): 0, ("baseline", NAN, 2): 1, **sweep}), tmp_path / "sweep.png")
    assert (tmp_path / "sweep.png").read_bytes().startswith(b"\x89PNG")
