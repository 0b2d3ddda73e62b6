"""What the window shows of a microscope, and what it is told about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from app.acquisition.events import Finished, Phase
from app.acquisition.operator_settings import OperatorSettings
from app.acquisition.sweep_setup import SweepRange
from app.orientation import Orientation
from app.profiles import MicroscopeProfile
from app.window.jog import Point
from app.window.trouble import Trouble
from drivers.camera import CameraCaps, CameraSettings
from drivers.stage import StageCaps, StopReport


class Link(Enum):
    """Whether there is a microscope to work with."""

    CONNECTING = "connecting"
    HOMING = "homing"
    READY = "ready"
    LOST = "lost"
    CLOSING = "closing"


@dataclass(frozen=True, slots=True)
class CameraView:
    """What the window shows of the camera, as it was last told."""

    name: str
    caps: CameraCaps
    settings: CameraSettings


@dataclass(frozen=True, slots=True)
class ControlState:
    """What the window shows of the microscope, the stage's own state apart."""

    link: Link = Link.CONNECTING
    microscope: str = ""
    objective: str = ""
    pixel_um: float | None = None
    depth_of_field_um: float | None = None
    caps: StageCaps | None = None
    capturing: bool = False
    z_range: SweepRange = field(default_factory=SweepRange)
    profile: MicroscopeProfile | None = None
    """With the objective and the step that the operator has chosen."""
    camera: CameraView | None = None
    camera_busy: str = ""
    """What is being found: ``exposure`` or ``balance``; empty otherwise."""
    zero: Point = field(default_factory=Point)
    """What the operator counts from, in the stage's coordinates."""
    settings: OperatorSettings = field(default_factory=OperatorSettings)
    free_bytes: int | None = None
    """Space for frames on the disk of the captures folder; None where nobody knows."""

    @property
    def orientation(self) -> Orientation:
        """How the picture lies on the stage's axes."""
        return Orientation() if self.profile is None else self.profile.camera.orientation


@dataclass(frozen=True, slots=True)
class StopDone:
    """The stage has been stopped."""

    report: StopReport


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the operator may want to know; nothing is wrong."""

    text: str


@dataclass(frozen=True, slots=True)
class ScanOver:
    """A slide scan has ended."""

    phase: Phase
    """DONE, CANCELLED or FAILED."""
    fused: int
    """How many fields have a fused image."""
    total: int


@dataclass(frozen=True, slots=True)
class Closed:
    """Everything has been shut down."""


ControlEvent = ControlState | Trouble | StopDone | Notice | Finished | ScanOver | Closed
