"""Everything the operator can ask about the program itself: commands, keys, log, versions."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from app.program_log import ProgramLog
from app.window.about_sheet import AboutSheet
from app.window.command_palette import CommandPalette
from app.window.commands import Actions
from app.window.log_sheet import LogSheet
from app.window.sheet import Sheet


class HelpDesk:
    """Opens sheets, each made when it is asked for the first time.

    Parameters
    ----------
    window : QWidget
    program_log : ProgramLog
    """

    def __init__(self, window: QWidget, program_log: ProgramLog) -> None:
        self._window = window
        self._log = program_log
        self._sheets: dict[str, Sheet] = {}
        self._actions: Actions | None = None

    def callbacks(self) -> dict[str, Callable[[], None]]:
        """Return what the commands do, by their keys."""
        return {
            "palette": lambda: self._open("palette", lambda: self._commands(runs=True)),
            "shortcuts": lambda: self._open("shortcuts", lambda: self._commands(runs=False)),
            "log": lambda: self._open("log", lambda: LogSheet(self._log, self._window)),
            "about": lambda: self._open("about", lambda: AboutSheet(self._window)),
        }

    def begin(self, actions: Actions) -> None:
        """Learn which commands there are."""
        self._actions = actions

    def sheet(self, key: str) -> Sheet | None:
        """Return an open or formerly open sheet."""
        return self._sheets.get(key)

    def _open(self, key: str, make: Callable[[], Sheet]) -> None:
        if key not in self._sheets:
            self._sheets[key] = make()
        self._sheets[key].bring()

    def _commands(self, *, runs: bool) -> CommandPalette:
        if self._actions is None:
            raise RuntimeError("the help desk was asked before it knew the commands")
        return CommandPalette(self._actions, self._window, runs=runs)
