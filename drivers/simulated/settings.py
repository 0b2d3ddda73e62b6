"""What the simulated microscope is made of."""

from __future__ import annotations

from dataclasses import dataclass

from drivers.simulated.motion import Vector
from drivers.simulated.optics import Optics


@dataclass(frozen=True, slots=True)
class SimulationSettings:
    """A microscope with a slide on its stage; everything random in it follows from the seed."""

    seed: int = 1

    width: int = 910
    height: int = 512
    pixel_um: float = 0.4945
    """Side of a pixel at the object."""
    magnification: float = 20.0
    na: float = 0.40
    slide_fields: tuple[float, float] = (1.5, 1.3)
    """Size of the slide in fields, x and y; beyond that it repeats itself."""
    max_particle_um: float = 40.0
    """Height of the tallest particle; lower where the depth of field is very small."""

    glass_z_um: float = 412.3
    """Where the stage has the glass in focus; nobody but `Truth` may know."""
    empty: bool = False
    """Nothing at all lies on the glass, not even dust."""
    lamp: float = 1.0
    """Brightness of the lamp; 0 when somebody forgot to switch it on."""
    tilt: tuple[float, float] = (0.0, 0.0)
    """Slope of the glass along x and y; within one field it counts as flat."""

    exposure_ms: float = 4.0
    """The exposure at which a picture without gain is well exposed."""
    fps: float = 30.0
    noise: bool = True
    full_well: float = 9000.0
    """Photoelectrons of a white pixel."""
    read_noise: float = 6.0
    """Photoelectrons."""
    vignetting: float = 0.03
    """How much darker the corners are than the centre."""
    stamp_sigma_us: float = 20.0
    """Uncertainty of the camera's own time stamps."""
    transfer_ms: float = 5.0
    """From the end of the exposure until the image is in the computer."""
    buffer_frames: int = 16
    """Images that wait for a slow computer before the camera loses any."""

    travel_um: Vector = (40_000.0, 20_000.0, 1000.0)
    um_per_unit: Vector = (1000.0, 1000.0, 100.0)
    """What the firmware calls a millimetre; for z a tenth, which makes slow sweeps possible."""
    step_um: Vector = (1.0, 1.0, 0.05)
    """How far one motor step moves the stage."""
    max_speed_um_per_s: Vector = (20_000.0, 20_000.0, 500.0)
    acceleration_um_per_s2: Vector = (200_000.0, 200_000.0, 5000.0)
    backlash_um: Vector = (0.0, 0.0, 2.0)
    tremor_um: float = 0.02
    """RMS vibration along z."""
    start_um: Vector = (36_000.0, 17_000.0, 700.0)
    """Where the stage stands at power-up, before anybody knows."""
    latency_ms: float = 4.0
    """Round trip of a question to the stage's controller."""
    jitter_ms: float = 1.5
    """Standard deviation of what comes on top."""

    @property
    def optics(self) -> Optics:
        """The objective and the pixels behind it."""
        return Optics(self.na, self.pixel_um)

    @property
    def sensor_pixel_um(self) -> float:
        """Pitch of the sensor's pixels."""
        return self.pixel_um * self.magnification

    @property
    def offset_um(self) -> Vector:
        """Stage position where the controller reads 0: at the homing switches, all the way up.

        So that position in µm = machine position · `um_per_unit` + `offset_um`.
        """
        return self.travel_um

    def grbl_axis_settings(self) -> dict[int, float]:
        """Return Grbl's $100 to $132: steps per unit, units/min, units/s², units of travel."""
        numbers: dict[int, float] = {}
        for axis, unit in enumerate(self.um_per_unit):
            numbers[100 + axis] = unit / self.step_um[axis]
            numbers[110 + axis] = self.max_speed_um_per_s[axis] / unit * 60
            numbers[120 + axis] = self.acceleration_um_per_s2[axis] / unit
            numbers[130 + axis] = self.travel_um[axis] / unit
        return numbers
