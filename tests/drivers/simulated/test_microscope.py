import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest

from drivers.camera import CameraSettings, Frame, Region
from drivers.errors import ConnectionLost, LimitExceeded, Rejected
from drivers.grbl import GrblStage
from drivers.grbl_axes import GrblAxis, GrblSettings
from drivers.simulated.camera import SimulatedCamera
from drivers.simulated.faults import CameraFaults
from drivers.simulated.microscope import SimulatedMicroscope
from drivers.simulated.settings import SimulationSettings
from drivers.simulated.truth import tenengrad

SETTINGS = SimulationSettings(
    width=160, height=96, fps=60.0, start_um=(39_500.0, 19_500.0, 880.0), latency_ms=2.0
)
HERE = (500.0, 300.0)


@pytest.fixture(scope="module")
def looking() -> Iterator[SimulatedMicroscope]:
    with SimulatedMicroscope(SETTINGS) as microscope:
        microscope.camera.open()
        yield microscope


@pytest.fixture
def camera(looking: SimulatedMicroscope) -> Iterator[SimulatedCamera]:
    camera = looking.camera
    camera.configure(CameraSettings(4.0, 0.0, 60.0))
    yield camera
    try:
        camera.stop()
    finally:
        camera.faults = CameraFaults()


class Collector:
    """A sink that can be waited for, and that can be slow once."""

    def __init__(self, nap_at: int = -1, nap_s: float = 0.0) -> None:
        self.frames: list[Frame] = []
        self.nap_at, self.nap_s = nap_at, nap_s
        self.napped_s = 0.0
        self.changed = threading.Condition()

    def __call__(self, frame: Frame) -> None:
        with self.changed:
            self.frames.append(frame)
            self.changed.notify_all()
        if frame.index == self.nap_at:
            began_s = time.monotonic()
            time.sleep(self.nap_s)
            self.napped_s = time.monotonic() - began_s

    def wait(self, enough: Callable[[], bool]) -> None:
        with self.changed:
            assert self.changed.wait_for(enough, timeout=30)

    def wait_for(self, count: int) -> list[Frame]:
        self.wait(lambda: len(self.frames) >= count)
        return self.frames[:count]


def connect(microscope: SimulatedMicroscope) -> GrblStage:
    settings = microscope.settings
    x, y, z = (
        GrblAxis(um_per_unit=unit, offset_um=offset)
        for unit, offset in zip(settings.um_per_unit, settings.offset_um, strict=True)
    )
    stage = GrblStage(GrblSettings(microscope.stage_url, x=x, y=y, z=z))
    stage.connect()
    stage.home().wait(30)
    return stage


def test_what_was_exposed_before_the_stop_is_delivered(
    looking: SimulatedMicroscope, monkeypatch: pytest.MonkeyPatch, camera: SimulatedCamera
) -> None:
    # On a busy machine the sink sleeps much longer than it was told to.
    roomy = replace(SETTINGS, buffer_frames=100_000)
    monkeypatch.setattr(camera, "_simulation", roomy)
    busy = threading.Event()
    indices: list[int] = []

    def sink(frame: Frame) -> None:
        indices.append(frame.index)
        if frame.index == 0:
            busy.set()
            time.sleep(0.2)

    camera.start(sink, every_frame=True)
    assert busy.wait(30)
    time.sleep(0.1)  # six more are exposed meanwhile, at 60 a second
    statistics = camera.stop()
    assert statistics.lost == 0
    assert indices == list(range(statistics.delivered))
    assert len(indices) > 3


def test_frames_come_on_an_exact_schedule(camera: SimulatedCamera) -> None:
    collector = Collector()
    camera.start(collector, every_frame=True)
    frames = collector.wait_for(20)
    statistics = camera.stop()
    assert [frame.index for frame in frames] == list(range(20))
    assert statistics.delivered >= 20
    assert statistics.lost == 0
    gaps_ms = np.diff([frame.t_mid_ns for frame in frames]) / 1e6
    np.testing.assert_allclose(gaps_ms, 1000 / 60, atol=0.2)
    assert gaps_ms.std() > 0.005, "stamps tremble as much as they say"
    first = frames[0]
    assert first.clock == "camera"
    assert first.t_sigma_ns == 20_000
    assert first.image.shape == (96, 160, 3)
    assert first.image.dtype == np.uint8
    assert not first.image.flags.writeable


def test_slow_sink_loses_frames_and_they_are_counted(camera: SimulatedCamera) -> None:
    buffered = SETTINGS.buffer_frames
    collector = Collector(nap_at=2, nap_s=(buffered + 12) / 60)
    camera.start(collector, every_frame=True)
    collector.wait(lambda: collector.frames[-1:] != [] and collector.frames[-1].index > 45)
    statistics = camera.stop()
    indices = [frame.index for frame in collector.frames]
    lost = [frame.lost_before for frame in collector.frames]
    assert np.diff([-1, *indices]).tolist() == [count + 1 for count in lost]
    assert statistics.lost == sum(lost) >= 10
    gap = lost.index(max(lost))
    assert indices[gap - 1] == 2 + buffered, "the buffer holds as many as it should"


def test_short_delay_is_buffered(camera: SimulatedCamera) -> None:
    for _ in range(20):
        collector = Collector(nap_at=2, nap_s=8 / 60)
        camera.start(collector, every_frame=True)
        frames = collector.wait_for(20)
        statistics = camera.stop()
        if collector.napped_s < 12 / 60:  # a busy machine may wake it much later
            break
    assert [frame.index for frame in frames] == list(range(20))
    assert statistics.lost == 0


def test_live_view_skips_to_the_newest(camera: SimulatedCamera) -> None:
    collector = Collector(nap_at=0, nap_s=0.5)
    camera.start(collector, every_frame=False)
    frames = collector.wait_for(3)
    assert frames[1].index > 20
    assert camera.stop().lost == 0
    assert all(frame.lost_before == 0 for frame in frames)


def test_no_call_to_the_sink_after_stop(camera: SimulatedCamera) -> None:
    collector = Collector()
    camera.start(collector, every_frame=True)
    collector.wait_for(3)
    delivered = camera.stop().delivered
    assert len(collector.frames) == delivered
    camera.start(collector, every_frame=True)
    collector.wait_for(delivered + 1)
    assert collector.frames[delivered].index == 0


def test_damaged_images_and_unplugging(camera: SimulatedCamera) -> None:
    camera.faults = CameraFaults(incomplete=frozenset({3, 4}), unplugged_at=8)
    collector = Collector()
    camera.start(collector, every_frame=True)
    frames = collector.wait_for(6)
    assert [frame.index for frame in frames] == [0, 1, 2, 5, 6, 7]
    assert frames[3].lost_before == 2
    while camera.statistics().delivered < 6:
        time.sleep(0.001)
    assert camera.statistics().incomplete == 2
    with pytest.raises(ConnectionLost, match="camera is gone"):
        camera.stop()


def test_settings_are_checked_and_rounded(camera: SimulatedCamera) -> None:
    taken = camera.configure(CameraSettings(50.0004, 1.0, 60.0))
    assert (taken.exposure_ms, taken.gain_db, taken.fps) == (50.0, 1.0, 20.0)
    with pytest.raises(LimitExceeded, match="exposure to 0 ms"):
        camera.configure(CameraSettings(0.0, 0.0, 30.0))
    with pytest.raises(LimitExceeded, match="frame rate to 3000"):
        camera.configure(CameraSettings(5.0, 0.0, 3000.0))
    assert camera.settings == taken


def test_the_shape_of_the_images_can_be_chosen(camera: SimulatedCamera) -> None:
    before = camera.settings
    region = Region(8, 4, 40, 30)
    taken = camera.configure(replace(before, pixel_format="Mono8", binning=2, region=region))
    assert (taken.binning, taken.region) == (2, region)
    caps = camera.caps
    assert (caps.width, caps.height, caps.colour) == (40, 30, False)
    collector = Collector()
    camera.start(collector, every_frame=True)
    assert collector.wait_for(1)[0].image.shape == (30, 40)
    with pytest.raises(Rejected, match="the camera runs"):
        camera.configure(replace(taken, binning=1))
    camera.stop()
    # Unbinned again, it still looks at the same part of the sensor.
    assert camera.configure(replace(before, region=None)).region == Region(16, 8, 80, 60)
    camera.configure(before)


def test_closed_camera_refuses_to_start() -> None:
    with pytest.raises(ConnectionLost, match="not open"):
        SimulatedMicroscope(SETTINGS).camera.start(print, every_frame=True)


def test_driver_and_truth_agree_on_a_sweep(
    looking: SimulatedMicroscope, camera: SimulatedCamera
) -> None:
    stage = connect(looking)
    try:
        stage.move_to(z_um=380.0).wait(20)
        stage.move_to(z_um=400.0).wait(20)
        samples = []
        stage.subscribe(samples.append)
        collector = Collector()
        camera.start(collector, every_frame=True)
        stage.sweep_z(460.0, 30.0).wait(20)
        end_ns = time.monotonic_ns()
        collector.wait(
            lambda: collector.frames[-1:] != [] and collector.frames[-1].t_mid_ns > end_ns
        )
        camera.stop()
    finally:
        stage.close()
    moving = [sample for sample in samples if sample.moving]
    assert len(moving) > 10
    truth = looking.truth
    errors = [sample.z_um - truth.z_at(sample.t_ns) for sample in moving]
    slack = [30e-9 * sample.t_sigma_ns + 0.2 for sample in moving]
    assert np.all(np.abs(errors) < slack)
    frames = [frame for frame in collector.frames if 405 < truth.z_at(frame.t_mid_ns) < 455]
    # A frame shows the slide at its true z: it is most like the noise-free picture there.
    x, y, _ = truth.position_at(end_ns)
    for frame in frames[:: max(len(frames) // 4, 1)]:
        z = truth.z_at(frame.t_mid_ns)
        distance = {
            shift: np.abs(truth.picture(x, y, z + shift).astype(float) - frame.image).mean()
            for shift in (-4.0, 0.0, 4.0)
        }
        assert min(distance, key=distance.__getitem__) == 0.0


def test_true_mean_z_of_an_exposure_is_that_of_its_middle_at_rest(
    looking: SimulatedMicroscope,
) -> None:
    now_ns = time.monotonic_ns()
    mean = looking.truth.mean_z(now_ns, now_ns + 4_000_000)
    assert mean == pytest.approx(looking.truth.z_at(now_ns + 2_000_000), abs=0.02)


def test_all_in_focus_is_sharper_than_any_picture(looking: SimulatedMicroscope) -> None:
    truth = looking.truth
    fused = truth.all_in_focus(*HERE)
    heights = truth.height_map(*HERE)
    pictures = [truth.picture(*HERE, z) for z in np.arange(405.0, 460.0, 1.0).tolist()]
    assert tenengrad(fused) > 1.02 * max(tenengrad(picture) for picture in pictures)
    glass = np.isclose(heights, SETTINGS.glass_z_um, atol=1e-3)
    assert 0.4 < glass.mean() < 1.0
    on_glass = truth.picture(*HERE, SETTINGS.glass_z_um)
    np.testing.assert_array_equal(fused[glass], on_glass[glass])


def test_best_focus_is_where_pictures_are_sharpest(looking: SimulatedMicroscope) -> None:
    best = looking.truth.best_focus_z(*HERE)
    zs = np.arange(400.0, 460.0, 0.25)
    sharpness = [tenengrad(looking.truth.picture(*HERE, z)) for z in zs.tolist()]
    assert best == pytest.approx(zs[int(np.argmax(sharpness))], abs=1.0)


def test_moving_in_xy_shows_another_part(looking: SimulatedMicroscope) -> None:
    truth, pixel_um = looking.truth, SETTINGS.pixel_um
    here = truth.picture(*HERE, 412.3)
    there = truth.picture(HERE[0] + 20 * pixel_um, HERE[1], 412.3)
    assert np.abs(here[:, 20:].astype(int) - there[:, :-20]).mean() < 1.0
    assert np.abs(here.astype(int) - there).mean() > 3.0


def test_motion_across_the_field_smears_the_picture(looking: SimulatedMicroscope) -> None:
    scene = looking.scene()
    path = [(HERE[0] + shift, HERE[1], 413.0) for shift in np.linspace(0, 8, 9).tolist()]
    still, moving = scene.radiance(path[:1]), scene.radiance(path)
    across = [np.abs(np.diff(picture, axis=1)).mean() for picture in (still, moving)]
    along = [np.abs(np.diff(picture, axis=0)).mean() for picture in (still, moving)]
    assert across[1] / across[0] < 0.8 * along[1] / along[0]


def test_tilted_glass_lies_higher_at_one_end() -> None:
    microscope = SimulatedMicroscope(replace(SETTINGS, tilt=(1e-3, 0.0)))
    heights = [microscope.truth.height_map(x, 0.0).min() for x in (0.0, 40_000.0)]
    assert heights == pytest.approx([392.3, 432.3], abs=1e-3)


def test_seed_decides_everything() -> None:
    def picture(seed: int) -> np.ndarray:
        return SimulatedMicroscope(replace(SETTINGS, seed=seed)).truth.all_in_focus(*HERE)

    one = picture(5)
    np.testing.assert_array_equal(one, picture(5))
    assert not np.array_equal(one, picture(6))


@pytest.mark.parametrize(("na", "pixel_um"), [(0.1, 0.86), (0.8, 0.069)])
def test_other_objectives(na: float, pixel_um: float) -> None:
    settings = replace(SETTINGS, na=na, pixel_um=pixel_um)
    truth = SimulatedMicroscope(settings).truth
    best = truth.best_focus_z(*HERE)
    depth_um = settings.optics.depth_of_field_um
    assert -depth_um < best - settings.glass_z_um < 10 * depth_um
    near, far = (tenengrad(truth.picture(*HERE, best + d * depth_um)) for d in (0.0, 8.0))
    assert near > 1.5 * far
