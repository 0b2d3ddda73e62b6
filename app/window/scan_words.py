"""What the window says about slide scans, in its language."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from app.acquisition.events import Phase
from app.window.control_state import ScanOver
from app.window.language import said
from app.window.scan_progress import FieldRow, FieldStage
from app.window.theme import Role


def stage_words(row: FieldRow) -> str:
    """Say where a field stands, and why it failed if it did."""
    translate = QCoreApplication.translate
    words = {
        FieldStage.WAITING: translate("scan", "Waiting"),
        FieldStage.GOING: translate("scan", "Going there …"),
        FieldStage.FOCUSING: translate("scan", "Focusing …"),
        FieldStage.SWEEPING: translate("scan", "Sweeping …"),
        FieldStage.FUSING: translate("scan", "Fusing …"),
        FieldStage.FUSED: translate("scan", "Fused"),
        FieldStage.EMPTY: translate("scan", "Nothing to focus on"),
        FieldStage.FAILED: translate("scan", "Failed"),
    }[row.stage]
    if row.stage is FieldStage.FAILED and row.message:
        return f"{words}: {said(row.message)}"
    return words


def stage_role(stage: FieldStage) -> Role:
    """Return the colour of a field's state."""
    if stage.is_busy:
        return Role.ACCENT
    return {
        FieldStage.FUSED: Role.GOOD,
        FieldStage.EMPTY: Role.WARNING,
        FieldStage.FAILED: Role.STOP,
    }.get(stage, Role.FAINT)


def time_words(seconds: float) -> str:
    """Say how long something takes, as coarsely as one would."""
    translate = QCoreApplication.translate
    whole = round(seconds)
    if whole < 60:
        return translate("scan", "{s} s").format(s=whole)
    hours, minutes = divmod(round(whole / 60), 60)
    if hours:
        return translate("scan", "{h} h {min:02d} min").format(h=hours, min=minutes)
    return translate("scan", "{min} min").format(min=minutes)


def over_words(over: ScanOver) -> str:
    """Say what a scan has come to."""
    translate = QCoreApplication.translate
    words = {
        Phase.DONE: translate("scan", "Scan finished: {n} of {total} fields fused."),
        Phase.CANCELLED: translate("scan", "Scan stopped: {n} of {total} fields are kept."),
        Phase.FAILED: translate("scan", "Scan broken off: {n} of {total} fields are kept."),
    }[over.phase]
    return words.format(n=over.fused, total=over.total)
