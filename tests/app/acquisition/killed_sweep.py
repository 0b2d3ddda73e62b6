"""A capture to be killed in mid-sweep: says each frame that has been acknowledged."""

from __future__ import annotations

import sys
from pathlib import Path

from app.acquisition.capture_run import CaptureRun
from app.acquisition.events import FrameRecorded
from app.acquisition.microscope import mount_simulation
from app.profiles import SimulationProfile, load_profile
from drivers.simulated.microscope import SimulatedMicroscope
from drivers.simulated.settings import SimulationSettings
from models.wearif.weights import load_model


class Elsewhere(SimulatedMicroscope):
    # A camera of its own; the stage is the firmware in the test's process.
    stage_url = sys.argv[1]

    def start(self):
        pass


small = SimulationProfile(seed=1, width=192, height=128)
profile = load_profile("simulated").model_copy(update={"simulation": small})
settings = SimulationSettings(
    seed=1, width=192, height=128, pixel_um=profile.pixel_um, slide_fields=(1.0, 1.0)
)


def say(event):
    if isinstance(event, FrameRecorded):
        print(event.frame.index, flush=True)


with mount_simulation(profile, Elsewhere(settings)) as microscope:
    microscope.stage.home().wait(60)
    microscope.stage.move_to(z_um=400).wait(30)
    run = CaptureRun(
        microscope, Path(sys.argv[2]), say, model=load_model(), z_range_um=(405.0, 560.0)
    )
    run.run()
