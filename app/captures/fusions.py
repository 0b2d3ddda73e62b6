"""The fusions of one capture: the first one, and those with other settings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from app.captures.capture_record import first_fault
from app.captures.fusion_record import FusionRecord
from app.captures.fusion_settings import FusionSettings
from app.captures.layout import FUSION, FUSIONS
from app.captures.reason import reason
from app.captures.stack import StackError


@dataclass(frozen=True, slots=True)
class FusionEntry:
    """One fusion of a capture that lies on disk."""

    folder: Path
    """With its results."""
    first: bool
    """Whether it is the one made with the capture."""
    record: FusionRecord


def fusion_entries(capture: Path) -> tuple[FusionEntry, ...]:
    """Find the fusions of a capture: the first one first, then the others by age.

    Raises
    ------
    StackError
        A fusion's record cannot be read.
    """
    found = []
    if (capture / FUSION).is_file():
        found.append(FusionEntry(capture, first=True, record=read_fusion_record(capture)))
    others = [
        FusionEntry(path.parent, first=False, record=read_fusion_record(path.parent))
        for path in (capture / FUSIONS).glob(f"*/{FUSION}")
    ]
    return (*found, *sorted(others, key=lambda entry: entry.record.created))


def new_fusion_folder(capture: Path, settings: FusionSettings) -> Path:
    """Choose the folder of a new fusion, ``fusions/NAME[_n]``; not created here."""
    name = _name(settings)
    folder = capture / FUSIONS / name
    number = 2
    while folder.exists():
        folder = capture / FUSIONS / f"{name}_{number}"
        number += 1
    return folder


def read_fusion_record(folder: Path) -> FusionRecord:
    """Read what is told of the results in a folder.

    Raises
    ------
    StackError
        The record is missing or cannot be read.
    """
    path = folder / FUSION
    try:
        return FusionRecord.model_validate_json(path.read_bytes())
    except OSError as error:
        raise StackError(f"{path}: cannot be read: {reason(error)}") from error
    except ValidationError as error:
        raise StackError(f"{path}: {first_fault(error)}") from error


def _name(settings: FusionSettings) -> str:
    parts = [Path(settings.model).stem]
    if settings.frames:
        parts.append(f"sharpest{settings.frames}")
    if settings.align:
        parts.append("aligned")
    return "_".join(parts)
