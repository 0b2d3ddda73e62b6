"""Choosing frames."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.captures.open_stack import open_stack
from app.captures.selection import Selection, select_sharpest, sharpness
from app.captures.stack import FrameFormat, StackError


class Frames:
    """A stack of checkerboards: the larger the contrast, the sharper."""

    name, z_um, pixel_um = "checkerboards", None, None

    def __init__(self, contrasts: list[int], dtype: type = np.uint8, *, colour: bool = False):
        self._contrasts, self._dtype, self._colour = contrasts, dtype, colour
        self.format = FrameFormat(8, 8, colour, np.dtype(dtype))

    def __len__(self):
        return len(self._contrasts)

    def __getitem__(self, index):
        board = (np.indices((8, 8)).sum(0) % 2 * self._contrasts[index]).astype(self._dtype)
        return np.repeat(board[..., None], 3, axis=2) if self._colour else board

    def __iter__(self):
        return (self[index] for index in range(len(self)))


@given(
    st.lists(st.integers(0, 255), min_size=1, max_size=12, unique=True),
    st.integers(1, 12),
    st.sampled_from([np.uint8, np.uint16]),
    st.booleans(),
)
def test_the_sharpest_are_kept_in_order(contrasts, count, dtype, colour):
    chosen = select_sharpest(Frames(contrasts, dtype, colour=colour), count)
    assert list(chosen) == sorted(chosen)
    assert sorted(contrasts[i] for i in chosen) == sorted(contrasts)[-count:]


def test_of_equals_the_earlier_are_kept():
    assert select_sharpest(Frames([5, 9, 9, 9, 5]), 2) == (1, 2)


def test_0_keeps_all_and_reads_nothing():
    def never(_done, _total):
        pytest.fail("there is nothing to compare")

    assert select_sharpest(Frames([1, 2, 3]), 0, never) == (0, 1, 2)
    assert select_sharpest(Frames([1, 2, 3]), 7, never) == (0, 1, 2)


def test_negative_counts_are_refused():
    with pytest.raises(StackError, match="checkerboards: cannot keep -1 frames"):
        select_sharpest(Frames([1]), -1)


def test_progress_counts_every_frame():
    told = []
    select_sharpest(Frames([1, 2, 3]), 1, lambda done, total: told.append((done, total)))
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_sharpness_is_the_mean_absolute_laplacian():
    """A ramp has none; a single point of 1 in 5x5 has 4 at itself and 1 at four neighbours."""
    assert sharpness(np.add.outer(np.arange(9), np.arange(9)).astype(np.uint8)[1:-1]) < 2
    point = np.zeros((5, 5), np.uint16)
    point[2, 2] = 1000
    assert sharpness(point) == pytest.approx(8 * 1000 / 25)


def test_a_selection_is_a_stack(tmp_path, picture, save):
    for i in range(4):
        save(tmp_path / f"{i}.png", picture(i))
    meta = {"z_um": [0.0, 1.0, 4.0, 9.0], "pixel_um": 0.2}
    (tmp_path / "meta.json").write_text(json.dumps(meta))
    whole = open_stack(tmp_path)
    chosen = Selection(whole, (1, 3))
    assert (len(chosen), chosen.indices, chosen.name) == (2, (1, 3), whole.name)
    assert (chosen.z_um, chosen.pixel_um, chosen.format) == ((1.0, 9.0), 0.2, whole.format)
    for read, index in zip(chosen, (1, 3), strict=True):
        np.testing.assert_array_equal(read, picture(index))
    assert Selection(whole, (1, 3), z_um=[5.0, 6.0]).z_um == (5.0, 6.0)
    with pytest.raises(IndexError):
        chosen[2]
