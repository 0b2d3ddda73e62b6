import numpy as np
import pytest
import torch

from models.wearif.fusion import fuse
from models.wearif.model import ModelConfig, build_model
from models.wearif.tiles import COLUMNS, MARGIN_PX, ROWS, score_in_tiles


@pytest.fixture(scope="module")
def model():
    """A model whose every weight is random, so that its score reaches as far as it can."""
    torch.manual_seed(7)
    model = build_model(ModelConfig.of("wearif"))
    for parameter in model.parameters():
        parameter.data += 0.05 * torch.randn_like(parameter)
    return model.eval()


def luma(height, width):
    return torch.rand(1, 1, height, width, generator=torch.Generator().manual_seed(3))


@pytest.mark.parametrize(
    "size", [(ROWS + 5, 100), (2 * ROWS + 9, 16), (12, COLUMNS + 1), (1, 3 * COLUMNS - 3)]
)
def test_pieces_make_the_same_score_as_the_whole(model, size):
    frame = luma(*size)
    with torch.inference_mode():
        whole, pieces = model.score(frame), score_in_tiles(model.score, frame)
    assert pieces.shape == whole.shape
    # Convolutions sum in an order that depends on the size.
    torch.testing.assert_close(pieces, whole, atol=2e-4, rtol=1e-5)


@pytest.mark.parametrize("place", [400, 403, 407])
def test_a_score_reaches_no_farther_than_the_margin(model, place):
    frame = luma(808, 808)
    with torch.inference_mode():
        before = model.score(frame)[0, 0]
        frame[..., place, place] = 20.0
        changed = torch.nonzero(model.score(frame)[0, 0] != before)
    reach = int((changed - place).abs().max())
    assert MARGIN_PX // 2 < reach < MARGIN_PX


def test_small_frames_are_scored_at_once():
    seen = []

    def score(frame):
        seen.append(frame.shape)
        return frame

    frame = luma(ROWS, 8)
    assert score_in_tiles(score, frame) is frame
    assert seen == [(1, 1, ROWS, 8)]


def test_no_piece_is_larger_than_it_may_be():
    seen = []

    def score(frame):
        seen.append(frame.shape[-2:])
        return frame

    frame = luma(3 * ROWS + 1, COLUMNS + 1)
    torch.testing.assert_close(score_in_tiles(score, frame), frame)
    assert len(seen) == 8
    assert max(height for height, _ in seen) <= ROWS + 2 * MARGIN_PX
    assert max(width for _, width in seen) <= COLUMNS + 2 * MARGIN_PX


def test_no_seam_shows_in_a_fused_image(model):
    """Where pieces meet, the image is the one of a frame cut so that they meet elsewhere."""
    rng = np.random.default_rng(5)
    frames = rng.integers(0, 256, (3, 2 * ROWS, 40), dtype=np.uint8)
    whole = fuse(frames, model)
    around = slice(ROWS - 400, ROWS + 400)
    near = fuse(frames[:, around], model)
    inner = slice(ROWS - 100, ROWS + 100)
    offset = np.abs(whole.fused[inner].astype(int) - near.fused[300:500])
    assert offset.max() <= 1
