from analysis.feature_names import FEATURES
from analysis.metric_definitions import FEATURE_DEFINITIONS, METRIC_DEFINITIONS, definition
from analysis.metrics import ALL_FAMILIES


def test_every_metric_that_is_computed_is_defined_once():
    assert set(ALL_FAMILIES.metrics) | {"hd95_rankings_mm"} == set(METRIC_DEFINITIONS)
    assert len({one.says for one in METRIC_DEFINITIONS.values()}) == len(METRIC_DEFINITIONS)


def test_every_feature_is_defined_by_a_sentence_without_gaps():
    assert tuple(FEATURE_DEFINITIONS) == FEATURES
    assert not any("{" in one.says or not one.says.endswith(".") for one in FEATURE_DEFINITIONS.values())


def test_a_feature_of_a_method_is_not_described_as_one_of_the_reference():
    assert "Baseline" in definition("nb_cc_baseline_ET").says
    assert "reference" in definition("nb_cc_ET").says


def test_the_unit_in_a_metrics_name_is_the_unit_it_is_shown_with():
    for name, one in METRIC_DEFINITIONS.items():
        suffix = name.rpartition("_")[2]
        assert one.unit == (suffix if suffix in {"mm", "ml"} else "")


def test_a_sentence_says_which_way_is_better():
    assert definition("dice").sentence.endswith("Higher is better.")
    assert definition("hd95_max_mm").sentence.endswith("Lower is better.")
    assert definition("volume_ml").sentence.endswith("of one.")


def test_an_unknown_name_gets_a_definition_that_says_so():
    assert "no definition" in definition("made_up").says
