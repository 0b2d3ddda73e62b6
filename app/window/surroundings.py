"""What the window finds on this computer beside the microscope."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from app.crash_reports import CrashReports
from app.program_log import ProgramLog
from app.window.memory import Memory


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where the window remembers, writes its log and finds reports; nothing of it by default."""

    memory: Memory | None = None
    """None: what the operator chooses holds for this run."""
    log: ProgramLog = field(default_factory=ProgramLog)
    crashes: CrashReports | None = None
    """None: no reports are looked for."""
    settings: Path | None = None
    """Where stored positions and presets are kept; None: they hold for this run."""
