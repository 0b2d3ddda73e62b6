"""Anchored weights lie between soft focus weighting and what was learned."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from models.training.anchoring import anchored, main
from models.wearif.model import ModelConfig, StreamingWearIF, build_model
from models.wearif.weights import load_model, save_model


@pytest.fixture
def learned() -> StreamingWearIF:
    torch.manual_seed(3)
    model = build_model(ModelConfig.of("wearif"))
    assert isinstance(model, StreamingWearIF)
    torch.nn.init.normal_(model.network.maps.weight, std=0.05)
    return model.eval()


@pytest.fixture
def luma() -> torch.Tensor:
    return torch.rand(2, 1, 24, 40, generator=torch.Generator().manual_seed(1))


def test_scores_are_mixed(learned: StreamingWearIF, luma: torch.Tensor) -> None:
    start, whole = anchored(learned, 0.0), anchored(learned, 1.0)
    with torch.inference_mode():
        mixed = anchored(learned, 0.3).score(luma)
        expected = 0.3 * whole.score(luma) + 0.7 * start.score(luma)
        assert torch.equal(whole.score(luma), learned.score(luma))
    torch.testing.assert_close(mixed, expected, rtol=1e-4, atol=1e-4)
    assert not torch.allclose(mixed, whole.score(luma))


def test_without_a_share_of_what_was_learned_nothing_of_it_is_left(
    learned: StreamingWearIF, luma: torch.Tensor
) -> None:
    untrained = build_model(ModelConfig.of("wearif"))
    assert isinstance(untrained, StreamingWearIF)
    with torch.inference_mode():
        torch.testing.assert_close(anchored(learned, 0.0).score(luma), untrained.score(luma))


@pytest.mark.parametrize("share", [-0.1, 1.1])
def test_a_share_is_a_share(learned: StreamingWearIF, share: float) -> None:
    with pytest.raises(ValueError, match="share"):
        anchored(learned, share)


def test_the_card_tells(learned: StreamingWearIF, tmp_path: Path) -> None:
    save_model(learned, tmp_path / "learned.safetensors", "# Card\n")
    out = tmp_path / "held.safetensors"
    main([str(tmp_path / "learned.safetensors"), "--share", "0.5", "--out", str(out)])
    card = out.with_suffix(".md").read_text(encoding="utf-8")
    assert card.startswith("# Card")
    assert "--share 0.5" in card
    held = load_model(str(out))
    assert isinstance(held, StreamingWearIF)
    weight = learned.network.maps.weight
    torch.testing.assert_close(held.network.maps.weight, 0.5 * weight)


def test_the_published_model_has_no_such_start(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "published.safetensors"
    save_model(build_model(ModelConfig.of("published")), path, "")
    with pytest.raises(SystemExit):
        main([str(path), "--share", "0.5", "--out", str(tmp_path / "out.safetensors")])
    assert "only the default model" in capsys.readouterr().err
