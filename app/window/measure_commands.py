"""The commands of measuring; part of the window's."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP

from app.window.command import Command

_T = QT_TRANSLATE_NOOP


def _tool(key: str, text: str, tip: str, number: int) -> Command:
    keys = (f"Alt+{number}",)
    return Command(f"measure_{key}", text, tip, keys, checkable=True, group="measure")


MEASURE_COMMANDS: Final = (
    _tool("look", _T("commands", "Move"), _T("commands", "Move the picture, click pixels"), 1),
    _tool(
        "select",
        _T("commands", "Select"),
        _T("commands", "Choose and change what was measured"),
        2,
    ),
    _tool("ruler", _T("commands", "Ruler"), _T("commands", "Measure a length"), 3),
    _tool("circle", _T("commands", "Circle"), _T("commands", "Measure a diameter"), 4),
    _tool(
        "polygon",
        _T("commands", "Outline"),
        _T("commands", "Measure area, perimeter and equivalent diameter of a particle"),
        5,
    ),
    _tool("profile", _T("commands", "Profile"), _T("commands", "Show heights along a line"), 6),
    _tool("text", _T("commands", "Text"), _T("commands", "Write on the picture"), 7),
    _tool("arrow", _T("commands", "Arrow"), _T("commands", "Point at something"), 8),
    Command(
        "undo",
        _T("commands", "Undo"),
        _T("commands", "Take back the last change of what the side of the review shows"),
        ("Ctrl+Z",),
    ),
    Command(
        "redo",
        _T("commands", "Redo"),
        _T("commands", "Make the change again that was taken back last"),
        ("Ctrl+Shift+Z", "Ctrl+Y"),
    ),
    Command(
        "measure_delete",
        _T("commands", "Delete"),
        _T("commands", "Take the chosen measurement away"),
        ("Ctrl+Backspace",),
    ),
    Command(
        "measure_copy",
        _T("commands", "Copy as CSV"),
        _T("commands", "Copy all measurements as a table"),
        ("Ctrl+Shift+C",),
    ),
)
MEASURE_MENU: Final = (
    *(f"measure_{tool}" for tool in ("look", "select", "ruler", "circle", "polygon", "profile")),
    *("measure_text", "measure_arrow", ""),
    *("undo", "redo", "measure_delete", "", "measure_copy"),
)
"""Keys of commands; an empty key is a separator."""
