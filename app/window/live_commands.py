"""The commands for working at the microscope: live picture, camera, stage, next sweep."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP

from app.window.command import Command

_T = QT_TRANSLATE_NOOP

LIVE_COMMANDS: Final = (
    Command(
        "snapshot",
        _T("commands", "Snapshot"),
        _T("commands", "Save the live picture as TIFF, untouched, and as PNG with its scale bar"),
        ("F6",),
    ),
    Command(
        "move_tool",
        _T("commands", "Drag slide"),
        _T("commands", "Dragging moves the stage instead of the picture on the screen"),
        ("Ctrl+M",),
        checkable=True,
    ),
    Command(
        "grid",
        _T("commands", "Grid"),
        _T("commands", "Lines a round number of micrometres apart"),
        ("Ctrl+Shift+G",),
        checkable=True,
    ),
    Command(
        "zebra",
        _T("commands", "Zebra"),
        _T("commands", "Stripes where the camera is overexposed"),
        ("F9",),
        checkable=True,
    ),
    Command(
        "auto_contrast",
        _T("commands", "Auto contrast"),
        _T("commands", "Stretch the contrast of the view; the frames stay as they are"),
        ("Shift+F9",),
        checkable=True,
    ),
    Command(
        "reset_peak",
        _T("commands", "Reset"),
        _T("commands", "Forget the sharpest picture so far and look for it anew"),
        ("F8",),
    ),
    Command(
        "auto_expose",
        _T("commands", "Auto"),
        _T("commands", "Find the exposure at which all but metal glints is below the end"),
        ("F7",),
    ),
    Command(
        "pick_white",
        _T("commands", "Pick white"),
        _T("commands", "Then click on empty slide in the live picture: it becomes grey"),
        ("Shift+F7",),
        checkable=True,
    ),
    Command(
        "auto_white",
        _T("commands", "Auto white"),
        _T("commands", "Make the bright part of the picture grey"),
        ("Shift+F8",),
    ),
    Command(
        "save_preset",
        _T("commands", "Save preset"),
        _T("commands", "Keep step, exposure, gain and frame rate for this objective"),
        ("Ctrl+S",),
    ),
    Command(
        "fusion_layout",
        _T("commands", "Side by side"),
        _T("commands", "Show the four pictures of a growing fusion in one size"),
        ("Ctrl+L",),
        checkable=True,
    ),
    Command(
        "x_zero",
        _T("commands", "Count x from here"),
        _T("commands", "Show x as 0 here; the limits stay where they are"),
        ("Alt+X",),
        symbol="→0",
    ),
    Command(
        "y_zero",
        _T("commands", "Count y from here"),
        _T("commands", "Show y as 0 here; the limits stay where they are"),
        ("Alt+Y",),
        symbol="→0",
    ),
    Command(
        "z_zero",
        _T("commands", "Count z from here"),
        _T("commands", "Show z as 0 here; the limits stay where they are"),
        ("Alt+Z",),
        symbol="→0",
    ),
    Command(
        "clear_zero",
        _T("commands", "Stage's own zero"),
        _T("commands", "Show the stage's own coordinates again"),
        ("Alt+0",),
    ),
    Command(
        "store_place",
        _T("commands", "Store position"),
        _T("commands", "Store where the stage is"),
        ("Ctrl+D",),
    ),
    Command(
        "labels",
        _T("commands", "Label next capture…"),
        _T("commands", "Say which slide, sample and machine the next captures are of"),
        ("Ctrl+Shift+L",),
    ),
)

CAMERA_MENU: Final = ("snapshot", "", "auto_expose", "pick_white", "auto_white", "", "reset_peak")
ZERO_MENU: Final = ("x_zero", "y_zero", "z_zero", "clear_zero", "", "store_place")
VIEW_MENU: Final = ("grid", "zebra", "auto_contrast", "move_tool", "fusion_layout")
