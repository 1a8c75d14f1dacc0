import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from analysis.component_means import component_means
from analysis.components import label_components


def test_each_component_has_the_mean_of_its_own_voxels() -> None:
    labels = np.zeros((8, 1, 1), np.uint8)
    labels[[0, 1, 2, 5], 0, 0] = 3
    labels[7] = 1
    values = np.arange(8, dtype=np.float32).reshape(8, 1, 1) / 10
    found = label_components(labels, affine=np.eye(4))
    assert component_means(found, labels, 3, values).tolist() == pytest.approx([0.1, 0.5])
    assert component_means(found, labels, 1, values).tolist() == pytest.approx([0.7])
    assert component_means(found, labels, 2, values).tolist() == []


@given(hnp.arrays(np.uint8, (4, 3, 5), elements=st.integers(0, 2)), st.integers(0, 2**32 - 1))
def test_means_weighed_by_size_are_the_mean_of_the_label(labels: np.ndarray, seed: int) -> None:
    values = np.random.default_rng(seed).random(labels.shape)
    found = label_components(labels, affine=np.eye(4))
    for label in (1, 2):
        means = component_means(found, labels, label, values)
        total = float((means * found.table.sizes(label)).sum())
        assert total == pytest.approx(float(values[labels == label].sum()))
