"""The pixel size from a ruling and from moves."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.acquisition.microscope import open_microscope
from app.acquisition.motion import Motion
from app.acquisition.pixel_size import (
    PixelSizeError,
    find_ruling,
    measure_by_moving,
    pixel_from_shifts,
)
from app.profiles import load_profile


def draw_ruling(period_px, angle_deg, *, seed=1, noise=6.0, shape=(512, 910)):
    """A stage micrometre: dark lines, every fifth longer, every tenth longest; uneven light."""
    height, width = shape
    y, x = np.mgrid[:height, :width].astype(np.float64)
    turn = np.radians(angle_deg)
    x, y = x - width / 2, y - height / 2
    across = x * np.cos(turn) + y * np.sin(turn)
    along = -x * np.sin(turn) + y * np.cos(turn)
    number = np.round(across / period_px)
    length = np.where(number % 10 == 0, 0.9, np.where(number % 5 == 0, 0.6, 0.4)) * height / 2
    distance = np.abs(across - number * period_px)
    line = 1 / (1 + np.exp((distance - max(1.0, period_px / 8)) * 2))
    ends = 1 / (1 + np.exp((np.abs(along) - length) * 0.5))
    light = 200 - 40 * (x / width) ** 2 - 30 * y / height
    image = light * (1 - 0.7 * line * ends)
    image += np.random.default_rng(seed).normal(0, noise, image.shape)
    return np.clip(image, 0, 255).astype(np.uint8)


@settings(max_examples=12, deadline=None)
@given(st.floats(8, 60), st.floats(-20, 20), st.integers(0, 99))
def test_the_period_of_a_ruling_is_found_to_a_thousandth(period_px, angle_deg, seed):
    ruling = find_ruling(draw_ruling(period_px, angle_deg, seed=seed))
    assert ruling.period_px == pytest.approx(period_px, rel=2e-3)
    assert ruling.angle_deg == pytest.approx(angle_deg, abs=1.5)
    assert ruling.pixel_um(10.0) == pytest.approx(10 / period_px, rel=2e-3)


def test_upright_and_lying_rulings_are_the_same():
    upright = draw_ruling(20.3, 3)
    lying = np.ascontiguousarray(upright.T)
    assert find_ruling(lying).period_px == pytest.approx(20.3, rel=3e-3)
    colour = cv2.cvtColor(upright, cv2.COLOR_GRAY2RGB)
    assert find_ruling(colour).period_px == pytest.approx(find_ruling(upright).period_px, rel=1e-3)


@pytest.mark.parametrize(
    "image",
    [
        np.full((256, 256), 128, np.uint8),
        np.random.default_rng(1).integers(0, 255, (256, 256), np.uint8),
        draw_ruling(300, 0),
    ],
    ids=["empty", "noise", "three lines"],
)
def test_what_is_no_ruling_is_refused(image):
    with pytest.raises(PixelSizeError):
        find_ruling(image)


@given(
    st.floats(0.05, 5),
    st.floats(-180, 180),
    st.booleans(),
)
def test_a_turned_or_mirrored_camera_does_not_matter(pixel_um, angle_deg, mirrored):
    turn = np.exp(1j * np.radians(angle_deg)) / pixel_um
    moves = [(30.0, 0.0), (30.0, 0.0), (0.0, 30.0), (0.0, 30.0)]
    shifts = [turn * complex(x, -y if mirrored else y) for x, y in moves]
    found = pixel_from_shifts(moves, shifts, [0.01] * 4)
    assert found.pixel_um == pytest.approx(pixel_um, rel=1e-6)
    assert 0 < found.sigma_um < 0.05 * pixel_um


def test_axes_that_do_not_agree_are_told():
    with pytest.raises(PixelSizeError, match="um_per_unit"):
        pixel_from_shifts([(10.0, 0.0), (0.0, 10.0)], [20 + 0j, 24j], [0.01, 0.01])


@pytest.mark.slow
def test_the_simulated_microscope_s_pixel_is_measured_by_moving_it():
    profile = load_profile("simulated")
    simulation = profile.simulation.model_copy(update={"width": 384, "height": 288})
    with open_microscope(profile.model_copy(update={"simulation": simulation})) as microscope:
        stage = microscope.stage
        stage.home().wait(60)
        x_um, y_um = stage.caps.x.upper_um / 2, stage.caps.y.upper_um / 2
        z_um = microscope.simulation.truth.best_focus_z(x_um, y_um)
        stage.move_to(x_um=x_um, y_um=y_um, z_um=z_um).wait(60)
        found = measure_by_moving(
            stage, microscope.camera, Motion(stage), microscope.pixel_um * 1.1, (5.0, 5.0)
        )
        assert found.pixel_um == pytest.approx(microscope.pixel_um, rel=0.01)
        assert stage.position().x_um == pytest.approx(x_um, abs=0.2)
