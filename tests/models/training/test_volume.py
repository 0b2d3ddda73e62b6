import math

import numpy as np
import pytest
from numpy.typing import NDArray

from models.training.optics import Optics
from models.training.particles import Glint, Particle
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


def test_a_bright_background_out_of_focus_hides_none_in_front() -> None:
    near_um = 20.0
    camera = camera_over(sheet(slice(60, 100), flat(near_um), 0.1), glass=5.0)
    frame, truth = camera.frame(near_um), camera.all_in_focus()
    np.testing.assert_allclose(frame[48, 55:105], truth[48, 55:105], rtol=0.02)
    assert frame[48, 70:90].max() == pytest.approx(0.1, abs=1e-3)


def glinting(glint: Glint) -> Particle:
    patch = np.ones((61, 61), np.float32)
    top = np.full((61, 61), 20.0, np.float32)
    return Particle("block", 18, 50, patch, 0.1 * patch, top, stands=False, glints=(glint,))


def centroid(frame: NDArray[np.float32]) -> tuple[float, float]:
    light = np.clip(frame - 0.1001, 0, None)
    rows, columns = np.indices(light.shape)
    return float((light * rows).sum() / light.sum()), float((light * columns).sum() / light.sum())


def test_a_glint_wanders_with_focus_towards_its_part_of_the_aperture() -> None:
    glint = Glint(30, 30, 50.0, aperture_row=0.0, aperture_column=0.6, aperture_share=0.3)
    camera = camera_over(glinting(glint), glass=0.1)
    assert centroid(camera.all_in_focus()) == pytest.approx((48, 80), abs=0.1)
    for defocus_um in (-8.0, 8.0):
        row, column = centroid(camera.frame(20.0 + defocus_um))
        moved = 0.6 * math.copysign(OPTICS.radius_px(defocus_um), defocus_um)
        assert row == pytest.approx(48, abs=0.6)
        assert column == pytest.approx(80 + moved, abs=0.6)


def test_a_glint_keeps_its_light_out_of_focus() -> None:
    camera = camera_over(glinting(Glint(30, 30, 50.0, 0.0, 0.5, 0.3)), glass=0.1)
    sharp, blurred = (np.clip(camera.frame(z) - 0.1001, 0, None).sum() for z in (20.0, 26.0))
    assert blurred == pytest.approx(sharp, rel=0.05)


def test_a_sloping_ground_is_sharp_where_the_focus_cuts_it() -> None:
    stripes = np.tile(np.float32([0.2, 0.2, 0.8, 0.8]), (SHAPE[0], SHAPE[1] // 4))
    volume = Volume(stripes, [], 1.0, slope(0.0, 40.0))
    camera = volume.imaged_by(OPTICS, np.array([0.0, 40.0]))
    for z_um in (5.0, 20.0, 35.0):
        contrast = camera.frame(z_um).reshape(SHAPE[0], -1, 16).std(axis=(0, 2))
        assert abs(contrast.argmax() * 16 + 8 - z_um * SHAPE[1] / 40) <= 16
        assert contrast.min() < 0.3 * contrast.max()


def test_particles_lie_on_the_ground() -> None:
    ground = flat(7.0)
    volume = Volume(np.ones(SHAPE, np.float32), [sheet(slice(60, 100), flat(5.0))], 1.0, ground)
    assert volume.height_um[0, [10, 80]].tolist() == [7.0, 12.0]


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
