"""Opens the setup, and gives the window its microscope back afterwards."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from app.acquisition.microscope import open_microscope
from app.profiles import MicroscopeProfile, load_profile
from app.window.control import MicroscopeControl
from app.window.control_state import Link
from app.window.setup_sheet import CLOSE_TIMEOUT_S, SetupSheet

LET_GO_TIMEOUT_S = 20.0


class SetupDesk(QObject):
    """One setup at a time.

    Parameters
    ----------
    control : MicroscopeControl
        Of the window's own microscope; it is given back when the setup needs a device.
    window : QWidget
    folder : Path, optional
        Where profiles are saved.
    """

    def __init__(
        self, control: MicroscopeControl, window: QWidget, folder: Path | None = None
    ) -> None:
        super().__init__(window)
        self._control = control
        self._window = window
        self._folder = folder
        self.sheet: SetupSheet | None = None

    def callbacks(self) -> dict[str, Callable[[], None]]:
        """Return what the commands do, by their keys."""
        return {"setup": self.open}

    def open(self) -> None:
        """Show the setup, begun from the present microscope's profile."""
        if self.sheet is None:
            profile = self._control.state.profile or load_profile("simulated")
            self.sheet = SetupSheet(profile, self._let_go, self._window, self._folder)
            self.sheet.used.connect(self._use)
            self.sheet.ended.connect(self._take_back)
        self.sheet.bring()

    def stop(self) -> None:
        """Stop what moves for the setup."""
        if self.sheet is not None:
            self.sheet.control.stop()

    def close(self) -> None:
        """End the setup's thread."""
        if self.sheet is not None:
            self.sheet.control.close(CLOSE_TIMEOUT_S)

    def _let_go(self) -> None:
        if self._control.state.link is not Link.LOST:
            self._control.let_go(LET_GO_TIMEOUT_S)

    @Slot(object)
    def _use(self, profile: MicroscopeProfile) -> None:
        self._control.use(lambda: open_microscope(profile))

    @Slot()
    def _take_back(self) -> None:
        if self._control.state.link is Link.LOST:
            self._control.connect()
