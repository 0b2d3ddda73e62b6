"""What the window shows of a microscope, and what it is told about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from app.acquisition.events import Finished
from app.window.trouble import Trouble
from drivers.stage import StageCaps, StopReport


class Link(Enum):
    """Whether there is a microscope to work with."""

    CONNECTING = "connecting"
    HOMING = "homing"
    READY = "ready"
    LOST = "lost"
    CLOSING = "closing"


@dataclass(frozen=True, slots=True)
class ZRange:
    """What the operator wants to have swept; the autofocus decides unless both ends are set."""

    bottom_um: float | None = None
    top_um: float | None = None

    @property
    def span_um(self) -> tuple[float, float] | None:
        """Both ends, or None where one is missing."""
        if self.bottom_um is None or self.top_um is None:
            return None
        return self.bottom_um, self.top_um


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
    z_range: ZRange = ZRange()


@dataclass(frozen=True, slots=True)
class StopDone:
    """The stage has been stopped."""

    report: StopReport


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the operator may want to know; nothing is wrong."""

    text: str


@dataclass(frozen=True, slots=True)
class Closed:
    """Everything has been shut down."""


ControlEvent = ControlState | Trouble | StopDone | Notice | Finished | Closed
