"""Calibration, autofocus and automatic range on one small slide, in virtual time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from app.acquisition.autofocus import AutofocusError, autofocus
from app.acquisition.calibration import CalibrationError, calibrate_z, solve
from app.acquisition.field_range import find_range, range_of
from app.acquisition.microscope import Microscope
from app.acquisition.motion import Motion
from app.acquisition.worker import WorkAtOnce
from app.trials.focusing import same
from app.trials.rig import connect_rig, rig_profile
from drivers.camera import CameraSettings
from drivers.simulated.scene import Scene
from drivers.simulated.settings import SimulationSettings
from drivers.simulated.virtual_camera import UsbTiming
from drivers.simulated.virtual_microscope import VirtualMicroscope
from drivers.simulated.virtual_stage import SerialTiming

PLACE = (20_000.0, 10_000.0)
WORLD = SimulationSettings(
    seed=4,
    width=256,
    height=192,
    slide_fields=(1.0, 1.0),
    max_particle_um=25.0,
    max_speed_um_per_s=(20_000.0, 20_000.0, 300.0),
)

Rig = Callable[..., tuple[Microscope, VirtualMicroscope]]


@pytest.fixture(scope="module")
def scene() -> Scene:
    return Scene(WORLD)


@pytest.fixture(scope="module")
def rig(scene: Scene) -> Rig:
    """Makes a microscope that stands at a z; takes what of the world is different."""

    def make(
        z_um: float,
        *,
        slide: Scene | None = None,
        serial: SerialTiming | None = None,
        usb: UsbTiming | None = None,
        **changes: object,
    ) -> tuple[Microscope, VirtualMicroscope]:
        settings = replace(WORLD, start_um=(*PLACE, z_um), **changes)  # type: ignore[arg-type]
        profile = rig_profile(settings, backlash_um=2.5, fps=30.0)
        return connect_rig(profile, settings, serial, usb, partial(same, slide or scene))

    return make


def test_two_speeds_tell_latency_from_backlash() -> None:
    shifts = [(v, 3.0 - 2 * v * 0.004) for v in (20.0, 20.0, 80.0, 80.0)]
    found = solve(shifts)
    assert found.lag_ms == pytest.approx(4.0)
    assert found.backlash_um == pytest.approx(3.0)
    assert found.lag_sigma_ms == pytest.approx(0.0, abs=1e-6)


def test_uncertainty_of_a_calibration_is_that_of_its_scatter() -> None:
    rng = np.random.default_rng(0)
    speeds = [20.0] * 4 + [80.0] * 4
    pulls = []
    for _ in range(300):
        found = solve([(v, 3.0 - 2 * v * 0.004 + float(rng.normal(0, 0.05))) for v in speeds])
        pulls.append((found.lag_ms - 4.0) / found.lag_sigma_ms)
    assert np.mean(np.abs(pulls) < 1) == pytest.approx(0.68, abs=0.08)


@pytest.mark.parametrize("stale_ms", [0.0, 12.0])
def test_a_calibration_finds_what_the_simulation_has(rig: Rig, stale_ms: float) -> None:
    serial = SerialTiming(latency_ms=5, jitter_ms=0.5, sampled_at=0.5, stale_ms=stale_ms)
    usb = UsbTiming(transfer_ms=4, jitter_ms=10)
    microscope, world = rig(WORLD.glass_z_um, serial=serial, usb=usb)
    began_ns = world.time.now_ns
    found = calibrate_z(microscope, Motion(microscope.stage), queue=WorkAtOnce)
    assert (world.time.now_ns - began_ns) / 1e9 < 60
    # The camera's shortest delay counts against the staleness of the read-back.
    assert found.lag_ms == pytest.approx(stale_ms - 4, abs=0.8)
    assert found.backlash_um == pytest.approx(WORLD.backlash_um[2], abs=0.1)
    profile = found.applied_to(microscope.profile)
    assert profile.stage.z_lag_ms == pytest.approx(found.lag_ms, abs=0.001)
    assert profile.stage.z.backlash_um == pytest.approx(found.backlash_um, abs=0.001)
    assert microscope.stage.position().z_um == pytest.approx(WORLD.glass_z_um, abs=0.1)


def test_a_calibration_out_of_focus_says_so(rig: Rig) -> None:
    microscope, _ = rig(WORLD.glass_z_um + 250)
    with pytest.raises(CalibrationError, match="no clear focus"):
        calibrate_z(microscope, Motion(microscope.stage), queue=WorkAtOnce)
    assert microscope.stage.position().z_um == pytest.approx(WORLD.glass_z_um + 250, abs=0.1)


def test_a_calibration_beside_a_limit_says_so(rig: Rig) -> None:
    microscope, _ = rig(995.0)
    with pytest.raises(CalibrationError, match="the limits are 0 and 1000"):
        calibrate_z(microscope, Motion(microscope.stage), queue=WorkAtOnce)


@pytest.mark.parametrize("away_um", [-140.0, -12.0, 0.0, 25.0, 130.0])
def test_focus_is_found_from_below_and_above(rig: Rig, away_um: float) -> None:
    microscope, world = rig(WORLD.glass_z_um + away_um)
    settings = microscope.camera.settings
    result = autofocus(microscope, Motion(microscope.stage), queue=WorkAtOnce)
    sharpest_um = world.truth.best_focus_z(*PLACE)
    assert result.best_z_um == pytest.approx(sharpest_um, abs=microscope.depth_of_field_um / 4)
    assert world.truth.z_at(world.time.now_ns) == pytest.approx(result.best_z_um, abs=0.3)
    assert microscope.camera.settings == settings
    assert 0 < result.confidence <= 1
    assert world.stage.lowest_um >= microscope.stage.caps.z.lower_um
    assert world.stage.highest_um <= microscope.stage.caps.z.upper_um


@pytest.mark.parametrize(
    ("changes", "exposure_ms", "words"),
    [
        ({"lamp": 0.0}, 4.0, "dark"),
        ({}, 40.0, "saturated"),
    ],
    ids=["lamp off", "saturated"],
)
def test_without_a_picture_it_says_why_and_goes_back_at_once(
    rig: Rig, changes: dict[str, object], exposure_ms: float, words: str
) -> None:
    microscope, world = rig(WORLD.glass_z_um - 60, **changes)
    microscope.camera.configure(CameraSettings(exposure_ms, 0.0, 20.0))
    began_ns = world.time.now_ns
    with pytest.raises(AutofocusError, match=words):
        autofocus(microscope, Motion(microscope.stage), queue=WorkAtOnce)
    assert (world.time.now_ns - began_ns) / 1e9 < 1.0
    assert microscope.stage.position().z_um == pytest.approx(WORLD.glass_z_um - 60, abs=0.1)
    assert microscope.camera.settings == CameraSettings(exposure_ms, 0.0, 20.0)


def test_an_empty_field_says_so_and_goes_back(rig: Rig) -> None:
    slide = Scene(replace(WORLD, empty=True))
    microscope, world = rig(WORLD.glass_z_um, slide=slide)
    with pytest.raises(AutofocusError, match="No contrast between"):
        autofocus(microscope, Motion(microscope.stage), queue=WorkAtOnce)
    assert microscope.stage.position().z_um == pytest.approx(WORLD.glass_z_um, abs=0.1)
    assert world.stage.lowest_um >= 0
    assert world.stage.highest_um <= WORLD.travel_um[2]


def test_the_range_covers_all_heights_in_view(rig: Rig) -> None:
    microscope, world = rig(WORLD.glass_z_um)
    found = find_range(microscope, Motion(microscope.stage), WORLD.glass_z_um, queue=WorkAtOnce)
    heights_um = world.truth.height_map(*PLACE)
    low, high = float(heights_um.min()), float(heights_um.max())
    assert found.bottom_um < low
    assert found.top_um > high
    assert found.top_um - found.bottom_um < 2 * (high - low)


def test_blocks_tell_the_glass_and_the_thickest_particle() -> None:
    z_um = np.arange(-30, 60, 2.0)
    heights_um = np.zeros((24, 32))
    heights_um[4:7, 5:8] = 14.0
    heights_um[15:18, 20:23] = 30.0
    blocks = 0.01 + np.exp(-((z_um[:, None, None] - heights_um) ** 2) / 8)
    blocks += np.random.default_rng(0).normal(0, 0.001, blocks.shape)
    found = range_of(z_um, blocks, 2.0)
    assert found.substrate_um == pytest.approx(0.0, abs=0.05)
    assert found.thickest_um == pytest.approx(30.0, abs=0.05)
    assert (found.bottom_um, found.top_um) == pytest.approx((-2.0, 36.8), abs=0.1)


def test_surfaces_are_found_between_the_frames() -> None:
    for phase_um in (0.0, 0.5, 1.0, 1.5):
        z_um = np.arange(-30, 60, 2.0) + phase_um
        heights_um = np.zeros((24, 32))
        heights_um[4:8, 5:9] = 9.0
        blocks = 0.01 + np.exp(-((z_um[:, None, None] - heights_um) ** 2) / 8)
        found = range_of(z_um, blocks, 2.0)
        assert found.substrate_um == pytest.approx(0.0, abs=0.5)
        assert found.thickest_um == pytest.approx(9.0, abs=0.5)


def test_a_highlight_out_of_focus_does_not_raise_the_top() -> None:
    z_um = np.arange(-30, 60, 2.0)
    heights_um = np.zeros((24, 32))
    heights_um[4:8, 5:9] = 10.0
    blocks = 0.01 + np.exp(-((z_um[:, None, None] - heights_um) ** 2) / 8)
    # One flank is nearly as sharp as at its best over 8 µm, and at its best at the end of them.
    blocks[:, 8, 8] = 0.01
    blocks[(z_um >= 6) & (z_um <= 14), 8, 8] = (0.6, 0.8, 0.8, 0.7, 1.0)
    assert range_of(z_um, blocks, 2.0).thickest_um < 11.0


def test_a_block_with_a_flank_and_a_narrow_top_is_as_high_as_its_top() -> None:
    z_um = np.arange(-30, 60, 2.0)
    heights_um = np.zeros((24, 32))
    heights_um[4:8, 5:9] = 14.0
    blocks = 0.01 + np.exp(-((z_um[:, None, None] - heights_um) ** 2) / 8)
    flank, top = (np.exp(-((z_um - height_um) ** 2) / 2) for height_um in (10.0, 18.0))
    blocks[:, 8, 8] = 0.01 + 0.8 * flank + top
    assert range_of(z_um, blocks, 2.0).thickest_um == pytest.approx(18.0, abs=0.1)


def test_one_stray_block_does_not_lengthen_the_range() -> None:
    z_um = np.arange(-30, 60, 2.0)
    heights_um = np.zeros((24, 32))
    heights_um[4:7, 5:8] = 14.0
    heights_um[20, 20] = 50.0
    blocks = 0.01 + np.exp(-((z_um[:, None, None] - heights_um) ** 2) / 8)
    assert range_of(z_um, blocks, 2.0).thickest_um == pytest.approx(14.0)


def test_a_neighbours_blur_is_no_surface() -> None:
    z_um = np.arange(-30, 60, 2.0)
    heights_um = np.zeros((24, 32))
    heights_um[4:7, 5:8] = 14.0
    widths_um = np.full((24, 32), 2.0)
    heights_um[10:12, 10:12], widths_um[10:12, 10:12] = 36.0, 9.0
    blocks = 0.01 + np.exp(-((z_um[:, None, None] - heights_um) ** 2) / (2 * widths_um**2))
    assert range_of(z_um, blocks, 2.0).thickest_um == pytest.approx(14.0)


def test_flat_blocks_are_an_error() -> None:
    z_um = np.arange(0, 40, 2.0)
    blocks = 1 + np.random.default_rng(0).normal(0, 0.01, (20, 24, 32))
    with pytest.raises(AutofocusError, match="Nothing gets sharp"):
        range_of(z_um, blocks, 2.0)
