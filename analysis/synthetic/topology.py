"""What hangs together in a label map, and how to change it without splitting or joining anything else.

Everything here is 26-connected. Loops are compiled and take C-contiguous (z, y, x) arrays.
"""

import cc3d
import numpy as np
import numpy.typing as npt

from analysis.cohort.label_map import Labels
from analysis.synthetic.compiling import compiled
from analysis.synthetic.counts import ED, ET, LABELS, NCR

Numbers = npt.NDArray[np.uint32]


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
    votes = _votes(labels, numbers.astype(np.uint32), np.uint32(sizes.argmax()), count)
    choice = votes.argmax(axis=1).astype(np.uint8)
    choice[sizes.argmax()] = label
    choice[0] = 0
    mine = numbers > 0
    labels[mine] = choice[numbers[mine]]
    return int(count) - 1


@compiled
def _votes(labels: Labels, numbers: Numbers, main: np.uint32, count: int) -> npt.NDArray[np.int64]:
    """(count + 1, 4) neighbours of each fragment by their label."""
    votes = np.zeros((count + 1, 4), np.int64)
    nz, ny, nx = labels.shape
    for z in range(nz):
        for y in range(ny):
            for x in range(nx):
                number = numbers[z, y, x]
                if number == 0 or number == main:
                    continue
                for k in range(max(0, z - 1), min(nz, z + 2)):
                    for j in range(max(0, y - 1), min(ny, y + 2)):
                        for i in range(max(0, x - 1), min(nx, x + 2)):
                            if labels[k, j, i] != labels[z, y, x]:
                                votes[number, labels[k, j, i]] += 1
    return votes


__all__ = ["LABELS", "absorb_fragments", "component_count", "confirmed_count"]
