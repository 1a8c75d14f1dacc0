import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from real_scans import read

from analysis.cohort.labels import SCHEMES
from analysis.components import label_components
from analysis.consensus import PAPER_RULE, ConsensusRule, consensus
from analysis.crop import foreground_box, union
from analysis.metrics import compare
from analysis.volumes import CroppedMap
from analysis.what_if import FAMILIES, Known, average, judged, scored, unchanged_regions

SCHEME = SCHEMES["brats2023"]
AFFINE = np.diag([-1.0, -1.5, 2.0, 1.0])
SEEDS = st.integers(0, 10**6)
RULES = st.builds(
    ConsensusRule,
    connectivity=st.sampled_from([6, 18, 26]),
    minimum_overlap_voxels=st.integers(0, 3),
    minimum_overlap_fraction=st.sampled_from([0.0, 0.3, 1.0]),
    never_remove_above_voxels=st.none() | st.integers(0, 9).map(float),
    labels=st.none() | st.just((1, 3)),
)


def random_maps(seed):
    """Reference, baseline and distmap on a small grid with a rim of background."""
    rng = np.random.default_rng(seed)
    shape = tuple(rng.integers(2, 8, 3))
    density = rng.uniform(0.05, 0.6)
    make = lambda: np.pad(np.where(rng.random(shape) < density, rng.integers(1, 4, shape), 0), 2)  # noqa: E731
    return [make().astype(np.uint8) for _ in range(3)]


def cropped(maps):
    box = union(foreground_box(labels) for labels in maps)
    outside = maps[0].size - maps[0][box.slices].size
    return [CroppedMap(labels[box.slices], AFFINE, SCHEME) for labels in maps], box, outside


def edited_by_hand(distmap, baseline, rule, turned):
    """The whole volume, edited voxel by voxel without the code under test."""
    labels = consensus(distmap, baseline, rule)
    found = label_components(distmap, affine=AFFINE)
    for row in np.flatnonzero(turned):
        label = found.table.labels[row]
        inside = (distmap == label) & (found.numbers == found.table.numbers[row])
        labels[inside] = 0 if labels[inside].any() else label
    return labels


def some(seed, count):
    return np.random.default_rng(seed + 1).random(count) < 0.3


@given(SEEDS, RULES)
def test_turning_verdicts_round_edits_these_components_and_no_other_voxel(seed, rule):
    reference, baseline, distmap = random_maps(seed)
    (_, veto, filtered), box, _ = cropped([reference, baseline, distmap])
    turned = some(seed, len(filtered.components.table.labels))
    whole = np.zeros_like(distmap)
    whole[box.slices] = judged(filtered, veto, rule, turned).labels
    assert np.array_equal(whole, edited_by_hand(distmap, baseline, rule, turned))


@given(SEEDS)
def test_scores_in_the_box_equal_a_full_recompute_on_the_edited_volume(seed):
    reference, baseline, distmap = random_maps(seed)
    (truth, veto, filtered), _, outside = cropped([reference, baseline, distmap])
    turned = some(seed, len(filtered.components.table.labels))
    found = scored(truth, judged(filtered, veto, PAPER_RULE, turned).labels, outside_voxels=outside)
    edited = edited_by_hand(distmap, baseline, PAPER_RULE, turned)
    whole = [CroppedMap(labels, AFFINE, SCHEME) for labels in (reference, edited)]
    expected = {(region, value.metric): value for region, value in compare(*whole, families=FAMILIES)}
    assert found.keys() == expected.keys()
    for key, value in expected.items():
        assert found[key].reason == value.reason, key
        np.testing.assert_equal(found[key].value, value.value, err_msg=str(key))


@given(SEEDS, st.sampled_from([(), (1,), (2,), (3,), (1, 3), (1, 2, 3)]))
def test_scores_beside_a_known_map_equal_a_full_recompute(seed, changed):
    reference, before, other = random_maps(seed)
    # only voxels that have or get one of these labels change, so that other regions stay as they are
    is_changed = np.isin(before, (0, *changed)) & np.isin(other, (0, *changed))
    (truth, known, now), _, outside = cropped([reference, before, np.where(is_changed, other, before)])
    beside = Known(known.labels, scored(truth, known.labels, outside_voxels=outside))
    found = scored(truth, now.labels, outside_voxels=outside, beside=beside)
    expected = scored(truth, now.labels, outside_voxels=outside)
    assert list(found) == list(expected)
    for key, value in expected.items():
        assert found[key].reason == value.reason, key
        np.testing.assert_equal(found[key].value, value.value, err_msg=str(key))


def test_only_regions_with_the_changed_labels_are_measured_again():
    before = np.zeros((4, 4, 4), np.uint8)
    before[1:3, 1:3, 1:3] = 2
    after = before.copy()
    after[0, 0, 0] = 1
    assert unchanged_regions(before, after, SCHEME.regions) == ["ET", "ED"]
    after[1, 1, 1] = 3  # from ED: WT has lost nothing by it, but the first voxel came new
    assert unchanged_regions(before, after, SCHEME.regions) == []
    after[0, 0, 0] = 0
    assert unchanged_regions(before, after, SCHEME.regions) == ["WT", "NCR"]
    assert unchanged_regions(before, before, SCHEME.regions) == list(SCHEME.regions)


@given(SEEDS)
def test_nothing_turned_round_under_the_papers_rule_is_the_consensus(seed):
    reference, baseline, distmap = random_maps(seed)
    (_, veto, filtered), box, _ = cropped([reference, baseline, distmap])
    none = np.zeros(len(filtered.components.table.labels), bool)
    assert np.array_equal(
        judged(filtered, veto, PAPER_RULE, none).labels, consensus(distmap, baseline)[box.slices]
    )


@given(SEEDS, RULES)
def test_turning_every_verdict_round_twice_changes_none(seed, rule):
    (_, veto, filtered), _, _ = cropped(random_maps(seed))
    every = np.ones(len(filtered.components.table.labels), bool)
    none = judged(filtered, veto, rule, ~every).kept
    assert np.array_equal(judged(filtered, veto, rule, every).kept, ~none)


def test_a_removed_true_lesion_put_back_is_found_again():
    reference = np.zeros((30, 12, 12), np.uint8)
    reference[2:7, 2:7, 2:7] = reference[20:25, 2:7, 2:7] = 3
    baseline = reference.copy()
    baseline[20:25] = 0
    (truth, veto, filtered), _, outside = cropped([reference, baseline, reference])
    removed = judged(filtered, veto, PAPER_RULE, np.zeros(2, bool))
    put_back = judged(filtered, veto, PAPER_RULE, ~removed.kept)
    before, after = (scored(truth, one.labels, outside_voxels=outside) for one in (removed, put_back))
    # 125 of 250 voxels are left: 2 x 125 / (250 + 125); of two lesions, each 125 x 3 mm3, one is missed
    assert before["ET", "dice"].value == pytest.approx(2 / 3)
    assert [before["ET", metric].value for metric in ("lesion_tp", "lesion_fn")] == [1, 1]
    assert [after["ET", metric].value for metric in ("lesion_tp", "lesion_fn")] == [2, 0]
    assert after["ET", "hd95_pooled_mm"].value == 0
    assert average(after, ("WT", "TC", "ET")) == 1


@pytest.mark.slow
def test_on_real_scans_turned_verdicts_equal_a_full_recompute(test_data):
    maps = [
        read(test_data, f"real/TCGA-FG-6692/{name}.nii.gz").labels
        for name in ("fusion_simple", "pred_isen-20", "pred_scan-20")
    ]
    (truth, veto, filtered), box, outside = cropped(maps)
    turned = some(7, len(filtered.components.table.labels))
    assert turned.any()
    result = judged(filtered, veto, PAPER_RULE, turned).labels
    edited = edited_by_hand(maps[2], maps[1], PAPER_RULE, turned)
    assert np.array_equal(edited[box.slices], result)
    found = scored(truth, result, outside_voxels=outside)
    whole = [CroppedMap(labels, AFFINE, SCHEME) for labels in (maps[0], edited)]
    for region, value in compare(*whole, families=FAMILIES):
        np.testing.assert_equal(found[region, value.metric].value, value.value, err_msg=region)
