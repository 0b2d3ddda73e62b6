"""The commands for scanning a slide."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP

from app.window.command import Command

_T = QT_TRANSLATE_NOOP

SCAN_COMMANDS: Final = (
    Command(
        "page_scan",
        _T("commands", "Scan"),
        _T("commands", "Capture many fields of a slide by themselves"),
        ("F11",),
    ),
    Command(
        "scan_start",
        _T("commands", "Start scan"),
        _T("commands", "Go from field to field; at each focus, sweep and fuse"),
        ("Ctrl+F5",),
    ),
    Command(
        "scan_stop",
        _T("commands", "Stop scan"),
        _T("commands", "Halt the stage and keep everything; the scan can be resumed"),
        ("Ctrl+Shift+F5",),
    ),
    Command(
        "scan_resume",
        _T("commands", "Resume scan"),
        _T("commands", "Capture the fields that are left; the slide must lie as it did"),
        ("Alt+F5",),
    ),
    Command(
        "scan_new",
        _T("commands", "New scan"),
        _T("commands", "Plan another scan; this one stays on disk"),
        ("Ctrl+Shift+N",),
    ),
    Command(
        "scan_here",
        _T("commands", "From here"),
        _T("commands", "Set out the fields from where the stage is now, and keep them there"),
        ("Ctrl+Shift+H",),
    ),
    Command(
        "scan_go",
        _T("commands", "Go to field"),
        _T("commands", "Move the stage to the chosen field of the scan"),
        ("Ctrl+J",),
    ),
    Command(
        "scan_open",
        _T("commands", "Review field"),
        _T("commands", "Look at the capture of the chosen field of the scan"),
        ("Ctrl+Shift+J",),
    ),
)

SCAN_MENU: Final = (
    *("scan_start", "scan_stop", "scan_resume", "scan_new", "scan_here"),
    *("scan_go", "scan_open"),
)
