"""What ``scan.json`` says about a slide scan."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from app.captures.capture_record import CaptureLabels, first_fault
from app.captures.inner_path import InnerPath
from app.captures.layout import SCAN
from app.captures.reason import reason
from app.captures.stack import StackError
from app.captures.whole_file import whole_file
from app.orientation import Orientation, QuarterTurn
from app.versions import program_version

FieldState = Literal["pending", "done", "empty", "failed"]
"""``empty``: nothing to focus on; ``failed``: the field was passed over, its message says why."""


class ScanField(BaseModel):
    """One field of a scan and what became of it."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    name: InnerPath
    """Its capture's folder is called so."""
    x_um: float
    y_um: float
    state: FieldState = "pending"
    folder: InnerPath | None = None
    """Of its capture, in the scan's."""
    best_z_um: float | None = None
    bottom_um: float | None = None
    top_um: float | None = None
    duration_s: float | None = Field(default=None, ge=0)
    message: str = ""


class ScanRecord(BaseModel):
    """A slide scan."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    schema_version: Literal[1] = 1
    created: AwareDatetime = Field(default_factory=lambda: datetime.now(UTC))
    microscope: str
    objective: str
    pixel_um: float = Field(gt=0)
    """The side of a pixel at the object."""
    rotation_deg: QuarterTurn = 0
    mirrored: bool = False
    """How the pictures lie on the stage's axes; see `Orientation`."""
    fields: tuple[ScanField, ...] = Field(min_length=1)
    """In the order in which they are captured."""
    labels: CaptureLabels = CaptureLabels()
    """Of all captures; each also says which field it is."""
    software: str = Field(default_factory=program_version)

    @property
    def orientation(self) -> Orientation:
        """How the pictures lie on the stage's axes."""
        return Orientation(self.rotation_deg, self.mirrored)

    @property
    def pending(self) -> tuple[int, ...]:
        """The numbers of the fields that are still to be captured."""
        return tuple(n for n, field in enumerate(self.fields) if field.state == "pending")

    def with_field(self, number: int, field: ScanField) -> ScanRecord:
        """Return the record with one field replaced."""
        fields = (*self.fields[:number], field, *self.fields[number + 1 :])
        return self.model_copy(update={"fields": fields})


def write_scan(folder: Path, record: ScanRecord) -> None:
    """Replace a scan's record, all at once.

    Raises
    ------
    OSError
        The file cannot be written; the old record is still there.
    """
    with whole_file(folder / SCAN) as part:
        part.write_text(record.model_dump_json(indent=1), encoding="utf-8")


def read_scan(folder: Path) -> ScanRecord:
    """Read a scan's record.

    Raises
    ------
    StackError
        It cannot be read or does not hold what it should.
    """
    path = folder / SCAN
    try:
        return ScanRecord.model_validate_json(path.read_bytes())
    except OSError as error:
        raise StackError(f"{path}: cannot be read: {reason(error)}") from error
    except ValidationError as error:
        raise StackError(f"{path}: {first_fault(error)}") from error
