import dataclasses
from typing import get_args, get_type_hints

import numpy as np
import pytest
import torch

from models.wearif.family import ModelConfig
from models.wearif.fusion import fuse
from models.wearif.guided_filter import ClassicGuidedFilter
from models.wearif.lean import lean
from models.wearif.model import build_model
from models.wearif.picks import SHIPPED, Picks
from models.wearif.weights import load_model, save_model


def every_single_pick():
    """Each other value of each field, one at a time."""
    hints = get_type_hints(Picks)
    numbers = {"window": (3, 9), "reblur_sigma": (1.0, 3.0)}
    for field in dataclasses.fields(Picks):
        values = numbers.get(field.name) or get_args(hints[field.name]) or (True, False)
        for value in values:
            if value != field.default:
                yield dataclasses.replace(SHIPPED, **{field.name: value})


def difference_to_shipped(picks):
    changed = [
        f"{field.name}={getattr(picks, field.name)}"
        for field in dataclasses.fields(Picks)
        if getattr(picks, field.name) != field.default
    ]
    return " ".join(changed) or "shipped"


SOFT = dataclasses.replace(SHIPPED, filtered="scores", normalisation="softmax")
VARIANTS = [SHIPPED, SOFT, *every_single_pick()]
each_variant = pytest.mark.parametrize("picks", VARIANTS, ids=difference_to_shipped)


def untrained(picks):
    torch.manual_seed(3)
    return build_model(ModelConfig("published", 4, picks))


@each_variant
def test_every_variant_weighs_to_one_and_learns(picks):
    model = untrained(picks)
    luma = torch.rand(4, 1, 40, 52)
    fused, weights = model.fuse_luma(luma)
    assert fused.shape == (1, 1, 40, 52)
    assert weights.min() >= 0
    torch.testing.assert_close(weights.sum(dim=0), torch.ones(1, 40, 52))
    fused.var().backward()
    first = model.network.encoder.stage1[0].weight
    assert first.grad is not None
    assert first.grad.abs().sum() > 0


@each_variant
def test_every_variant_is_loaded_as_itself(tmp_path, picks):
    model = untrained(picks).eval()
    path = tmp_path / "variant.safetensors"
    save_model(model, path, "# Variant\n")
    again = load_model(str(path))
    assert again.config.picks == picks
    luma = torch.rand(3, 1, 24, 24)
    with torch.inference_mode():
        torch.testing.assert_close(again.fuse_luma(luma)[1], model.fuse_luma(luma)[1])


@each_variant
def test_frame_by_frame_and_all_at_once_weigh_alike(picks):
    model = untrained(picks).eval()
    frames = np.random.default_rng(5).integers(0, 256, (4, 36, 44), dtype=np.uint8)
    fusion = fuse(frames, model)
    luma = torch.from_numpy(frames).float()[:, None] / 255
    with torch.inference_mode():
        # An argmax between scores that are all but equal may be decided by their rounding.
        _, weights = lean(model).fuse_luma(luma)
    maps = np.array([fusion.weight_map(k, frame) for k, frame in enumerate(frames)])
    np.testing.assert_allclose(maps, weights[:, 0].numpy(), atol=1e-4)


@pytest.mark.parametrize("picks", [p for p in VARIANTS if p != SHIPPED], ids=difference_to_shipped)
def test_every_pick_makes_a_difference(picks):
    luma = torch.rand(4, 1, 48, 60)
    with torch.inference_mode():
        varied = untrained(picks).eval()
        shipped = untrained(SHIPPED).eval()
        # The same weights where both have them, so that only the pick differs.
        varied.load_state_dict(
            {
                name: value
                for name, value in shipped.state_dict().items()
                if name in varied.state_dict() and varied.state_dict()[name].shape == value.shape
            },
            strict=False,
        )
        assert not torch.allclose(varied.fuse_luma(luma)[1], shipped.fuse_luma(luma)[1])


def test_weights_from_before_there_were_picks_are_the_shipped_reading():
    assert ModelConfig.from_dict({"name": "published", "channels": 24}).picks == SHIPPED
    assert load_model("published").config.picks == SHIPPED


@pytest.mark.parametrize("window", [0, 4])
def test_a_window_without_a_centre_is_refused(window):
    with pytest.raises(ValueError, match=f"window of {window} pixels"):
        Picks(window=window)


def test_the_classic_guided_filter_keeps_an_edge_that_the_guidance_shows():
    edge = (torch.arange(40) >= 20).float().expand(1, 1, 30, 40).contiguous()
    a, b = ClassicGuidedFilter(5)(edge, edge)
    torch.testing.assert_close(a * edge + b, edge, atol=0.02, rtol=0)
    a, b = ClassicGuidedFilter(5)(edge, torch.full_like(edge, 0.3))
    blurred = (a * 0.3 + b)[0, 0, 15]
    assert 0.1 < blurred[19] < 0.9
