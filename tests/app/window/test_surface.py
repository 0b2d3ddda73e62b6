"""Surfaces seen from the side, and lines of equal height."""

from __future__ import annotations

import numpy as np
import pytest

from app.window.contours import contours
from app.window.surface import Relief, SurfaceView, natural_exaggeration, render

BLACK = (0, 0, 0)


def cone(rows: int = 90, columns: int = 120, top: float = 30.0) -> np.ndarray:
    y, x = np.mgrid[:rows, :columns]
    distance = np.hypot(x - columns / 2, y - rows / 2)
    return np.maximum(0, top * (1 - distance / 30)).astype(np.float32)


def relief(height: np.ndarray, **kind: object) -> Relief:
    colours = np.full((*height.shape, 3), 200, np.uint8)
    settings = {"span": (0.0, 30.0), "colours": colours, "pixel_um": 1.0, **kind}
    return Relief.of(height, **settings)


def test_from_above_the_picture_is_seen_as_it_is():
    colours = np.zeros((90, 120, 3), np.uint8)
    colours[:45, :60] = (255, 0, 0)
    colours[45:, 60:] = (0, 255, 0)
    flat = relief(np.zeros((90, 120), np.float32), colours=colours)
    seen = render(flat, SurfaceView(azimuth_deg=0, elevation_deg=90), (300, 300), BLACK)
    half = seen.shape[0] // 2
    quarters = [seen[:half, :half], seen[:half, half:], seen[half:, :half], seen[half:, half:]]
    reds, greens = ([int(q[..., c].astype(int).sum()) for q in quarters] for c in (0, 1))
    assert np.argmax(reds) == 0
    assert np.argmax(greens) == 3
    assert sorted(reds)[-2] < 0.05 * reds[0]


@pytest.mark.parametrize("azimuth_deg", [0, 45, 130, 250])
def test_what_is_high_stands_out_above_the_far_edge(azimuth_deg):
    high, flat = relief(cone(top=30.0)), relief(np.zeros((90, 120), np.float32))
    view = SurfaceView(azimuth_deg, 15)
    tops = []
    for each in (high, flat):
        seen = render(each, view, (400, 300), BLACK).any(axis=2)
        column = seen[:, 200]
        assert column.any()
        tops.append(int(seen.sum(axis=0)[200]))
    assert tops[0] > tops[1] + 15


@pytest.mark.parametrize("azimuth_deg", [0, 30, 130, 250])
@pytest.mark.parametrize("elevation_deg", [15, 35, 70])
def test_what_is_seen_lies_in_the_middle_and_touches_no_edge(azimuth_deg, elevation_deg):
    height = np.zeros((90, 120), np.float32)
    # One peak in a corner: the box around the surface is empty but for it.
    height[5:20, 5:20] = 30
    seen = render(relief(height), SurfaceView(azimuth_deg, elevation_deg), (400, 300), BLACK)
    rows, columns = (np.flatnonzero(seen.any(axis=(2, axis))) for axis in (1, 0))
    assert abs((rows[0] + rows[-1]) / 2 - 149.5) < 4
    assert rows[0] > 2
    assert rows[-1] < 297
    assert columns[0] > 2
    assert columns[-1] < 397


def test_what_lies_behind_is_hidden():
    """A wall across the middle: behind it, seen flatly, nothing of the marked ground shows."""
    height = np.zeros((100, 100), np.float32)
    height[48:56] = 60
    colours = np.full((100, 100, 3), 100, np.uint8)
    colours[30:44] = (255, 0, 0)
    wall = relief(height, span=(0.0, 60.0), colours=colours)
    open_ground = relief(np.zeros((100, 100), np.float32), span=(0.0, 60.0), colours=colours)

    def red(surface: Relief, azimuth_deg: float) -> int:
        seen = render(surface, SurfaceView(azimuth_deg, 20), (400, 300), BLACK)
        return int(((seen[..., 0] > 80) & (seen[..., 1] < 20)).sum())

    assert red(open_ground, 0) > 500
    assert red(wall, 0) == 0
    assert red(wall, 180) > 500


def test_exaggeration_and_zoom_do_what_they_say():
    surface, view = relief(cone(top=5.0)), SurfaceView(0, 15)
    seen = [
        render(surface, each, (400, 300), BLACK).any(axis=2).sum()
        for each in (view, view.exaggerated(6.0), view.zoomed(0.6))
    ]
    assert seen[1] > seen[0] > seen[2]


def test_views_stay_within_bounds():
    view = SurfaceView()
    assert view.turned(0, 500).elevation_deg == 90
    assert view.turned(0, -500).elevation_deg == 10
    assert view.turned(-400, 0).azimuth_deg == pytest.approx(350)
    assert view.zoomed(100).zoom == 6


@pytest.mark.parametrize(("top", "factor"), [(24.0, 1.0), (3.0, 5.0), (2.4, 10.0), (100.0, 0.2)])
def test_heights_are_exaggerated_until_they_are_seen(top, factor):
    surface = relief(np.maximum(0, cone(top=1.0) * 0 + top).astype(np.float32), span=(0.0, 200.0))
    assert natural_exaggeration(surface) == pytest.approx(factor)


def test_heights_without_a_scale_are_seen_too():
    frames = relief(cone(top=20.0), span=(0.0, 20.0), pixel_um=None)
    assert frames.height.max() == pytest.approx(0.2 * 120, rel=0.15)


def test_contours_run_where_the_height_is_theirs():
    height = cone(180, 240, top=30.0)
    found = contours(height, (0.0, 30.0))
    assert found.interval == 5
    levels = {line.level for line in found.lines}
    assert {10.0, 15.0, 20.0} <= levels
    assert all(level % 5 == 0 for level in levels)
    for line in found.lines:
        if not 8 <= line.level <= 22:
            continue
        distance = np.hypot(line.points[:, 0] - 120.5, line.points[:, 1] - 90.5)
        # On the cone's side, where smoothing changes little.
        assert np.abs(distance - 30 * (1 - line.level / 30)).max() < 1.5


def test_a_large_map_has_its_contours_in_its_own_pixels():
    height = np.repeat(np.repeat(cone(300, 400, 30.0), 4, axis=0), 4, axis=1)
    lines = [line for line in contours(height, (0.0, 30.0)).lines if line.level == 15]
    assert lines
    assert lines[0].points[:, 0].mean() == pytest.approx(802, abs=4)


def test_a_flat_map_has_no_contours():
    assert contours(np.full((40, 50), 3.2, np.float32), (2.7, 3.7)).lines == ()
