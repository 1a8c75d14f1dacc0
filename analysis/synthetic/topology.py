"""What hangs together in a label map, and how to change it without splitting or joining anything else.

Everything here is 26-connected. Loops are compiled and take C-contiguous (z, y, x) arrays.
"""

import cc3d
import numpy as np
import numpy.typing as npt

from analysis.cohort.label_map import Labels
from analysis.synthetic.compiling import compiled
from analysis.synthetic.counts import ED, ET, NCR

Indices = npt.NDArray[np.int64]


def component_count(labels: Labels, label: int) -> int:
    """Count the components of one label."""
    return int(cc3d.connected_components(labels == label, connectivity=26, return_N=True)[1])


def absorb_fragments(labels: Labels) -> None:
    """Leave one component a label, in place: each fragment takes the label that touches it most.

    A fragment joins what it touches, so that the number of components falls with every one and this ends.
    """
    box = _foreground(labels)
    inner = np.ascontiguousarray(labels[box])
    while sum(_absorb(inner, label) for label in (NCR, ET, ED)):
        pass
    labels[box] = inner


def confirmed_count(labels: Labels, other: Labels, label: int) -> int:
    """Count the components of one label that share a voxel with the same label of another map."""
    numbers = cc3d.connected_components(labels == label, connectivity=26)
    touched = np.unique(numbers[other == label])
    return int(np.count_nonzero(touched))


def _foreground(labels: Labels) -> tuple[slice, ...]:
    """Box of the voxels that are not 0, with one voxel around it where there is room."""
    spans = []
    for axis in range(3):
        others = tuple(other for other in range(3) if other != axis)
        hit = np.flatnonzero(labels.any(axis=others))
        spans.append(slice(max(0, hit[0] - 1), hit[-1] + 2) if len(hit) else slice(0, 0))
    return tuple(spans)


def _absorb(labels: Labels, label: int) -> int:
    numbers, count = cc3d.connected_components(labels == label, connectivity=26, return_N=True)
    if count < 2:
        return 0
    sizes = np.bincount(numbers.ravel())
    sizes[0] = 0
    main = sizes.argmax()
    rows = np.argwhere((numbers > 0) & (numbers != main))
    votes = _votes(labels, numbers[tuple(rows.T)].astype(np.int64), rows, count)
    choice = votes.argmax(axis=1).astype(np.uint8)
    choice[main] = label
    choice[0] = 0
    mine = numbers > 0
    labels[mine] = choice[numbers[mine]]
    return int(count) - 1


@compiled
def _votes(labels: Labels, numbers: Indices, voxels: Indices, count: int) -> Indices:
    """(count + 1, 4) neighbours of each fragment by their label.

    `voxels` are (n, 3) z, y, x of the fragments, `numbers` (n,) the fragment of each.
    """
    votes = np.zeros((count + 1, 4), np.int64)
    for n in range(len(voxels)):
        _vote(votes[numbers[n]], labels, voxels[n])
    return votes


@compiled
def _vote(votes: Indices, labels: Labels, voxel: Indices) -> None:
    z, y, x = voxel
    for neighbour in range(27):
        k, j, i = z + neighbour // 9 - 1, y + neighbour // 3 % 3 - 1, x + neighbour % 3 - 1
        if 0 <= k < labels.shape[0] and 0 <= j < labels.shape[1] and 0 <= i < labels.shape[2]:
            other = labels[k, j, i]
            votes[other] += other != labels[z, y, x]
