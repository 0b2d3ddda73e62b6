"""The commands of the review; part of the window's."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP

from app.window.command import Command

_T = QT_TRANSLATE_NOOP


def _view(key: str, text: str, tip: str, number: int) -> Command:
    keys = (f"Ctrl+{number}",)
    return Command(f"review_{key}", text, tip, keys, checkable=True, group="review_view")


REVIEW_COMMANDS: Final = (
    _view(
        "overview",
        _T("commands", "Overview"),
        _T("commands", "A frame, its weights, the fused image and the heights"),
        2,
    ),
    _view(
        "compare",
        _T("commands", "Compare"),
        _T("commands", "Two pictures in one place, with an edge to swipe"),
        3,
    ),
    _view(
        "surface",
        _T("commands", "Surface"),
        _T("commands", "The height map as a surface that can be turned"),
        4,
    ),
    _view(
        "retouch",
        _T("commands", "Retouch"),
        _T("commands", "Paint where the fused image is to be taken from which frame"),
        5,
    ),
    Command(
        "exclude",
        _T("commands", "Leave this frame out"),
        _T("commands", "Fuse without the frame of the slider, or take it in again"),
        ("Ctrl+K",),
    ),
    Command(
        "brush_smaller",
        _T("commands", "Smaller brush"),
        _T("commands", "Make the brush of retouching smaller"),
        ("Ctrl+[",),
    ),
    Command(
        "brush_larger",
        _T("commands", "Larger brush"),
        _T("commands", "Make the brush of retouching larger"),
        ("Ctrl+]",),
    ),
    Command(
        "retouch_clear",
        _T("commands", "Clear all"),
        _T("commands", "Take back everything that was painted; can be undone"),
        ("Ctrl+Shift+K",),
    ),
)
VIEWS: Final = tuple(command.key for command in REVIEW_COMMANDS if command.group)
REVIEW_MENU: Final = (
    *VIEWS,
    *("", "exclude"),
    *("", "brush_smaller", "brush_larger", "retouch_clear"),
)
"""Keys of commands; an empty key is a separator."""
