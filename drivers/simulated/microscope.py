"""The simulated microscope: a stage behind a socket, a camera, and the truth about both."""

from __future__ import annotations

import threading
from dataclasses import replace
from types import TracebackType
from typing import Self

from drivers.simulated.camera import SimulatedCamera
from drivers.simulated.faults import CameraFaults, FaultScript
from drivers.simulated.grbl_firmware import GrblFirmware
from drivers.simulated.motion import StageMotion, Tremor
from drivers.simulated.scene import Scene
from drivers.simulated.sensor import Sensor
from drivers.simulated.settings import SimulationSettings
from drivers.simulated.truth import Truth


class SimulatedMicroscope:
    """Owns a slide, the optics, a stage with its firmware, and a camera.

    The slide is laid out and rendered when the camera is opened, or the truth is asked, for the
    first time.

    Parameters
    ----------
    settings : SimulationSettings
        What it is made of.
    stage_faults : FaultScript
        What goes wrong with the stage after each connection.
    camera_faults : CameraFaults
        What goes wrong with the camera.
    """

    def __init__(
        self,
        settings: SimulationSettings | None = None,
        stage_faults: FaultScript | None = None,
        camera_faults: CameraFaults | None = None,
    ) -> None:
        self.settings = settings or SimulationSettings()
        self._scene: Scene | None = None
        self._scene_lock = threading.Lock()
        upper_x, upper_y, upper_z = self.settings.travel_um
        self._motion = StageMotion(
            self.settings.start_um,
            self.settings.backlash_um,
            ((0.0, upper_x), (0.0, upper_y), (0.0, upper_z)),
            Tremor(self.settings.tremor_um, self.settings.seed),
        )
        sensor = Sensor(self.settings)
        self.firmware = GrblFirmware(self._motion, self.settings, stage_faults)
        self.camera = SimulatedCamera(
            self.settings, self._motion, self.scene, sensor, camera_faults
        )
        self.truth = Truth(self._motion, self.scene, sensor)

    @property
    def stage_url(self) -> str:
        """Where a Grbl driver finds the stage, such as ``"socket://127.0.0.1:40123"``."""
        return self.firmware.url

    def scene(self) -> Scene:
        """Return the slide under the microscope; the first call takes some seconds."""
        with self._scene_lock:
            if self._scene is None:
                self._scene = Scene(self.settings)
            return self._scene

    def turn_turret(self, magnification: float, na: float) -> None:
        """Swing another objective in; the camera shows it when it is opened again."""
        with self._scene_lock:
            sensor_pixel_um = self.settings.sensor_pixel_um
            self.settings = replace(
                self.settings,
                magnification=magnification,
                na=na,
                pixel_um=sensor_pixel_um / magnification,
            )
            self._scene = None

    def start(self) -> None:
        """Power the stage's controller."""
        self.firmware.start()

    def close(self) -> None:
        """Stop the camera and the stage's controller; harmless when not started."""
        self.camera.close()
        self.firmware.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
