import math
from types import ModuleType

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from training import fragment_loss, region_losses, regression_losses, surface_losses
from training.signed_distance import signed_distance

SHAPE = (2, 4, 6, 5, 4)


def scene(
    seed: int = 0, shape: tuple[int, ...] = SHAPE, dtype: torch.dtype = torch.float32
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """Probabilities, one-hot reference, labels, logits and distances, all classes present somewhere."""
    random = torch.Generator().manual_seed(seed)
    logits = torch.randn(shape, generator=random, dtype=dtype)
    labels = torch.randint(0, shape[1], (shape[0], *shape[2:]), generator=random)
    distances = torch.randn(shape, generator=random, dtype=dtype)
    return logits.softmax(1), region_losses.as_one_hot(labels, shape[1]).to(dtype), labels, logits, distances


def ball_scene(size: int = 32, radius: float = 10) -> tuple[Tensor, Tensor]:
    """A ball and its background as two classes, with distances in voxels, positive outside."""
    axes = np.ogrid[(slice(size),) * 3]
    ball = sum((axis - size // 2) ** 2 for axis in axes) <= radius**2
    reference = torch.from_numpy(np.stack([~ball, ball])[None].astype(np.float32))
    distances = torch.from_numpy(np.stack([-signed_distance(mask) for mask in (~ball, ball)])[None])
    return reference, distances


# --- regions


def test_a_perfect_prediction_has_no_dice_loss() -> None:
    _, reference, *_ = scene()
    assert region_losses.dice(reference, reference).item() == pytest.approx(0, abs=1e-6)
    assert region_losses.dice(reference, reference, squared=True).item() == pytest.approx(0, abs=1e-6)


def test_dice_of_half_the_voxels_is_a_third() -> None:
    """One foreground voxel predicted out of 2: 1 - 2 * 1 / (1 + 2)."""
    reference = torch.zeros(1, 2, 1, 1, 4)
    reference[0, 1, 0, 0, :2] = 1
    predicted = torch.zeros_like(reference)
    predicted[0, 1, 0, 0, 0] = 1
    assert region_losses.dice(predicted, reference).item() == pytest.approx(1 / 3, abs=1e-5)


@pytest.mark.parametrize("over_batch", [False, True])
def test_dice_cross_entropy_equals_nnunets(*, over_batch: bool) -> None:
    compound = _nnunet("nnunetv2.training.loss.compound_losses")
    dice = _nnunet("nnunetv2.training.loss.dice")
    _, _, labels, logits, _ = scene()
    theirs = compound.DC_and_CE_loss(
        {"batch_dice": over_batch, "smooth": 1e-5, "do_bg": False, "ddp": False},
        {},
        dice_class=dice.MemoryEfficientSoftDiceLoss,
    )(logits, labels[:, None])
    assert region_losses.dice_cross_entropy(logits, labels, over_batch=over_batch).item() == pytest.approx(
        theirs.item(), abs=1e-6
    )


def test_dice_top_k_equals_nnunets() -> None:
    compound = _nnunet("nnunetv2.training.loss.compound_losses")
    _, _, labels, logits, _ = scene()
    with pytest.warns(UserWarning, match="size_average"):
        loss = compound.DC_and_topk_loss(
            {"batch_dice": False, "smooth": 1e-5, "do_bg": False, "ddp": False},
            {"k": 10, "label_smoothing": 0.0},
        )
    theirs = loss(logits, labels[:, None])
    assert region_losses.dice_top_k(logits, labels).item() == pytest.approx(theirs.item(), abs=1e-6)


def test_the_region_loss_equals_nnunets() -> None:
    compound = _nnunet("nnunetv2.training.loss.compound_losses")
    dice = _nnunet("nnunetv2.training.loss.dice")
    _, reference, _, logits, _ = scene()
    theirs = compound.DC_and_BCE_loss(
        {},
        {"batch_dice": False, "do_bg": True, "smooth": 1e-5, "ddp": False},
        use_ignore_label=False,
        dice_class=dice.MemoryEfficientSoftDiceLoss,
    )(logits, reference)
    assert region_losses.region_dice_cross_entropy(logits, reference).item() == pytest.approx(
        theirs.item(), abs=1e-6
    )


def test_dice_cross_entropy_is_monais_minus_one() -> None:
    losses = pytest.importorskip(
        "monai.losses", reason="MONAI is not installed: pip install 'glioscope[training]'"
    )
    _, _, labels, logits, _ = scene()
    theirs = losses.DiceCELoss(
        include_background=False, to_onehot_y=True, softmax=True, smooth_nr=1e-5, smooth_dr=1e-5
    )
    ours = region_losses.dice_cross_entropy(logits, labels).item()
    assert ours == pytest.approx(theirs(logits, labels[:, None]).item() - 1, abs=1e-5)


def test_top_k_of_all_voxels_is_dice_cross_entropy() -> None:
    _, _, labels, logits, _ = scene()
    assert region_losses.dice_top_k(logits, labels, percent=100).item() == pytest.approx(
        region_losses.dice_cross_entropy(logits, labels).item(), abs=1e-6
    )


def test_generalised_dice_by_hand() -> None:
    """Equation 5: two classes of 1 and 3 voxels, half certain everywhere."""
    reference = torch.tensor([[1.0, 0, 0, 0], [0, 1, 1, 1]]).view(1, 2, 1, 1, 4)
    predicted = torch.full_like(reference, 0.5)
    weights = (1.0, 1 / 9)
    numerator = weights[0] * 0.5 + weights[1] * 1.5
    denominator = weights[0] * (1 + 4 * 0.25) + weights[1] * (3 + 4 * 0.25)
    expected = 1 - 2 * numerator / denominator
    assert region_losses.generalized_dice(predicted, reference).item() == pytest.approx(expected, abs=1e-6)
    assert region_losses.generalized_dice(reference, reference).item() == pytest.approx(0, abs=1e-6)


def test_predicting_an_absent_class_costs_in_generalised_dice() -> None:
    reference = torch.zeros(1, 3, 1, 1, 4)
    reference[:, 0] = 1
    wrong = torch.zeros_like(reference)
    wrong[:, 2] = 1
    assert region_losses.generalized_dice(reference, reference).item() == pytest.approx(0, abs=1e-6)
    assert region_losses.generalized_dice(wrong, reference).item() == pytest.approx(1, abs=1e-6)


# --- surfaces


@given(st.integers(0, 10**6))
def test_the_generalised_surface_loss_lies_between_zero_and_one(seed: int) -> None:
    probabilities, reference, _, _, distances = scene(seed)
    assert 0 <= surface_losses.generalized_surface(probabilities, reference, distances).item() <= 1


def test_the_generalised_surface_loss_is_0_at_the_reference_1_opposite_and_three_quarters_at_a_half() -> None:
    _, reference, _, _, distances = scene()

    def loss(predicted: Tensor) -> float:
        return surface_losses.generalized_surface(predicted, reference, distances).item()

    assert loss(reference) == pytest.approx(0, abs=1e-6)
    assert loss(1 - reference) == pytest.approx(1, abs=1e-6)
    assert loss(torch.full_like(reference, 0.5)) == pytest.approx(0.75, abs=1e-6)


def test_the_generalised_surface_loss_has_the_gradient_of_its_formula() -> None:
    probabilities, reference, _, _, distances = scene(shape=(1, 2, 2, 2, 2), dtype=torch.float64)
    probabilities = probabilities.requires_grad_()

    def exact(predicted: Tensor) -> Tensor:
        squared = distances**2
        return 1 - (squared * (1 - reference - predicted) ** 2).sum() / squared.sum()

    (ours,) = torch.autograd.grad(
        surface_losses.generalized_surface(probabilities, reference, distances), probabilities
    )
    (theirs,) = torch.autograd.grad(exact(probabilities), probabilities)
    assert torch.autograd.gradcheck(exact, probabilities)
    assert torch.allclose(ours, theirs, atol=1e-6)


def test_the_generalised_surface_loss_does_not_change_with_scale_or_order_of_classes() -> None:
    probabilities, reference, _, _, distances = scene()
    loss = surface_losses.generalized_surface(probabilities, reference, distances).item()
    assert surface_losses.generalized_surface(
        probabilities, reference, distances * 7
    ).item() == pytest.approx(loss, abs=1e-6)
    order = [2, 0, 3, 1]
    swapped = surface_losses.generalized_surface(
        probabilities[:, order], reference[:, order], distances[:, order]
    )
    assert swapped.item() == pytest.approx(loss, abs=1e-6)


def test_on_the_boundary_the_generalised_surface_loss_has_no_gradient() -> None:
    probabilities, reference, _, _, distances = scene()
    distances[:, :, 0] = 0
    probabilities = probabilities.detach().requires_grad_()
    surface_losses.generalized_surface(probabilities, reference, distances).backward()
    assert (probabilities.grad[:, :, 0] == 0).all()
    assert (probabilities.grad[:, :, 1:] != 0).any()


def test_without_any_distance_surface_losses_are_zero_and_finite() -> None:
    probabilities, reference, *_ = scene()
    nothing = torch.zeros_like(reference)
    probabilities = probabilities.detach().requires_grad_()
    loss = surface_losses.generalized_surface(probabilities, reference, nothing)
    loss.backward()
    assert loss.item() == 0
    assert torch.isfinite(probabilities.grad).all()


def test_missing_a_whole_tumour_costs_next_to_nothing_in_the_generalised_surface_loss() -> None:
    """The failure mode that the docstring names: distances inside a small tumour are small."""
    reference, distances = ball_scene()
    missed = torch.zeros_like(reference)
    missed[:, 0] = 1
    tumour = slice(1, 2)
    cost = surface_losses.generalized_surface(
        missed[:, tumour], reference[:, tumour], distances[:, tumour]
    ).item()
    assert cost == pytest.approx(0.027, abs=0.001)
    small_reference, small_distances = ball_scene(radius=5)
    small = surface_losses.generalized_surface(
        missed[:, tumour], small_reference[:, tumour], small_distances[:, tumour]
    )
    assert small.item() == pytest.approx(0.00036, abs=0.00001)


def test_class_weights_sum_to_one_and_fall_with_volume() -> None:
    weights = surface_losses.class_weights([1000, 10, 100])
    assert weights.sum().item() == pytest.approx(1)
    assert weights[1] / weights[2] == pytest.approx(10)
    assert weights[1] / weights[0] == pytest.approx(100)


def test_a_class_that_never_occurs_weighs_nothing_and_none_at_all_is_refused() -> None:
    assert surface_losses.class_weights([5, 0]).tolist() == [1, 0]
    with pytest.raises(ValueError, match="at least one voxel"):
        surface_losses.class_weights([0, 0])


def test_the_hausdorff_loss_is_zero_only_where_the_prediction_is_right_off_the_boundary() -> None:
    _, reference, _, _, distances = scene()
    distances[:, :, 0] = 0
    predicted = reference.clone()
    predicted[:, :, 0] = 0.5
    assert surface_losses.hausdorff_one_sided(predicted, reference, distances).item() == 0
    predicted[0, 0, 1, 0, 0] = 0.5
    assert surface_losses.hausdorff_one_sided(predicted, reference, distances).item() > 0


def test_the_one_sided_hausdorff_loss_is_at_most_monais_two_sided_one() -> None:
    losses = pytest.importorskip(
        "monai.losses", reason="MONAI is not installed: pip install 'glioscope[training]'"
    )
    reference, _ = ball_scene(12, 3)
    predicted, _ = ball_scene(12, 4)
    mask = reference[0, 1].numpy() > 0.5
    distance = torch.from_numpy(np.abs(signed_distance(mask, boundary="none")))[None, None]
    ours = surface_losses.hausdorff_one_sided(predicted[:, 1:], reference[:, 1:], distance)
    theirs = losses.HausdorffDTLoss(include_background=True)(predicted[:, 1:], reference[:, 1:])
    assert 0 < ours.item() <= theirs.item()


def test_the_boundary_loss_is_the_mean_of_products_and_linear() -> None:
    probabilities, _, _, _, distances = scene()
    by_hand = sum((probabilities * distances).flatten().tolist()) / distances.numel()
    assert surface_losses.boundary(probabilities, distances).item() == pytest.approx(by_hand, abs=1e-6)
    halved = surface_losses.boundary(probabilities / 2, distances).item()
    assert halved == pytest.approx(surface_losses.boundary(probabilities, distances).item() / 2, abs=1e-6)


def test_a_perfect_prediction_has_a_negative_boundary_loss() -> None:
    reference, distances = ball_scene()
    assert surface_losses.boundary(reference, distances).item() < 0


def test_the_hausdorff_like_loss_is_a_tenth_of_the_mean_and_a_hundredth_of_the_maximum() -> None:
    probabilities = torch.tensor([0.5, 0.25, 1.0, 0.0]).view(1, 1, 1, 1, 4)
    distances = torch.tensor([2.0, 4.0, -3.0, 9.0]).view(1, 1, 1, 1, 4)
    costs = [1.0, 1.0, 0.0, 0.0]
    assert surface_losses.hausdorff_mean_max(probabilities, distances).item() == pytest.approx(
        0.1 * sum(costs) / 4 + 0.01 * 1
    )


# --- regression


def test_the_masked_error_averages_over_the_mask_alone() -> None:
    prediction, target = torch.zeros(1, 1, 1, 1, 4), torch.tensor([1.0, 2, 3, 4]).view(1, 1, 1, 1, 4)
    mask = torch.tensor([1, 0, 0, 1]).view(1, 1, 1, 1, 4)
    assert regression_losses.masked_mse(prediction, target).item() == 7.5
    assert regression_losses.masked_mse(prediction, target, mask).item() == 8.5
    assert regression_losses.masked_mse(prediction, target, mask * 0).item() == 0


def test_focal_l1_by_hand() -> None:
    """|e| weighted |e| / max where the signs agree, 1 / max where they differ."""
    prediction = torch.tensor([0.5, 0.9, -1.0, -0.6]).view(1, 1, 1, 1, 4)
    target = torch.tensor([0.4, -0.2, -1.0, 0.3]).view(1, 1, 1, 1, 4)
    expected = (0.1 * 0.1 / 0.5 + 1.1 / 0.9 + 0 + 0.9 / 0.6) / 4
    assert expected == pytest.approx(0.68556, abs=1e-5)
    assert regression_losses.focal_l1(prediction, target, epsilon=0.0).item() == pytest.approx(
        expected, abs=1e-6
    )


def test_no_gradient_passes_through_the_focal_weight() -> None:
    prediction = torch.tensor([0.5, 0.9, -0.6]).view(1, 1, 1, 1, 3).requires_grad_()
    target = torch.tensor([0.4, -0.2, 0.3]).view(1, 1, 1, 1, 3)
    regression_losses.focal_l1(prediction, target, epsilon=0.0).backward()
    expected = torch.tensor([0.1 / 0.5, 1 / 0.9, -1 / 0.6]) / 3
    assert torch.allclose(prediction.grad.flatten(), expected, atol=1e-6)


def test_focal_l1_survives_two_zeros_and_without_epsilon_does_not() -> None:
    zero = torch.zeros(1, 1, 1, 1, 1)
    assert regression_losses.focal_l1(zero, zero).item() == 0
    assert math.isnan(regression_losses.focal_l1(zero, zero, epsilon=0.0).item())


def test_bins_hold_equally_many_values_and_equal_edges_are_merged() -> None:
    even = torch.linspace(-1, 1, 1001)
    edges = regression_losses.bin_edges(even, 16)
    assert len(edges) == 17
    assert torch.allclose(edges, torch.linspace(-1, 1, 17), atol=2e-3)
    atoms = torch.cat([torch.full((500,), -1.0), torch.zeros(300), torch.linspace(-1, 1, 200)])
    assert 2 <= len(regression_losses.bin_edges(atoms, 16)) - 1 < 16
    assert regression_losses.bin_edges(torch.full((9,), -1.0)).tolist() == [-1, 1]


def test_the_right_bin_costs_nothing_and_reads_as_its_centre() -> None:
    edges = torch.tensor([-1.0, -0.5, 0.0, 1.0])
    target = torch.tensor([-0.9, -0.5, 0.7]).view(1, 1, 1, 1, 3)
    logits = torch.full((1, 1, 3, 1, 1, 3), -50.0)
    for place, index in enumerate((0, 1, 2)):
        logits[0, 0, index, 0, 0, place] = 50
    assert regression_losses.bin_cross_entropy(logits, target, edges).item() == pytest.approx(0, abs=1e-6)
    read = regression_losses.expected_distance(logits, edges).flatten().tolist()
    assert read == pytest.approx([-0.75, -0.25, 0.5])


# --- fragments


Box = tuple[int, tuple[slice | int, ...]]


def labels_with(*boxes: Box, shape: tuple[int, ...] = (8, 8, 8)) -> Tensor:
    labels = torch.zeros((1, *shape), dtype=torch.long)
    for label, where in boxes:
        labels[(0, *where)] = label
    return labels


MAIN = (1, (slice(0, 3),) * 3)
ORPHAN = (1, (slice(6, 8),) * 3)


def certain(labels: Tensor, classes: int = 3) -> Tensor:
    return region_losses.as_one_hot(labels, classes) * 0.8 + 0.2 / classes


def test_a_perfect_an_empty_and_a_one_component_prediction_have_no_fragments() -> None:
    reference = labels_with(MAIN)
    shifted = labels_with((1, (slice(1, 4),) * 3))
    for predicted in (reference, labels_with(), shifted):
        assert fragment_loss.fragment_penalty(certain(predicted), reference).item() == 0


def test_an_orphan_costs_its_probability_and_only_its_voxels_have_a_gradient() -> None:
    probabilities = certain(labels_with(MAIN, ORPHAN)).requires_grad_()
    loss = fragment_loss.fragment_penalty(probabilities, labels_with(MAIN))
    loss.backward()
    assert loss.item() == pytest.approx(0.8 + 0.2 / 3, abs=1e-6)
    touched = probabilities.grad[0, 1] != 0
    assert torch.equal(touched, labels_with(ORPHAN)[0] == 1)
    assert (probabilities.grad[0, [0, 2]] == 0).all()


def test_a_component_on_another_label_of_the_reference_is_spurious() -> None:
    reference = labels_with((2, ORPHAN[1]))
    assert fragment_loss.fragment_penalty(certain(labels_with(ORPHAN)), reference).item() > 0


def test_touching_labels_are_different_components() -> None:
    """One blob of two labels: the part whose label the reference does not have is spurious."""
    predicted = labels_with((1, (slice(0, 2),) * 3), (2, (slice(2, 4), slice(0, 2), slice(0, 2))))
    found = fragment_loss.spurious_voxels(
        predicted[0].numpy(), labels_with((1, (slice(0, 2),) * 3))[0].numpy(), form="overlap"
    )
    assert np.array_equal(found, predicted[0].numpy() == 2)


def test_the_form_largest_spares_the_largest_of_each_label_whatever_the_reference() -> None:
    predicted = labels_with(MAIN, ORPHAN, (2, (slice(4, 5), slice(0, 1), slice(0, 1))))
    found = fragment_loss.spurious_voxels(predicted[0].numpy(), labels_with()[0].numpy(), form="largest")
    assert np.array_equal(found, labels_with(ORPHAN)[0].numpy() == 1)


def test_corners_connect_with_26_neighbours_and_not_with_6() -> None:
    predicted = labels_with((1, (0, 0, 0)), (1, (1, 1, 1)))[0].numpy()
    reference = labels_with((1, (0, 0, 0)))[0].numpy()
    assert not fragment_loss.spurious_voxels(predicted, reference, form="overlap").any()
    assert fragment_loss.spurious_voxels(predicted, reference, form="overlap", connectivity=6).sum() == 1


# --- all of them


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("absent", [False, True])
def test_every_loss_is_finite_in_half_precision_with_batch_one_and_absent_classes(
    *, dtype: torch.dtype, absent: bool
) -> None:
    _, reference, labels, logits, distances = scene(shape=(1, 4, 4, 4, 4))
    if absent:
        labels = torch.zeros_like(labels)
        reference = region_losses.as_one_hot(labels, 4)
        distances = torch.ones_like(distances)
    logits = logits.to(dtype).requires_grad_()
    half = logits.softmax(1)
    bins = logits[:, :, None].repeat(1, 1, 3, 1, 1, 1)
    near, edges = distances.clamp(-1, 1), torch.tensor([-1.0, -0.3, 0.3, 1.0])
    losses = [
        region_losses.dice(half, reference),
        region_losses.dice_cross_entropy(logits, labels),
        region_losses.dice_top_k(logits, labels),
        region_losses.region_dice_cross_entropy(logits, reference),
        region_losses.generalized_dice(half, reference),
        surface_losses.boundary(half, distances),
        surface_losses.hausdorff_one_sided(half, reference, distances),
        surface_losses.hausdorff_mean_max(half, distances),
        surface_losses.generalized_surface(
            half, reference, distances, surface_losses.class_weights([9, 1, 0, 2])
        ),
        surface_losses.generalized_surface_by_class(half, reference, distances),
        regression_losses.masked_mse(logits.tanh(), near),
        regression_losses.focal_l1(logits.tanh(), near),
        regression_losses.bin_cross_entropy(bins, near, edges),
        fragment_loss.fragment_penalty(half, labels),
    ]
    total = torch.stack(losses)
    total.sum().backward()
    assert torch.isfinite(total).all()
    assert torch.isfinite(logits.grad).all()


def test_importing_the_surface_losses_imports_neither_nnunet_nor_monai() -> None:
    import subprocess
    import sys

    code = (
        "import sys, training.surface_losses; print([m for m in ('nnunetv2', 'monai') if m in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


def _nnunet(module: str) -> ModuleType:
    found: ModuleType = pytest.importorskip(
        module, reason="nnU-Net is not installed: pip install 'glioscope[nnunet]'"
    )
    return found
