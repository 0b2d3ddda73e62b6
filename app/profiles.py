"""Profiles: a microscope as its operator describes it, in one TOML file.

Shipped profiles lie in ``resources/microscopes``; the operator's own ones in the user's
configuration folder, where one of the same name goes first.
"""

from __future__ import annotations

import os
import tempfile
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Final, Literal

import tomli_w
from platformdirs import user_config_path
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeInt,
    PositiveInt,
    ValidationError,
    model_validator,
)

from app.orientation import Orientation, QuarterTurn
from drivers.toml_file import TomlError, read_toml

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Finite = Annotated[float, Field(allow_inf_nan=False)]


SERIAL_DRIVERS: Final = ("grbl", "zaber", "prior", "asi", "tango", "declared")
"""Stages that are reached through a serial port, or its likeness."""


WAVELENGTH_UM = 0.55
"""Green light, where the eye and a Bayer sensor see best."""


ENGRAVING_SIGMA: Final = 0.05 / 3**0.5
"""Of a magnification as engraved: evenly spread within the ±5 % that ISO 8039 allows."""
TYPED_SIGMA: Final = 0.01
"""Of a pixel that somebody typed in: some lines of a ruling, measured by eye."""


class ProfileError(Exception):
    """A profile cannot be read or written; the message is one line: file, field, reason."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Objective(_Model):
    """One objective, as engraved on its barrel."""

    name: str = Field(min_length=1)
    magnification: Positive
    na: Positive
    """Numerical aperture; below ``immersion_index``."""
    immersion_index: Annotated[float, Field(ge=1.0, le=2.0)] = 1.0
    """Refractive index between the front lens and the slide: air 1, oil 1.515."""
    object_pixel_um: Positive | None = None
    """The side of a pixel at the object, not binned, as measured with this objective; not set
    where nobody has measured it: then the engraved magnification counts."""
    object_pixel_sigma_um: NotNegative | None = None
    """Standard deviation of ``object_pixel_um``; not set where somebody just typed that in."""

    @model_validator(mode="after")
    def _aperture_below_index(self) -> Objective:
        if self.na >= self.immersion_index:
            msg = f"na {self.na:g} must be below immersion_index {self.immersion_index:g}"
            raise ValueError(msg)
        return self


class AxisProfile(_Model):
    """How one axis of the stage is mounted."""

    um_per_unit: Positive | None = None
    """µm that the axis moves for one unit of the controller, such as GRBL's "millimetre"; not set
    where the driver knows it (1000 for GRBL) or reads it from the controller."""
    direction: Literal[1, -1] = 1
    """-1 where the controller counts against the microscope's own axis."""
    offset_um: Finite = 0.0
    """The microscope's coordinate where the controller reads 0."""
    lower_um: Finite | None = None
    upper_um: Finite | None = None
    """Soft limits in the microscope's own frame; they only narrow the controller's."""
    backlash_um: NotNegative = 0.0
    """Lost motion on reversal; every approach takes it up."""
    address: str = ""
    """Which of the controller's axes this is, such as ``"2 1"`` for axis 1 of a chain's second
    Zaber device; not set for the usual one."""
    full_speed_um_per_s: Positive | None = None
    """Speed of ordinary moves: 100 % of a Prior; set in a TANGO or an old Zaber on connecting, so
    that no slow sweep that a crash cut short goes on to slow everything."""

    @model_validator(mode="after")
    def _lower_below_upper(self) -> AxisProfile:
        if self.lower_um is None or self.upper_um is None or self.lower_um < self.upper_um:
            return self
        msg = f"lower_um {self.lower_um:g} must be below upper_um {self.upper_um:g}"
        raise ValueError(msg)


class StageProfile(_Model):
    """The stage and how to reach it."""

    driver: Literal[
        "grbl", "zaber", "prior", "asi", "tango", "declared", "micromanager", "simulated"
    ]
    url: str = ""
    """Serial port or pyserial URL: ``COM3``, ``/dev/ttyACM0``, ``socket://host:port``."""
    baud: Annotated[int, Field(gt=0)] | None = None
    """Not set for the controller's usual rate."""
    controller: str = ""
    """For the driver ``declared``: the file that declares the controller, or its name."""
    x: AxisProfile = AxisProfile()
    y: AxisProfile = AxisProfile()
    z: AxisProfile = AxisProfile()
    poll_hz: Annotated[float, Field(ge=2, le=100)] = 40.0
    """Position read-backs per second while moving; Grbl's documentation recommends 5 to 20."""
    dtr: bool = False
    """Raise the control lines on opening; only boards with native USB need it."""
    settle_s: NotNegative = 0.1
    """Time that vibrations need to die away after the axis has reached its speed."""
    z_lag_ms: Finite = 0.0
    """How much the read-back of z is late, seen from the camera; `wearif calibrate` measures it."""
    z_lag_sigma_ms: NotNegative | None = None
    """How well ``z_lag_ms`` is known; not set where nobody has measured it."""
    z_vibration_um: NotNegative = 0.02
    """RMS trembling of z at constant speed, which the read-back does not show."""

    @model_validator(mode="after")
    def _has_a_port(self) -> StageProfile:
        if self.driver in SERIAL_DRIVERS and not self.url:
            msg = f"url must name the serial port of a {self.driver} stage, such as COM3 or"
            raise ValueError(f"{msg} /dev/ttyACM0")
        if (self.driver == "declared") != bool(self.controller):
            msg = "controller must name a file or a shipped controller, and needs driver declared"
            raise ValueError(msg)
        return self


class CameraProfile(_Model):
    """The camera and its everyday settings."""

    driver: Literal["basler", "uvc", "micromanager", "simulated"]
    serial: str = ""
    """Serial number; empty takes the first camera found. Of a uvc camera its number (``0``), its
    device (``/dev/video0``), a part of its name, or the address of a stream."""
    pixel_um: Positive
    """Pitch of the sensor's pixels."""
    exposure_ms: Positive = 5.0
    gain_db: NotNegative = 0.0
    fps: Positive = 30.0
    white_balance: tuple[Positive, Positive, Positive] | None = None
    """Factors on red, green and blue; as the camera has them by default."""
    black_level: NotNegative | None = None
    """In the camera's own steps."""
    pixel_format: str | None = None
    """Such as ``Mono12`` or ``BayerRG8``; by default 8 bits, in colour if the camera has it."""
    binning: Annotated[int, Field(ge=1, le=8)] = 1
    """Pixels of a side that the camera puts together into one."""
    region: tuple[NonNegativeInt, NonNegativeInt, PositiveInt, PositiveInt] | None = None
    """Left, top, width and height of the part that is read out, in binned pixels."""
    rotation_deg: QuarterTurn = 0
    """By how much the picture, mirrored if it is, has to be turned clockwise so that x of the stage
    grows to the right and y downwards; `wearif calibrate` and the setup measure it."""
    mirrored: bool = False
    """Whether left and right of the picture have to be exchanged first, as behind a mirror."""

    @property
    def orientation(self) -> Orientation:
        """How the picture lies on the stage's axes."""
        return Orientation(self.rotation_deg, self.mirrored)

    @property
    def image_pixel_um(self) -> float:
        """Pitch of the pixels of an image, binned as they are."""
        return self.pixel_um * self.binning


class MicroManagerProfile(_Model):
    """A Micro-Manager configuration that the stage, the camera or both come from."""

    configuration: str = Field(min_length=1)
    """The ``.cfg`` file that Micro-Manager's hardware wizard has written."""
    adapters: str = ""
    """Folder of the device adapters; not set where `mmcore install` or Micro-Manager put them."""
    z_speed_property: str = ""
    """The focus device's property that sets its speed; not set where its name and unit say so."""
    z_speed_um_per_s: Positive = 1.0
    """Speed that the value 1 of it stands for: 1000 where it is in mm/s."""
    z_speed_is_pace: bool = False
    """Whether the value is a time: twice the value is half the speed."""


class SimulationProfile(_Model):
    """What the simulated microscope looks at; ignored by real hardware."""

    seed: Annotated[int, Field(ge=0)] = 1
    width: Annotated[int, Field(ge=64, le=4096)] = 910
    height: Annotated[int, Field(ge=64, le=4096)] = 512


class MicroscopeProfile(_Model):
    """One microscope: a stage, a camera and the objectives on its turret."""

    name: str = Field(min_length=1, pattern=r"^[^/\\:*?\"<>|]+$")
    stage: StageProfile
    camera: CameraProfile
    objectives: Annotated[tuple[Objective, ...], Field(min_length=1)]
    objective: str
    """The name of the one in use."""
    step_fraction: Annotated[float, Field(gt=0, le=1.0)] = 0.5
    """Distance between frames of a sweep, as a share of the depth of field."""
    autofocus_range_um: Positive = 150.0
    """How far below and above the present z the autofocus looks first."""
    wavelength_um: Annotated[float, Field(ge=0.2, le=2.0)] = WAVELENGTH_UM
    """Of the light, or where the camera sees most of it; decides over the depth of field."""
    particle_height_um: Positive = 50.0
    """No particle on a slide is thicker."""
    micromanager: MicroManagerProfile | None = None
    """For the driver ``micromanager``."""
    simulation: SimulationProfile = SimulationProfile()

    @model_validator(mode="after")
    def _micromanager_has_a_configuration(self) -> MicroscopeProfile:
        wanted = "micromanager" in (self.stage.driver, self.camera.driver)
        if wanted != (self.micromanager is not None):
            msg = "a [micromanager] section is needed for the driver micromanager, and only there"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _objective_is_on_the_turret(self) -> MicroscopeProfile:
        names = [each.name for each in self.objectives]
        if len(set(names)) != len(names):
            msg = f"objectives must have different names, not {', '.join(names)}"
            raise ValueError(msg)
        if self.objective not in names:
            msg = f"objective {self.objective!r} is none of {', '.join(names)}"
            raise ValueError(msg)
        return self

    @property
    def current_objective(self) -> Objective:
        """The objective in use."""
        return next(each for each in self.objectives if each.name == self.objective)

    @property
    def pixel_um(self) -> float:
        """The side of a pixel at the object: measured, or by the engraved magnification."""
        measured_um = self.current_objective.object_pixel_um
        if measured_um is not None:
            return measured_um * self.camera.binning
        return self.camera.image_pixel_um / self.current_objective.magnification

    @property
    def pixel_sigma_um(self) -> float:
        """How well `pixel_um` is known: one standard deviation."""
        objective = self.current_objective
        if objective.object_pixel_um is None:
            return ENGRAVING_SIGMA * self.pixel_um
        if objective.object_pixel_sigma_um is None:
            return TYPED_SIGMA * self.pixel_um
        return objective.object_pixel_sigma_um * self.camera.binning

    @property
    def is_simulated(self) -> bool:
        """Whether the stage and the camera are those of the simulated microscope."""
        return self.stage.driver == "simulated"

    @model_validator(mode="after")
    def _simulated_altogether_or_not_at_all(self) -> MicroscopeProfile:
        if (self.stage.driver == "simulated") != (self.camera.driver == "simulated"):
            msg = "stage.driver and camera.driver must both be simulated, or neither"
            raise ValueError(msg)
        return self


def profiles_folder() -> Path:
    """Return where the operator's own profiles lie; it need not exist."""
    return user_config_path("wearif", appauthor=False) / "microscopes"


def controllers_folder() -> Path:
    """Return where the operator's own declarations of controllers lie; it need not exist."""
    return user_config_path("wearif", appauthor=False) / "controllers"


def shipped_folder() -> Path:
    """Return where the profiles lie that come with the program."""
    return Path(str(files("resources"))) / "microscopes"


def available_profiles(folder: Path | None = None) -> dict[str, Path]:
    """Return every profile by its file's stem, the operator's own before shipped ones."""
    found: dict[str, Path] = {}
    for place in (shipped_folder(), folder or profiles_folder()):
        found.update({path.stem: path for path in sorted(place.glob("*.toml"))})
    return found


def load_profile(path_or_name: Path | str, folder: Path | None = None) -> MicroscopeProfile:
    """Read one profile.

    Parameters
    ----------
    path_or_name : Path or str
        A TOML file, or the name of an own or shipped profile, such as ``"simulated"``.
    folder : Path, optional
        Where own profiles lie; by default `profiles_folder`.

    Raises
    ------
    ProfileError
        No such profile, or a field of it is wrong.
    """
    path = _resolve(path_or_name, folder)
    try:
        return MicroscopeProfile.model_validate(read_toml(path))
    except TomlError as error:
        raise ProfileError(str(error)) from error
    except ValidationError as error:
        raise ProfileError(f"{path}: {_first_reason(error)}") from error


def save_profile(profile: MicroscopeProfile, path: Path) -> None:
    """Write a profile; the old file stays whole until the new one is.

    Raises
    ------
    ProfileError
        The file cannot be written.
    """
    content = tomli_w.dumps(profile.model_dump(mode="json", exclude_none=True))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=".tmp")
        draft = Path(name)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise ProfileError(f"{path}: cannot be written: {error.strerror}") from error


def _resolve(path_or_name: Path | str, folder: Path | None) -> Path:
    if isinstance(path_or_name, Path) or path_or_name.endswith(".toml"):
        return Path(path_or_name)
    known = available_profiles(folder)
    if path_or_name not in known:
        raise ProfileError(f"{path_or_name}: no such profile; there are {', '.join(known)}")
    return known[path_or_name]


def _first_reason(error: ValidationError) -> str:
    """Say in one line which field is wrong and why."""
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"])
    reason = " ".join(first["msg"].removeprefix("Value error, ").split())
    others = error.error_count() - 1
    more = f" (and {others} more)" if others else ""
    return f"{field}: {reason}{more}" if field else f"{reason}{more}"
