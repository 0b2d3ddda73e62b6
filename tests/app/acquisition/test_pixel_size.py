"""The pixel size from a ruling and from moves."""

import re
from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.acquisition.microscope import open_microscope
from app.acquisition.motion import Motion
from app.acquisition.pixel_fit import Ways, fit_line, pixel_from_lines
from app.acquisition.pixel_moves import measure_by_moving
from app.acquisition.pixel_size import PixelSize, PixelSizeError
from app.acquisition.ruling import find_ruling
from app.acquisition.standing_picture import standing_picture
from app.calibrate import report_pixel
from app.orientation import ORIENTATIONS, Orientation
from app.profiles import load_profile
from app.trials.rig import connect_rig, rig_profile
from drivers.simulated.scene import Scene
from drivers.simulated.settings import SimulationSettings


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


WAYS_UM = np.array([-80.0, -55, -35, -20, -10, 0, 10, 20, 35, 55, 80])


def ways_of(orientation, pixel_um, askew_deg=0.0, *, noise_px=0.0, seed=1):
    """How a picture shifts when the stage moves along x and along y: against it, on the slide."""
    to_stage = np.array([orientation.to_stage(1, 0), orientation.to_stage(0, 1)]).T * pixel_um
    cos, sin = np.cos(np.radians(askew_deg)), np.sin(np.radians(askew_deg))
    to_picture = -np.linalg.inv(np.array([[cos, -sin], [sin, cos]]) @ to_stage)
    random = np.random.default_rng(seed)
    for axis in to_picture.T:
        noise = random.normal(0, noise_px, (2, WAYS_UM.size)) if noise_px else np.zeros((2, 1))
        shifts = complex(*axis) * WAYS_UM + noise[0] + 1j * noise[1]
        yield Ways(WAYS_UM, shifts, np.full(WAYS_UM.size, 0.01))


def pixel_of(*ways):
    return pixel_from_lines(*map(fit_line, ways))


@given(st.floats(0.05, 0.6), st.sampled_from(ORIENTATIONS), st.floats(-10, 10))
def test_a_turned_or_mirrored_camera_is_seen(pixel_um, orientation, askew_deg):
    found = pixel_of(*ways_of(orientation, pixel_um, askew_deg))
    assert found.pixel_um == pytest.approx(pixel_um, rel=1e-6)
    assert found.orientation == orientation
    told_deg = float(re.search(r"([\d.]+)° askew", found.how)[1])
    assert told_deg == pytest.approx(abs(askew_deg), abs=0.0051)
    assert "90.00° from each other" in found.how
    assert 0 < found.sigma_um < 0.005 * pixel_um


def test_sigma_is_as_large_as_the_errors_are():
    truth_um, off = 0.25, []
    for seed in range(400):
        found = pixel_of(*ways_of(Orientation(90), truth_um, 2.0, noise_px=0.5, seed=seed))
        off.append((found.pixel_um - truth_um) / found.sigma_um)
    # Where the axes differ the Birge ratio widens sigma, so that it is rather too large.
    assert 0.7 < np.sqrt(np.mean(np.square(off))) < 1.1
    assert np.mean(np.abs(off) < 3) > 0.99


def test_pictures_that_lie_off_the_line_are_dropped():
    x, y = ways_of(Orientation(), 0.25, noise_px=0.05)
    x.shift_px[[1, 9]] += [30 - 4j, 8j]
    found = pixel_of(x, y)
    assert found.pixel_um == pytest.approx(0.25, rel=1e-3)
    assert "2 dropped" in found.how
    x.shift_px[:] = np.random.default_rng(1).normal(0, 100, x.shift_px.shape)
    with pytest.raises(PixelSizeError):
        pixel_of(x, y)


def test_a_camera_between_two_quarter_turns_is_told():
    with pytest.raises(PixelSizeError, match="turned by 40°"):
        pixel_of(*ways_of(Orientation(), 0.25, 40.0))


def test_axes_that_do_not_agree_are_told():
    x, _ = ways_of(Orientation(), 0.25)
    _, y = ways_of(Orientation(), 0.28)
    with pytest.raises(PixelSizeError, match="um_per_unit"):
        pixel_of(x, y)
    _, nearly = ways_of(Orientation(), 0.2505)
    found = pixel_of(x, nearly)
    assert found.pixel_um == pytest.approx(0.25025, rel=1e-4)
    assert found.sigma_um == pytest.approx(0.00025, rel=1e-2)


def test_moves_too_short_to_tell_are_not_believed():
    with pytest.raises(PixelSizeError, match=r"known to .* % only"):
        pixel_of(*ways_of(Orientation(), 2.0, noise_px=1.0))


def test_what_was_measured_goes_into_the_profile():
    profile = load_profile("simulated")
    binned = profile.model_copy(update={"camera": profile.camera.model_copy(update={"binning": 2})})
    found = pixel_of(*ways_of(Orientation(270, mirrored=True), 0.5))
    measured = found.applied_to(binned)
    assert measured.pixel_um == pytest.approx(0.5)
    assert measured.pixel_sigma_um == pytest.approx(found.sigma_um, rel=1e-3)
    assert measured.current_objective.object_pixel_um == pytest.approx(0.25)
    assert measured.camera.orientation == Orientation(270, mirrored=True)
    others = [o.object_pixel_um for o in measured.objectives if o.name != measured.objective]
    assert others == [o.object_pixel_um for o in profile.objectives if o.name != profile.objective]


def test_a_less_certain_pixel_does_not_displace_a_better_one():
    profile = load_profile("simulated")
    turned = Orientation(90)
    sharp = PixelSize(0.49, 0.0003, "sharp", turned).applied_to(profile)
    assert (sharp.pixel_um, sharp.pixel_sigma_um) == pytest.approx((0.49, 0.0003))
    vague = PixelSize(0.50, 0.003, "vague", Orientation(180))
    assert not vague.improves(sharp)
    kept = vague.applied_to(sharp)
    assert (kept.pixel_um, kept.pixel_sigma_um) == pytest.approx((0.49, 0.0003))
    assert kept.camera.orientation == Orientation(180)
    assert any("is kept" in line for line in report_pixel(sharp, vague))
    # What is engraved, or was typed in, is known less well.
    assert vague.improves(profile)
    again = PixelSize(0.491, 0.0004, "as sharp", turned)
    assert again.applied_to(sharp).pixel_um == pytest.approx(0.491)


class TurnedCamera:
    """The simulated camera, mounted another way round."""

    def __init__(self, camera, orientation):
        self._camera = camera
        self._orientation = orientation

    @property
    def caps(self):
        caps = self._camera.caps
        width, height = self._orientation.size_on_stage(caps.width, caps.height)
        return replace(caps, width=width, height=height)

    def start(self, sink, *, every_frame):
        def turned(frame):
            image = np.rot90(frame.image, self._orientation.rotation_deg // 90)
            seen = image[:, ::-1] if self._orientation.mirrored else image
            sink(replace(frame, image=np.ascontiguousarray(seen)))

        self._camera.start(turned, every_frame=every_frame)

    def stop(self):
        return self._camera.stop()


SMALL = SimulationSettings(width=384, height=288, slide_fields=(1.3, 1.3), max_particle_um=10.0)


@pytest.fixture(scope="module")
def scene():
    return Scene(SMALL)


class Rig:
    """A microscope in virtual time that notes where it is sent."""

    def __init__(self, scene, **changes):
        # The profile does not know of the backlash.
        settings = replace(
            SMALL, backlash_um=(7.0, 4.0, 0.0), start_um=(20e3, 10e3, SMALL.glass_z_um)
        )
        settings = replace(settings, **changes)
        self.microscope, self.world = connect_rig(
            rig_profile(settings, backlash_um=0.0, fps=30.0), settings, scene=lambda: scene
        )
        self.sent = [settings.start_um[:2]]
        go = self.microscope.stage.move_to

        def noted(**to):
            if "x_um" in to:
                self.sent.append((to["x_um"], to["y_um"]))
            return go(**to)

        self.microscope.stage.move_to = noted
        self.motion = Motion(self.microscope.stage)

    def measure(self):
        return measure_by_moving(self.microscope, self.motion)


@pytest.mark.parametrize("orientation", [Orientation(), Orientation(90, mirrored=True)], ids=str)
def test_the_pixel_is_measured_by_moving(scene, orientation):
    rig = Rig(scene)
    rig.microscope.camera = TurnedCamera(rig.world.camera, orientation)
    guess = rig.microscope.profile.current_objective.model_copy(update={"object_pixel_um": 0.54})
    rig.microscope.profile = rig.microscope.profile.model_copy(update={"objectives": (guess,)})
    found = rig.measure()
    assert found.pixel_um == pytest.approx(SMALL.pixel_um, rel=2.5e-3)
    assert abs(found.pixel_um - SMALL.pixel_um) < 3 * found.sigma_um
    assert found.sigma_um < 2e-3 * SMALL.pixel_um
    assert found.orientation == orientation
    assert rig.sent[-1] == pytest.approx((20e3, 10e3))
    # Far enough to tell, and not out of the picture.
    reach_um = np.abs(np.array(rig.sent) - (20e3, 10e3)).max(axis=0)
    field_um = np.array([384, 288]) * SMALL.pixel_um
    assert (reach_um > 0.4 * field_um).all()
    assert (reach_um < 0.6 * field_um).all()


@pytest.mark.parametrize("corner", [(0.0, 0.0), (40e3, 20e3)], ids=["lower", "upper"])
def test_no_move_leads_out_of_the_limits(scene, corner):
    rig = Rig(scene, start_um=(*corner, SMALL.glass_z_um))
    assert rig.measure().pixel_um == pytest.approx(SMALL.pixel_um, rel=2.5e-3)
    sent = np.array(rig.sent)
    assert (sent >= 0).all()
    assert (sent <= (40e3, 20e3)).all()
    assert rig.sent[-1] == pytest.approx(corner)


def test_an_empty_field_is_refused_and_the_stage_goes_back(scene):
    rig = Rig(scene, lamp=0.0)
    with pytest.raises(PixelSizeError, match="does not follow"):
        rig.measure()
    assert rig.sent[-1] == pytest.approx((20e3, 10e3))


def test_a_stage_that_creeps_is_told(scene):
    rig = Rig(scene)
    stage = rig.microscope.stage
    ask = stage.position
    ways_um = iter(range(0, 100_000, 3))
    stage.position = lambda: replace(ask(), x_um=20e3 + next(ways_um))
    with pytest.raises(PixelSizeError, match="does not stand still"):
        standing_picture(stage, rig.microscope.camera, 0.0)


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
        found = measure_by_moving(microscope, Motion(stage))
        assert found.pixel_um == pytest.approx(microscope.pixel_um, rel=2.5e-3)
        assert abs(found.pixel_um - microscope.pixel_um) < 3 * found.sigma_um
        assert stage.position().x_um == pytest.approx(x_um, abs=0.2)
