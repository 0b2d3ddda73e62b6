"""The pixel size from a ruling and from moves."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.acquisition.microscope import open_microscope
from app.acquisition.motion import Motion
from app.acquisition.pixel_size import PixelSizeError, measure_by_moving, pixel_from_shifts
from app.acquisition.ruling import find_ruling
from app.orientation import ORIENTATIONS, Orientation
from app.profiles import load_profile


def draw_ruling(period_px, angle_deg, *, seed=1, noise=6.0, shape=(512, 910)):
    """A stage micrometer: dark lines, every fifth longer, every tenth longest; uneven light."""
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


MOVES = [(30.0, 0.0), (30.0, 0.0), (0.0, 30.0), (0.0, 30.0)]


def shifts_of(orientation, pixel_um, askew_deg=0.0):
    """How a picture shifts when the stage makes `MOVES`: against them, on the slide."""
    to_stage = np.array([orientation.to_stage(1, 0), orientation.to_stage(0, 1)]).T * pixel_um
    cos, sin = np.cos(np.radians(askew_deg)), np.sin(np.radians(askew_deg))
    to_picture = np.linalg.inv(np.array([[cos, -sin], [sin, cos]]) @ to_stage)
    return [complex(*(to_picture @ -np.array(move))) for move in MOVES]


@given(st.floats(0.05, 5), st.sampled_from(ORIENTATIONS), st.floats(-10, 10))
def test_a_turned_or_mirrored_camera_is_seen(pixel_um, orientation, askew_deg):
    found = pixel_from_shifts(MOVES, shifts_of(orientation, pixel_um, askew_deg), [0.01] * 4)
    assert found.pixel_um == pytest.approx(pixel_um, rel=1e-6)
    assert found.orientation == orientation
    assert 0 < found.sigma_um < 0.05 * pixel_um


def test_a_camera_between_two_quarter_turns_is_told():
    with pytest.raises(PixelSizeError, match="turned by 40°"):
        pixel_from_shifts(MOVES, shifts_of(Orientation(), 0.5, 40.0), [0.01] * 4)


def test_what_was_measured_goes_into_the_profile():
    profile = load_profile("simulated")
    binned = profile.model_copy(update={"camera": profile.camera.model_copy(update={"binning": 2})})
    found = pixel_from_shifts(MOVES, shifts_of(Orientation(270, mirrored=True), 0.5), [0.01] * 4)
    measured = found.applied_to(binned)
    assert measured.pixel_um == pytest.approx(0.5)
    assert measured.current_objective.object_pixel_um == pytest.approx(0.25)
    assert measured.camera.orientation == Orientation(270, mirrored=True)
    others = [o.object_pixel_um for o in measured.objectives if o.name != measured.objective]
    assert others == [o.object_pixel_um for o in profile.objectives if o.name != profile.objective]


def test_axes_that_do_not_agree_are_told():
    with pytest.raises(PixelSizeError, match="um_per_unit"):
        pixel_from_shifts([(10.0, 0.0), (0.0, 10.0)], [20 + 0j, 24j], [0.01, 0.01])


class TurnedCamera:
    """The simulated camera, mounted another way round."""

    def __init__(self, camera, orientation):
        self._camera = camera
        self._orientation = orientation
        self.caps = camera.caps

    def start(self, sink, *, every_frame):
        def turned(frame):
            image = np.rot90(frame.image, self._orientation.rotation_deg // 90)
            seen = image[:, ::-1] if self._orientation.mirrored else image
            sink(replace(frame, image=np.ascontiguousarray(seen)))

        self._camera.start(turned, every_frame=every_frame)

    def stop(self):
        return self._camera.stop()


@pytest.mark.slow
def test_the_simulated_microscope_is_measured_by_moving_it():
    profile = load_profile("simulated")
    simulation = profile.simulation.model_copy(update={"width": 384, "height": 288})
    with open_microscope(profile.model_copy(update={"simulation": simulation})) as microscope:
        stage = microscope.stage
        stage.home().wait(60)
        x_um, y_um = stage.caps.x.upper_um / 2, stage.caps.y.upper_um / 2
        z_um = microscope.simulation.truth.best_focus_z(x_um, y_um)
        stage.move_to(x_um=x_um, y_um=y_um, z_um=z_um).wait(60)
        for orientation in (Orientation(), Orientation(90, mirrored=True)):
            camera = TurnedCamera(microscope.camera, orientation)
            guess_um = microscope.pixel_um * 1.1
            found = measure_by_moving(stage, camera, Motion(stage), guess_um, (5.0, 5.0))
            assert found.pixel_um == pytest.approx(microscope.pixel_um, rel=0.01)
            assert found.orientation == orientation
            assert str(orientation) in found.how
            assert stage.position().x_um == pytest.approx(x_um, abs=0.2)
