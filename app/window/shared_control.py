"""What the parts of the controls share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from app.window.control_state import ControlState

if TYPE_CHECKING:
    from app.acquisition.microscope import Microscope


class Change(Protocol):
    """Changes fields of the state and tells the window."""

    def __call__(self, **changes: Any) -> None:  # noqa: ANN401 - fields of ControlState
        """Change them."""
        ...


@dataclass(frozen=True, slots=True)
class SharedControl:
    """One microscope, seen from a part of the controls."""

    submit: Callable[[Callable[[], None]], None]
    """Does a task after those that wait, on the thread that may ask the hardware."""
    microscope: Callable[[], Microscope | None]
    state: Callable[[], ControlState]
    change: Change
    notice: Callable[[str], None]
    report: Callable[[Exception, str], None]
    """Gets an error and what was attempted."""
