"""A penalty on predicted components that the reference does not know: the fragment-aware loss."""

from typing import Literal

import cc3d
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

Form = Literal["overlap", "largest"]
Connectivity = Literal[6, 18, 26]


def fragment_penalty(
    probabilities_bczyx: Tensor,
    labels_bzyx: Tensor,
    *,
    form: Form = "overlap",
    connectivity: Connectivity = 26,
) -> Tensor:
    """Mean probability of the predicted class over the voxels of spurious components.

    A count has no gradient; the probabilities that made the component have. Components are those of the
    arg-max, per label. `overlap` calls one spurious that shares no voxel with the reference of its label:
    well defined in a patch. `largest` calls all spurious but the largest of their label (fragments as the
    paper counts them); the largest in a patch need not be the largest in the patient.

    Alone it is minimal at an empty prediction: watch false negatives beside fragments.

    Args:
        probabilities_bczyx: (b, c, z, y, x), class 0 is background.
        labels_bzyx: (b, z, y, x).
        form: see above.
        connectivity: 6, 18 or 26.

    Returns:
        A scalar in [0, 1]; 0, with a zero gradient, where nothing is spurious.
    """
    with torch.no_grad():
        predicted = probabilities_bczyx.argmax(1)
        spurious = _spurious(predicted, labels_bzyx, form, connectivity)
    own = probabilities_bczyx.float().gather(1, predicted[:, None])[:, 0]
    return (own * spurious).sum() / spurious.sum().clamp(min=1)


def spurious_voxels(
    predicted: npt.NDArray[np.integer],
    reference: npt.NDArray[np.integer],
    *,
    form: Form,
    connectivity: Connectivity = 26,
) -> npt.NDArray[np.bool_]:
    """Find the voxels of spurious components of one label map, (z, y, x) bool; see `fragment_penalty`."""
    numbers, count = cc3d.connected_components(
        np.ascontiguousarray(predicted, dtype=np.uint8), connectivity=connectivity, return_N=True
    )
    sizes = np.bincount(numbers.ravel(), minlength=count + 1)
    spurious = np.ones(count + 1, dtype=np.bool_)
    spurious[0] = False
    if form == "overlap":
        spurious[numbers[(predicted == reference) & (predicted > 0)]] = False
    else:
        label_of = np.zeros(count + 1, dtype=np.int64)
        label_of[numbers.ravel()] = predicted.ravel()
        for label in np.unique(label_of[1:]):
            members = np.flatnonzero(label_of == label)
            spurious[members[np.argmax(sizes[members])]] = False
    found: npt.NDArray[np.bool_] = spurious[numbers]
    return found


def _spurious(predicted: Tensor, labels_bzyx: Tensor, form: Form, connectivity: Connectivity) -> Tensor:
    pairs = zip(predicted.cpu().numpy(), labels_bzyx.cpu().numpy(), strict=True)
    found = [spurious_voxels(one, wanted, form=form, connectivity=connectivity) for one, wanted in pairs]
    return torch.from_numpy(np.stack(found)).to(predicted.device, torch.float32)
