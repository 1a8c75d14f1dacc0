from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from training.mednext import SIZES, MedNeXt, MedNeXtConfig, for_nnunet
from training.networks import NetworkSpec, build_network, has_distance_head, network_names
from training.weights import WeightsError, load_weights, parameter_count

HEAD = 99
"""The distance head's parameters: 32 channels to 3, and 3 biases."""

TINY = MedNeXtConfig(channels=4, expansion=(2,) * 9, blocks=(1,) * 9)
PATCH = (1, 4, 16, 16, 32)


def images(shape: tuple[int, ...] = PATCH) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(1))


def tiny(seed: int = 0, config: MedNeXtConfig = TINY, *, deep_supervision: bool = True) -> MedNeXt:
    torch.manual_seed(seed)
    return MedNeXt(config, deep_supervision=deep_supervision)


@pytest.mark.parametrize(
    ("size", "kernel_size", "expected"),
    [
        ("S", 3, 5_554_932),
        ("S", 5, 5_984_564),
        ("B", 3, 10_530_324),
        ("B", 5, 10_959_956),
        ("M", 3, 17_552_980),
        ("M", 5, 18_264_852),
        ("L", 3, 61_783_284),
        ("L", 5, 62_996_916),
    ],
)
def test_each_size_has_the_originals_number_of_parameters(size: str, kernel_size: int, expected: int) -> None:
    with torch.device("meta"):
        network = MedNeXt(replace(SIZES[size], kernel_size=kernel_size))
    assert parameter_count(network) == expected + HEAD


def test_the_2024_plan_has_its_published_number_of_parameters() -> None:
    pytest.importorskip(
        "dynamic_network_architectures", reason="nnU-Net is not installed: pip install 'glioscope[nnunet]'"
    )
    with torch.device("meta"):
        network = build_network(NetworkSpec("plain-2024", class_count=5))
    assert parameter_count(network) == 30_791_001 + HEAD


def test_parameters_carry_the_originals_names() -> None:
    names = set(MedNeXt(TINY).state_dict())
    for name in (
        "stem.weight",
        "enc_block_0.0.conv1.weight",
        "down_3.res_conv.bias",
        "bottleneck.0.norm.weight",
        "up_3.conv1.weight",
        "dec_block_0.0.conv3.bias",
        "out_0.conv_out.weight",
        "out_4.conv_out.bias",
    ):
        assert name in names


def test_original_weights_load_strictly_without_their_dummy_and_with_wrapper_prefixes() -> None:
    trained = tiny(1)
    state = {
        name: value for name, value in trained.state_dict().items() if not name.startswith("distance_head")
    }
    state["dummy_tensor"] = torch.ones(1)
    wrapped = {f"module._orig_mod.{name}": value for name, value in state.items()}
    network = tiny(2)
    assert load_weights(network, wrapped) is False
    assert torch.equal(network(images())[0], trained(images())[0])


def test_a_distance_head_under_another_name_is_adopted() -> None:
    trained = tiny(1)
    state = {
        name.replace("distance_head", "sdt.final"): value for name, value in trained.state_dict().items()
    }
    network = tiny(2)
    assert load_weights(network, state) is True
    assert torch.equal(network.outputs(images()).distances, trained.outputs(images()).distances)


def test_weights_of_another_network_are_refused_with_a_sentence() -> None:
    state = tiny().state_dict()
    with pytest.raises(
        WeightsError, match=r"stem\.weight is \(4, 4, 1, 1, 1\), this network has \(4, 3, 1, 1, 1\)"
    ):
        load_weights(tiny(config=replace(TINY, input_channels=3)), state)
    del state["down_0.conv1.bias"]
    with pytest.raises(WeightsError, match="1 parameters are missing"):
        load_weights(tiny(), state)


@pytest.mark.parametrize("size", ["S", "B"])
def test_monais_weights_give_monais_output_where_its_ratios_are_right(size: str) -> None:
    mednext = pytest.importorskip("monai.networks.nets.mednext", reason="MONAI is not installed")
    theirs = mednext.create_mednext(size, in_channels=2, out_channels=3, kernel_size=3, deep_supervision=True)
    if size == "B":
        _set_right_ratios(theirs)
    ours = MedNeXt(replace(SIZES[size], input_channels=2, class_count=3))
    load_weights(ours, theirs.state_dict())
    with torch.no_grad():
        pairs = list(zip(ours(images((1, 2, 16, 16, 32))), theirs(images((1, 2, 16, 16, 32))), strict=True))
    assert len(pairs) == 5
    assert all(torch.allclose(mine, other, atol=1e-6) for mine, other in pairs)


def test_monais_b_is_not_the_originals() -> None:
    mednext = pytest.importorskip("monai.networks.nets.mednext", reason="MONAI is not installed")
    with torch.device("meta"):
        theirs = mednext.create_mednext(
            "B", in_channels=4, out_channels=4, kernel_size=3, deep_supervision=True
        )
    assert parameter_count(theirs) == 10_514_868


def _set_right_ratios(network: nn.Module) -> None:
    from monai.networks.blocks.mednext_block import MedNeXtDownBlock

    for level, ratio in enumerate((3, 4, 4, 4)):
        width = 32 * 2**level
        network.down_blocks[level] = MedNeXtDownBlock(
            width, 2 * width, ratio, 3, use_residual_connection=True
        )


def test_five_outputs_halve_the_resolution_each_time() -> None:
    answers = tiny()(images())
    assert [tuple(one.shape[2:]) for one in answers] == [
        (16, 16, 32), (8, 8, 16), (4, 4, 8), (2, 2, 4), (1, 1, 2),
    ]  # fmt: skip


def test_an_axis_that_16_does_not_divide_is_refused() -> None:
    with pytest.raises(ValueError, match=r"multiple of 16, found \(16, 24, 16\)"):
        tiny()(images((1, 4, 16, 24, 16)))
    with pytest.raises(ValueError, match="larger than 16 along one axis"):
        tiny()(images((1, 4, 16, 16, 16)))


def test_switching_the_head_and_the_scales_off_changes_no_bit_of_the_segmentation() -> None:
    network = tiny()
    full = network.outputs(images())
    bare = network.outputs(images(), deep=False, distances=False)
    assert bare.distances is None
    assert len(bare.logits) == 1
    assert torch.equal(full.logits[0], bare.logits[0])
    assert torch.equal(full.logits[0], network(images())[0])


def test_every_build_has_the_same_parameters_whatever_is_switched_on() -> None:
    trained, predicting = tiny(deep_supervision=True).train(), tiny(deep_supervision=False).eval()
    assert trained.state_dict().keys() == predicting.state_dict().keys()
    assert isinstance(trained(images()), list)
    assert isinstance(predicting(images()), Tensor)
    predicting.decoder.deep_supervision = True
    assert isinstance(predicting(images()), list)


def test_recomputing_activations_changes_neither_output_nor_gradient() -> None:
    kept, recomputed = tiny(), tiny(config=replace(TINY, recompute=True))
    for network in (kept, recomputed):
        sum(one.square().mean() for one in network(images())).backward()
    assert torch.equal(kept(images())[0], recomputed(images())[0])
    pairs = zip(kept.parameters(), recomputed.parameters(), strict=True)
    assert all(torch.allclose(a.grad, b.grad, atol=1e-6) for a, b in pairs if a.grad is not None)


def test_an_nnunet_plan_builds_it_and_its_unet_words_are_ignored() -> None:
    network = for_nnunet(4, 5, channels=4, expansion=[2] * 9, blocks=[1] * 9, strides=[[1, 1, 1]], n_stages=6)
    assert network.config == replace(TINY, class_count=5)


SMALL = {
    "swin-unetr": {"feature_size": 12},
    "segresnet": {"init_filters": 8},
    "segresnet-vae": {"init_filters": 8},
    "dynunet": {"filters": [4, 8, 8, 8, 8]},
    "unet": {"channels": (4, 8, 8, 8, 8)},
    "plain-2024": {"features_per_stage": (4, 8, 8, 8, 8, 8)},
}


@pytest.mark.parametrize("name", list(SMALL))
def test_other_networks_predict_scores_and_where_possible_distances(name: str) -> None:
    pytest.importorskip("monai", reason="MONAI is not installed: pip install 'glioscope[training]'")
    if name == "plain-2024":
        pytest.importorskip("dynamic_network_architectures", reason="nnU-Net is not installed")
    shape = (32, 32, 64)
    spec = NetworkSpec(name, class_count=5, patch=shape, options=SMALL[name])
    network = build_network(spec).eval()
    with torch.no_grad():
        answer = network.outputs(images((1, 4, *shape)))
    assert answer.logits[0].shape == (1, 5, *shape)
    assert has_distance_head(network) == (name != "unet")
    if name != "unet":
        assert answer.distances is not None
        assert answer.distances.shape == (1, 3, *shape)


def test_a_vae_hands_over_its_own_loss_in_training() -> None:
    pytest.importorskip("monai", reason="MONAI is not installed: pip install 'glioscope[training]'")
    network = build_network(NetworkSpec("segresnet-vae", patch=(16, 16, 16), options={"init_filters": 8}))
    loss = network.outputs(images((1, 4, 16, 16, 16))).own_loss
    assert loss is not None
    assert loss.dim() == 0


def test_an_unknown_network_and_an_unknown_option_are_refused_by_name() -> None:
    assert {"mednext-b", "mednext-l-k5", "unet"} <= set(network_names())
    with pytest.raises(ValueError, match="no network 'resnet'; known are mednext-s"):
        build_network(NetworkSpec("resnet"))
    with pytest.raises(ValueError, match="MedNeXt has no option 'width'"):
        build_network(NetworkSpec("mednext-b", options={"width": 3}))
