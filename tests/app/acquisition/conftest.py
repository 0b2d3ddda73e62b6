from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from app.acquisition.microscope import Microscope, mount_simulation
from app.profiles import MicroscopeProfile, SimulationProfile, load_profile
from drivers.simulated.faults import CameraFaults, FaultScript
from drivers.simulated.microscope import SimulatedMicroscope
from drivers.simulated.settings import SimulationSettings
from models.wearif.model import StreamingWearIF
from models.wearif.weights import load_model

_SAFETY = pytest.StashKey[list[tuple[str, ...]]]()
_SAFETY_HEAD = ("fault in mid-sweep", "stage", "operator reads", "readable", "reconnected")


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print as Markdown what became of each fault, where that was tested and ``-v`` is given."""
    rows = config.stash.get(_SAFETY, [])
    if rows and config.option.verbose > 0:
        terminalreporter.section("safety")
        for row in (_SAFETY_HEAD, ("---",) * len(_SAFETY_HEAD), *rows):
            terminalreporter.write_line(f"| {' | '.join(row)} |")


@pytest.fixture(scope="session")
def safety_row(pytestconfig: pytest.Config) -> Callable[..., None]:
    """Takes down a line of the safety table."""
    rows = pytestconfig.stash.setdefault(_SAFETY, [])
    return lambda *cells: rows.append(cells)


Simulate = Callable[..., Microscope]


@pytest.fixture(scope="session")
def profile() -> MicroscopeProfile:
    """The shipped simulated microscope with a small camera, so that slides are made quickly.

    It sweeps at half the speed: a busy machine may hold the program up for a second, and is to
    read positions enough all the same.
    """
    shipped = load_profile("simulated")
    small = SimulationProfile(seed=1, width=192, height=128)
    slow = shipped.camera.model_copy(update={"fps": 15.0})
    return shipped.model_copy(update={"simulation": small, "camera": slow})


@pytest.fixture(scope="session")
def simulate() -> Simulate:
    """Makes a simulated microscope of a profile, not connected yet; takes faults."""
    return _simulate


def _simulate(
    profile: MicroscopeProfile,
    stage_faults: FaultScript | None = None,
    camera_faults: CameraFaults | None = None,
) -> Microscope:
    settings = SimulationSettings(
        seed=profile.simulation.seed,
        width=profile.simulation.width,
        height=profile.simulation.height,
        pixel_um=profile.pixel_um,
        slide_fields=(1.0, 1.0),
    )
    return mount_simulation(profile, SimulatedMicroscope(settings, stage_faults, camera_faults))


@pytest.fixture(scope="session")
def homed(profile: MicroscopeProfile) -> Iterator[Microscope]:
    with _simulate(profile) as microscope:
        microscope.stage.home().wait(60)
        yield microscope


@pytest.fixture
def microscope(homed: Microscope) -> Iterator[Microscope]:
    """A homed microscope that stands well below its upper limit, the same for all tests."""
    homed.stage.move_to(z_um=500).wait(30)
    yield homed
    homed.stage.stop()


@pytest.fixture(scope="session")
def model() -> StreamingWearIF:
    model = load_model()
    assert isinstance(model, StreamingWearIF)
    return model
