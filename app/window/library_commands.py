"""The commands of the library; part of the window's."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP

from app.window.command import Command

_T = QT_TRANSLATE_NOOP

LIBRARY_COMMANDS: Final = (
    Command(
        "page_library",
        _T("commands", "Library"),
        _T("commands", "Find, label, open and compare captures"),
        ("F4",),
    ),
    Command(
        "library_refresh",
        _T("commands", "Look again"),
        _T("commands", "Look for captures on disk once more"),
        ("Ctrl+Shift+R",),
    ),
    Command(
        "library_search",
        _T("commands", "Search captures"),
        _T("commands", "Search captures by their labels, notes and names"),
        ("Ctrl+F",),
    ),
)
