"""What ``capture.json`` says about a capture."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal
from uuid import UUID, uuid4

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, ValidationError

from app.captures.inner_path import InnerPath
from app.captures.layout import FRAMES_LOG, POSITIONS_LOG, RECORD
from app.captures.reason import reason
from app.captures.stack import StackError
from app.captures.whole_file import whole_file
from app.versions import program_version
from drivers.stage import PositionSample

CaptureState = Literal["recording", "complete", "cancelled", "failed", "interrupted"]
"""``recording`` on disk without a recorder at work means that the program died: a capture opened
in that state calls itself ``interrupted``, and recovery writes that down."""


class FrameEntry(BaseModel):
    """One recorded frame."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    index: int = Field(ge=0)
    """Counts the images that the camera exposed, lost ones included."""
    file: InnerPath
    t_mid_ns: int
    """Mid-exposure on the host's monotonic clock."""
    t_sigma_ns: int = Field(ge=0)
    exposure_ms: float = Field(ge=0)
    lost_before: int = Field(ge=0)
    """How many images the camera lost between the frame before and this one."""
    z_um: float | None = None
    z_sigma_um: float | None = Field(default=None, ge=0)
    used: bool = True
    """Whether the frame belongs to the stack; those of run-up and run-down do not."""


class ZReading(BaseModel):
    """How well the stage's read-back tells z."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    resolution_um: float = Field(gt=0)
    lag_ms: float = 0.0
    """How late it is, seen from the camera."""
    lag_sigma_ms: float | None = Field(default=None, ge=0)
    """None where nobody has measured the lag."""
    vibration_um: float = Field(default=0.0, ge=0)
    """RMS trembling that it does not show."""


class CaptureLabels(BaseModel):
    """What the laboratory says about a capture; may be changed at any time."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    slide: str = ""
    sample: str = ""
    """Of which oil, taken when."""
    machine: str = ""
    """That the oil comes from."""
    operator: str = ""
    field: str = ""
    """Where on the slide."""
    notes: str = ""


class CaptureRecord(BaseModel):
    """One sweep: with what, how, and which frames came of it."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    schema_version: Literal[1] = 1
    uuid: UUID = Field(default_factory=uuid4)
    """The capture's identity as an OME-TIFF."""
    created: AwareDatetime = Field(default_factory=lambda: datetime.now(UTC))
    state: CaptureState = "recording"
    labels: CaptureLabels = CaptureLabels()
    microscope: str
    objective: str
    na: float = Field(gt=0)
    magnification: float = Field(gt=0)
    pixel_um: float | None = Field(default=None, gt=0)
    """The side of a pixel at the object."""
    sweep: dict[str, JsonValue]
    """The sweep plan."""
    z_reading: ZReading | None = None
    """What it takes, with the positions, to tag the frames once more."""
    frames: tuple[FrameEntry, ...] = ()
    lost: int = Field(default=0, ge=0)
    """How many images the camera lost during the sweep."""
    software: str = Field(default_factory=program_version)


def write_record(folder: Path, record: CaptureRecord) -> None:
    """Replace a capture's record, all at once.

    Raises
    ------
    OSError
        The file cannot be written; the old record is still there.
    """
    with whole_file(folder / RECORD) as part:
        part.write_text(record.model_dump_json(indent=1), encoding="utf-8")


def read_record(folder: Path) -> CaptureRecord:
    """Read a capture's record; the frames of an interrupted capture come from its frame log.

    Raises
    ------
    StackError
        The record or the frame log cannot be read or does not hold what it should.
    """
    record = stored_record(folder)
    if record.state != "recording":
        return record
    entries = acknowledged_frames(folder)
    lost = sum(entry.lost_before for entry in entries)
    return record.model_copy(update={"state": "interrupted", "frames": entries, "lost": lost})


def stored_record(folder: Path) -> CaptureRecord:
    """Read a capture's record as it lies on disk, ``recording`` included.

    Raises
    ------
    StackError
        The record cannot be read or does not hold what it should.
    """
    path = folder / RECORD
    try:
        return CaptureRecord.model_validate_json(path.read_bytes())
    except OSError as error:
        raise StackError(f"{path}: cannot be read: {reason(error)}") from error
    except ValidationError as error:
        raise StackError(f"{path}: {first_fault(error)}") from error


def acknowledged_frames(folder: Path) -> tuple[FrameEntry, ...]:
    """Read the frame log of a capture that was never closed.

    A last line without its end was being written when the program died; its frame was not
    acknowledged and does not count.

    Raises
    ------
    StackError
        The log cannot be read, or one of its whole lines is damaged.
    """
    path = folder / FRAMES_LOG
    entries: list[FrameEntry] = []
    for number, line in enumerate(whole_lines(path), 1):
        try:
            entries.append(FrameEntry.model_validate_json(line))
        except ValidationError as error:
            raise StackError(f"{path}: line {number}: {first_fault(error)}") from error
    return tuple(entries)


def recorded_positions(folder: Path) -> tuple[PositionSample, ...]:
    """Read where the stage was during a sweep; none where there is no log.

    Raises
    ------
    StackError
        The log cannot be read, or one of its whole lines is damaged.
    """
    path = folder / POSITIONS_LOG
    try:
        return tuple(PositionSample(**json.loads(line)) for line in whole_lines(path))
    except (ValueError, TypeError) as error:
        raise StackError(f"{path}: cannot be read: {reason(error)}") from error


def whole_lines(path: Path) -> list[bytes]:
    """Read a log without the line that was being written when the program died.

    Raises
    ------
    StackError
        The file is there but cannot be read.
    """
    try:
        return path.read_bytes().split(b"\n")[:-1]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise StackError(f"{path}: cannot be read: {reason(error)}") from error


def first_fault(error: ValidationError) -> str:
    """Say in one line what is wrong first."""
    fault = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in fault["loc"])
    return f"{where}: {fault['msg']}" if where else fault["msg"]
