"""One image that a simulated sensor takes of a stage that may be moving."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drivers.camera import CameraSettings
from drivers.simulated.motion import StageMotion
from drivers.simulated.readout import read_out
from drivers.simulated.scene import Scene
from drivers.simulated.sensor import Sensor

_PATH_STEPS = 8
"""In how many straight pieces the stage's path is cut during an exposure."""


@dataclass(frozen=True, slots=True)
class Exposure:
    """When and how one image is taken."""

    index: int
    t_start_ns: int
    t_end_ns: int
    t_ready_ns: int
    """When the image is in the computer."""
    settings: CameraSettings


def take_picture(
    exposure: Exposure, motion: StageMotion, scene: Scene, sensor: Sensor
) -> NDArray[np.uint8]:
    """Return the image of one exposure as the camera delivers it; nobody can write to it."""
    times = np.linspace(exposure.t_start_ns, exposure.t_end_ns, _PATH_STEPS + 1)
    path = [motion.position_at(int(t_ns)) for t_ns in times]
    settings = exposure.settings
    image = read_out(
        sensor.expose(scene.radiance(path), settings.exposure_ms, settings.gain_db, exposure.index),
        settings,
    )
    image.flags.writeable = False
    return image
