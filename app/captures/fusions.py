"""The fusions of one capture: the first one, and those with other settings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from app.captures.capture_record import first_fault
from app.captures.fusion_record import FusionRecord
from app.captures.layout import FUSION, FUSIONS
from app.captures.reason import reason
from app.captures.stack import StackError


@dataclass(frozen=True, slots=True)
class FuseSettings:
    """What can be chosen when a stack is fused."""

    model: str = "wearif"
    """A shipped model, or the path of a .safetensors file."""
    frames: int = 0
    """Only so many of the sharpest; 0 for all."""
    align: bool = False
    """Whether frames are moved onto one another first."""

    @property
    def name(self) -> str:
        """The folder of such a fusion, if there is none of the name."""
        parts = [Path(self.model).stem]
        if self.frames:
            parts.append(f"sharpest{self.frames}")
        if self.align:
            parts.append("aligned")
        return "_".join(parts)


@dataclass(frozen=True, slots=True)
class FusionEntry:
    """One fusion of a capture that lies on disk."""

    folder: Path
    """With its results."""
    first: bool
    """Whether it is the one made with the capture."""
    record: FusionRecord

    @property
    def settings(self) -> FuseSettings:
        """With what it was made, as far as its record tells; else as a capture is fused."""
        told = self.record.settings
        return FuseSettings(
            str(told.get("model", self.record.model)),
            int(str(told.get("frames", 0))),
            align=told.get("align") is True,
        )


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


def new_fusion_folder(capture: Path, settings: FuseSettings) -> Path:
    """Choose the folder of a new fusion, ``fusions/NAME[_n]``; not created here."""
    folder = capture / FUSIONS / settings.name
    number = 2
    while folder.exists():
        folder = capture / FUSIONS / f"{settings.name}_{number}"
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
