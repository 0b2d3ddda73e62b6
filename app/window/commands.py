"""Every command of the window, declared once: menus, buttons and tool tips take them from here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, QObject
from PySide6.QtGui import QAction, QActionGroup, QKeySequence

from app.window.command import Command
from app.window.library_commands import LIBRARY_COMMANDS
from app.window.live_commands import CAMERA_MENU, LIVE_COMMANDS, VIEW_MENU, ZERO_MENU
from app.window.measure_commands import MEASURE_COMMANDS, MEASURE_MENU
from app.window.review_commands import REVIEW_COMMANDS, REVIEW_MENU
from app.window.scan_commands import SCAN_COMMANDS, SCAN_MENU

_T = QT_TRANSLATE_NOOP

COMMANDS: Final = (
    Command(
        "stop",
        _T("commands", "STOP"),
        _T("commands", "Halt all motion at once; works in every state and every dialog"),
        ("Escape", "Space"),
        pad=True,
    ),
    Command(
        "capture",
        _T("commands", "Capture"),
        _T("commands", "Focus, sweep along z and fuse"),
        ("F5", "Ctrl+Return"),
    ),
    Command(
        "cancel",
        _T("commands", "Cancel capture"),
        _T("commands", "Stop the stage and keep what was captured"),
        ("Shift+F5",),
    ),
    Command(
        "home",
        _T("commands", "Home the stage…"),
        _T("commands", "Let the stage find its reference switches; asks first"),
        ("Ctrl+H",),
    ),
    Command(
        "reconnect",
        _T("commands", "Connect again"),
        _T("commands", "Close the microscope and open it anew"),
        ("Ctrl+R",),
    ),
    Command(
        "set_bottom",
        _T("commands", "Set bottom"),
        _T("commands", "Begin the range of the sweep at the present z"),
        ("Ctrl+B",),
    ),
    Command(
        "set_top",
        _T("commands", "Set top"),
        _T("commands", "End the range of the sweep at the present z"),
        ("Ctrl+T",),
    ),
    Command(
        "clear_range",
        _T("commands", "Clear"),
        _T("commands", "Let the autofocus find the range of the sweep"),
        ("Ctrl+Shift+B",),
    ),
    Command(
        "x_left",
        _T("commands", "Move left"),
        _T("commands", "Move left, −x, by the chosen step in µm"),
        ("Left",),
        pad=True,
        symbol="◀",
    ),
    Command(
        "x_right",
        _T("commands", "Move right"),
        _T("commands", "Move right, +x, by the chosen step in µm"),
        ("Right",),
        pad=True,
        symbol="▶",
    ),
    Command(
        "y_up",
        _T("commands", "Move up in the picture"),
        _T("commands", "Move up in the picture, −y, by the chosen step in µm"),
        ("Up",),
        pad=True,
        symbol="▲",
    ),
    Command(
        "y_down",
        _T("commands", "Move down in the picture"),
        _T("commands", "Move down in the picture, +y, by the chosen step in µm"),
        ("Down",),
        pad=True,
        symbol="▼",
    ),
    Command(
        "z_up",
        _T("commands", "Focus up"),
        _T("commands", "Focus up, away from the slide, +z, by the chosen step in µm"),
        ("PgUp",),
        pad=True,
        symbol="▲",
    ),
    Command(
        "z_down",
        _T("commands", "Focus down"),
        _T("commands", "Focus down, toward the slide, −z, by the chosen step in µm"),
        ("PgDown",),
        pad=True,
        symbol="▼",
    ),
    Command(
        "open_folder",
        _T("commands", "Open capture folder…"),
        _T("commands", "Review a capture or a folder of images"),
        ("Ctrl+O",),
    ),
    Command(
        "open_file",
        _T("commands", "Open stack file…"),
        _T("commands", "Review a multi-page TIFF or a video"),
        ("Ctrl+Shift+O",),
    ),
    Command(
        "export",
        _T("commands", "Export…"),
        _T("commands", "Write fused image, weights and height map to a folder"),
        ("Ctrl+E",),
    ),
    Command(
        "quit", _T("commands", "Quit"), _T("commands", "Stop the stage and close"), ("Ctrl+Q",)
    ),
    Command(
        "page_live", _T("commands", "Live"), _T("commands", "Live picture and capture"), ("F2",)
    ),
    Command("page_review", _T("commands", "Review"), _T("commands", "Look at a stack"), ("F3",)),
    Command("fit", _T("commands", "Fit"), _T("commands", "Show the whole picture"), ("Ctrl+0",)),
    Command(
        "one_to_one",
        "1:1",
        _T("commands", "One pixel of the picture on one pixel of the screen"),
        ("Ctrl+1",),
    ),
    Command("zoom_in", _T("commands", "Zoom in"), _T("commands", "Zoom in"), ("Ctrl++", "Ctrl+=")),
    Command("zoom_out", _T("commands", "Zoom out"), _T("commands", "Zoom out"), ("Ctrl+-",)),
    Command(
        "crosshair",
        _T("commands", "Crosshair"),
        _T("commands", "Mark the middle of the picture"),
        ("Ctrl+G",),
        checkable=True,
    ),
    Command(
        "previous_frame",
        _T("commands", "Previous frame"),
        _T("commands", "Review the frame below"),
        ("Ctrl+Left", "Alt+Left"),
    ),
    Command(
        "next_frame",
        _T("commands", "Next frame"),
        _T("commands", "Review the frame above"),
        ("Ctrl+Right", "Alt+Right"),
    ),
    Command(
        "setup",
        _T("commands", "Set up a microscope…"),
        _T("commands", "Find stage and camera, measure the pixel size, save a profile"),
        ("Ctrl+Shift+M",),
    ),
    Command(
        "theme_dark",
        _T("commands", "Dark theme"),
        _T("commands", "For rooms in which people look into microscopes"),
        ("Ctrl+Alt+D",),
        checkable=True,
        group="theme",
    ),
    Command(
        "theme_light",
        _T("commands", "Light theme"),
        _T("commands", "For bright rooms"),
        ("Ctrl+Alt+L",),
        checkable=True,
        group="theme",
    ),
    Command(
        "language_en",
        "English",
        _T("commands", "Show all texts in English"),
        ("Ctrl+Alt+E",),
        checkable=True,
        group="language",
    ),
    Command(
        "language_zh_CN",
        "简体中文",
        _T("commands", "Show all texts in Simplified Chinese"),
        ("Ctrl+Alt+C",),
        checkable=True,
        group="language",
    ),
    Command(
        "palette",
        _T("commands", "Find a command…"),
        _T("commands", "Type a part of its name, run it with Enter"),
        ("Ctrl+Shift+P",),
    ),
    Command(
        "shortcuts",
        _T("commands", "Keys and commands"),
        _T("commands", "Show every command with its keys"),
        ("F1",),
    ),
    Command(
        "log",
        _T("commands", "Log"),
        _T("commands", "Show what the program has done, and where the log file lies"),
        ("F12",),
    ),
    Command(
        "about",
        _T("commands", "About WearIF"),
        _T("commands", "Show the versions of the program and of what it is built on"),
        ("Shift+F1",),
    ),
    *LIVE_COMMANDS,
    *SCAN_COMMANDS,
    *LIBRARY_COMMANDS,
    *MEASURE_COMMANDS,
    *REVIEW_COMMANDS,
)

MENUS: Final = (
    (
        _T("commands", "&File"),
        (
            *("open_folder", "open_file", "", "page_library", "library_search"),
            *("library_refresh", "", "export", "", "quit"),
        ),
    ),
    (
        _T("commands", "&Microscope"),
        (
            *("stop", "", "labels", "capture", "cancel", "", *SCAN_MENU, ""),
            *("set_bottom", "set_top", "clear_range", "save_preset", ""),
            *("home", "reconnect", "", "setup"),
        ),
    ),
    (_T("commands", "&Camera"), CAMERA_MENU),
    (
        _T("commands", "&Stage"),
        ("x_left", "x_right", "y_up", "y_down", "", "z_up", "z_down", "", *ZERO_MENU),
    ),
    (
        _T("commands", "&View"),
        (
            "page_live",
            "page_scan",
            "page_review",
            "",
            "fit",
            "one_to_one",
            "zoom_in",
            "zoom_out",
            "",
            "crosshair",
            *VIEW_MENU,
            "",
            "previous_frame",
            "next_frame",
            "",
            *("theme_dark", "theme_light", "", "language_en", "language_zh_CN"),
        ),
    ),
    (_T("commands", "&Review"), REVIEW_MENU),
    (_T("commands", "M&easure"), MEASURE_MENU),
    (
        _T("commands", "&Help"),
        ("palette", "shortcuts", "", "log", "", "about"),
    ),
)
"""Titles and keys of commands; an empty key is a separator."""


def keys_of(command: Command) -> str:
    """Return the keys of a command as they are written on this system's keyboards."""
    return ", ".join(
        QKeySequence(each).toString(QKeySequence.SequenceFormat.NativeText)
        for each in command.shortcuts
    )


def symbol(key: str) -> str:
    """Return what a small button for a command shows."""
    return next(command.symbol for command in COMMANDS if command.key == key)


class Actions(QObject):
    """The commands as Qt's actions.

    Parameters
    ----------
    callbacks : mapping
        By a command's key; checkable commands hand over whether they are checked.
    parent : QObject

    Raises
    ------
    KeyError
        A command has no callback, or a callback no command.
    """

    def __init__(self, callbacks: Mapping[str, Callable[..., None]], parent: QObject) -> None:
        super().__init__(parent)
        known = {command.key for command in COMMANDS}
        if known != set(callbacks):
            odd = ", ".join(sorted(known ^ set(callbacks)))
            raise KeyError(f"commands and callbacks do not match: {odd}")
        self._groups: dict[str, QActionGroup] = {}
        self._checking = False
        self._actions = {
            command.key: self._action(command, callbacks[command.key]) for command in COMMANDS
        }
        self.retranslate()

    def retranslate(self) -> None:
        """Write all texts in the language of the window."""
        for command in COMMANDS:
            action = self._actions[command.key]
            action.setText(QCoreApplication.translate("commands", command.text))
            tip, keys = QCoreApplication.translate("commands", command.tip), keys_of(command)
            action.setToolTip(f"{tip} ({keys})" if keys else tip)

    def __getitem__(self, key: str) -> QAction:
        return self._actions[key]

    def check(self, key: str) -> None:
        """Check one command of a group because what it does has been done already."""
        # Were its signals blocked instead, the group would not notice and check two.
        self._checking = True
        self._actions[key].setChecked(True)
        self._checking = False

    def all(self) -> tuple[QAction, ...]:
        """Return all actions, for a window to listen to their shortcuts."""
        return tuple(self._actions.values())

    def _action(self, command: Command, callback: Callable[..., None]) -> QAction:
        action = QAction(self)
        action.setCheckable(command.checkable)
        if command.group:
            group = self._groups.setdefault(command.group, QActionGroup(self))
            group.addAction(action)
            action.toggled.connect(
                lambda checked: callback() if checked and not self._checking else None
            )
        elif command.checkable:
            action.toggled.connect(callback)
        else:
            action.triggered.connect(lambda _checked=False: callback())
        if command.shortcuts and not command.pad:
            action.setShortcuts([QKeySequence(each) for each in command.shortcuts])
        return action
