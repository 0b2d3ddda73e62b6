"""A microscope in virtual time: no firmware, no threads, the same course every time.

For trials of many runs. It has the true motion, optics and sensor of the simulated microscope;
what it leaves out is the wire protocol and the threads of the drivers.
"""

from __future__ import annotations

from collections.abc import Callable

from drivers.simulated.motion import StageMotion, Tremor
from drivers.simulated.scene import Scene
from drivers.simulated.sensor import Sensor
from drivers.simulated.settings import SimulationSettings
from drivers.simulated.truth import Truth
from drivers.simulated.virtual_camera import UsbTiming, VirtualCamera
from drivers.simulated.virtual_stage import SerialTiming, VirtualStage
from drivers.simulated.virtual_time import VirtualTime


class VirtualMicroscope:
    """Owns a slide, a stage and a camera that share a virtual time.

    Parameters
    ----------
    settings : SimulationSettings
    serial : SerialTiming
        Of the line to the stage.
    usb : UsbTiming
        Of the line to the camera.
    scene : callable, optional
        Returns the slide; without one the camera delivers black frames.
    """

    def __init__(
        self,
        settings: SimulationSettings,
        serial: SerialTiming | None = None,
        usb: UsbTiming | None = None,
        scene: Callable[[], Scene] | None = None,
    ) -> None:
        self.time = VirtualTime()
        upper_x, upper_y, upper_z = settings.travel_um
        self._motion = StageMotion(
            settings.start_um,
            settings.backlash_um,
            ((0.0, upper_x), (0.0, upper_y), (0.0, upper_z)),
            Tremor(settings.tremor_um, settings.seed),
        )
        sensor = Sensor(settings)
        self.stage = VirtualStage(self.time, self._motion, settings, serial or SerialTiming())
        self.camera = VirtualCamera(
            self.time, settings, usb or UsbTiming(), self._motion, scene, sensor
        )
        self.truth = Truth(self._motion, scene or self._no_scene, sensor)

    def _no_scene(self) -> Scene:
        raise LookupError("this virtual microscope has no slide")
