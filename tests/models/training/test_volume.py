import numpy as np
import pytest
from numpy.typing import NDArray

from models.training.optics import Optics
from models.training.particles import Particle
from models.training.volume import Volume

OPTICS = Optics(na=0.4, pixel_um=0.5, softness=0.3)
SHAPE = (96, 160)


def sheet(columns: slice, top_um: NDArray[np.float32], brightness: float = 0.1) -> Particle:
    cover = np.zeros(SHAPE, np.float32)
    cover[:, columns] = 1
    return Particle(
        "sliding", 0, 0, cover, np.full(SHAPE, brightness, np.float32), top_um, stands=False
    )


def flat(height_um: float) -> NDArray[np.float32]:
    return np.full(SHAPE, height_um, np.float32)


def slope(low_um: float, high_um: float) -> NDArray[np.float32]:
    row = np.linspace(low_um, high_um, SHAPE[1], dtype=np.float32)
    return np.tile(row, (SHAPE[0], 1))


def camera_over(*particles: Particle, glass: float = 0.8):
    z_um = np.array([-5.0, 40.0])
    volume = Volume(np.full(SHAPE, glass, np.float32), particles, 0.5 * OPTICS.dof_um)
    return volume.imaged_by(OPTICS, z_um)


def test_a_frame_focused_on_a_flat_sheet_shows_the_truth() -> None:
    slice_um = 0.5 * OPTICS.dof_um
    camera = camera_over(sheet(slice(60, 100), flat(8 * slice_um)))
    np.testing.assert_allclose(camera.frame(8 * slice_um), camera.all_in_focus(), atol=1e-4)


def test_far_sheet_leaves_a_half_shadow_at_its_edge() -> None:
    camera = camera_over(sheet(slice(80, 160), flat(20.0)))
    profile = camera.frame(0.0)[SHAPE[0] // 2]
    radius = OPTICS.radius_px(20.0)
    assert (profile[79] + profile[80]) / 2 == pytest.approx((0.8 + 0.1) / 2, abs=0.02)
    assert profile[round(80 - 1.6 * radius)] == pytest.approx(0.8, abs=0.01)
    assert profile[80 - round(0.5 * radius)] < 0.75


def test_slicing_a_slope_does_not_widen_its_shadow() -> None:
    tilted = camera_over(sheet(slice(80, 160), slope(17.0, 23.0))).frame(0.0)[48]
    level = camera_over(sheet(slice(80, 160), flat(20.0))).frame(0.0)[48]
    np.testing.assert_allclose(tilted[:100], level[:100], atol=0.03)


def test_glass_does_not_shine_through_the_middle_of_a_slope() -> None:
    camera = camera_over(sheet(slice(20, 140), slope(0.0, 25.0)))
    for z_um in (0.0, 6.0, 12.0, 25.0):
        middle = camera.frame(z_um)[48, 65:95]
        np.testing.assert_allclose(middle, 0.1, atol=0.05)


def test_the_nearer_surface_hides_the_farther_whatever_the_order() -> None:
    low, high = sheet(slice(40, 120), flat(5.0), 0.5), sheet(slice(60, 100), flat(30.0), 0.1)
    first, second = camera_over(low, high), camera_over(high, low)
    np.testing.assert_array_equal(first.frame(10.0), second.frame(10.0))
    assert first.all_in_focus()[48, 80] == pytest.approx(0.1, abs=1e-3)


def test_height_is_that_of_the_visible_surface() -> None:
    volume = Volume(
        np.ones(SHAPE, np.float32),
        [sheet(slice(60, 100), flat(30.0)), sheet(slice(40, 120), flat(5.0))],
        1.0,
    )
    assert volume.height_um[0, [10, 50, 80]].tolist() == [0.0, 5.0, 30.0]


def test_particles_may_reach_beyond_the_field() -> None:
    patch = np.ones((30, 30), np.float32)
    corner = Particle("block", -20, 150, patch, 0.1 * patch, 9 * patch, stands=True)
    outside = Particle("block", -50, 0, patch, 0.1 * patch, 9 * patch, stands=True)
    image = camera_over(corner, outside).all_in_focus()
    assert image[2, 157] == pytest.approx(0.1, abs=0.01)
    assert image[60, 20] == pytest.approx(0.8, abs=0.01)
