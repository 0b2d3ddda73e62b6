"""What the operator changed about a capture's fusion, as it lies in the capture's folder."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from app.captures.capture import Capture
from app.captures.capture_record import first_fault
from app.captures.fusion_record import Matrix, PaintedFrame
from app.captures.image_file import read_image
from app.captures.inner_path import InnerPath
from app.captures.layout import RETOUCH, RETOUCH_MASK
from app.captures.reason import reason
from app.captures.stack import Stack, StackError
from app.captures.whole_file import whole_file
from models.wearif.choice import Choice


class RetouchError(Exception):
    """Edits cannot be kept; the message is one line that names the file and the reason."""


class RetouchRecord(BaseModel):
    """What ``retouch.json`` says."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    schema_version: Literal[1] = 1
    saved: AwareDatetime = Field(default_factory=lambda: datetime.now(UTC))
    frames: int = Field(ge=1)
    """In the stack; edits of a stack with another number of frames are not its own."""
    width: int = Field(ge=1)
    height: int = Field(ge=1)
    excluded: tuple[int, ...] = ()
    """Numbers of frames that are not to be fused."""
    painted: tuple[PaintedFrame, ...] = ()
    mask: InnerPath | None = None
    """The file that says which frame is wanted where: a 16-bit PNG, 0 where the fusion decides,
    else one more than the frame's number."""
    mask_sha256: str | None = None
    warps: tuple[Matrix, ...] | None = None
    """How all frames lay when they were painted with, see `FusedFrame.warp`; None: as they are."""


@dataclass(frozen=True, slots=True, eq=False)
class Edits:
    """What the operator changed about a fusion; frames are those of the whole stack."""

    choice: Choice
    excluded: frozenset[int] = frozenset()
    warps: tuple[Matrix, ...] | None = None
    """How all frames lie where the choice was painted; None: as they are."""

    @classmethod
    def none(cls, stack: Stack) -> Edits:
        """Return what a stack starts with."""
        return cls(np.zeros((stack.format.height, stack.format.width), np.uint16))

    @property
    def empty(self) -> bool:
        """Whether nothing was changed."""
        return not self.excluded and not self.choice.any()

    def kept(self, count: int) -> tuple[int, ...]:
        """Return the numbers of the frames that are to be fused, of so many."""
        return tuple(index for index in range(count) if index not in self.excluded)

    def choice_among(self, frames: tuple[int, ...]) -> Choice:
        """Return the choice for a fusion of some of the frames, in its own numbers.

        Where a frame is wanted that is not among them, the fusion decides.
        """
        numbers = np.zeros(int(self.choice.max(initial=0)) + 1, np.uint16)
        for place, index in enumerate(frames):
            if index + 1 < len(numbers):
                numbers[index + 1] = place + 1
        return np.asarray(numbers[self.choice])

    def painted(self, stack: Stack) -> tuple[PaintedFrame, ...]:
        """Return the frames that are wanted somewhere; excluded ones have no effect."""
        values, counts = np.unique(self.choice[self.choice > 0], return_counts=True)
        return tuple(
            PaintedFrame(
                index=int(value) - 1,
                z_um=None if stack.z_um is None else stack.z_um[int(value) - 1],
                pixels=int(count),
            )
            for value, count in zip(values, counts, strict=True)
            if int(value) - 1 not in self.excluded
        )


def load_edits(stack: Stack) -> Edits:
    """Read what was changed about a stack's fusion; nothing for a stack that is no capture.

    Raises
    ------
    StackError
        There are edits, but they cannot be read or belong to another stack.
    """
    if not isinstance(stack, Capture) or not (stack.folder / RETOUCH).exists():
        return Edits.none(stack)
    path = stack.folder / RETOUCH
    try:
        record = RetouchRecord.model_validate_json(path.read_bytes())
    except OSError as error:
        raise StackError(f"{path}: cannot be read: {reason(error)}") from error
    except ValidationError as error:
        raise StackError(f"{path}: {first_fault(error)}") from error
    _check_belongs(record, stack, path)
    if record.mask is None:
        return Edits(Edits.none(stack).choice, frozenset(record.excluded))
    choice = _read_mask(record, stack, stack.folder / record.mask)
    return Edits(choice, frozenset(record.excluded), record.warps)


def save_edits(stack: Capture, edits: Edits) -> None:
    """Keep edits in the folder of their capture; none at all leaves no file.

    The mask is named by its content and written first, so that whatever happens in between the
    record tells of a mask that is there and whole.

    Raises
    ------
    RetouchError
        They cannot be written.
    """
    path = stack.folder / RETOUCH
    try:
        if edits.empty:
            path.unlink(missing_ok=True)
        else:
            record = _write_mask(stack, edits)
            with whole_file(path) as part:
                part.write_text(record.model_dump_json(indent=1), encoding="utf-8")
        kept = None if edits.empty else record.mask
        for old in stack.folder.glob(RETOUCH_MASK.format("*")):
            if old.name != kept:
                old.unlink()
    except OSError as error:
        raise RetouchError(f"{path}: cannot be written: {reason(error)}") from error


def _write_mask(stack: Capture, edits: Edits) -> RetouchRecord:
    rows, columns = edits.choice.shape
    name = digest = None
    if edits.choice.any():
        _done, data = cv2.imencode(".png", edits.choice)
        digest = hashlib.sha256(data.tobytes()).hexdigest()
        name = RETOUCH_MASK.format(digest[:12])
        if not (stack.folder / name).exists():
            with whole_file(stack.folder / name) as part:
                part.write_bytes(data.tobytes())
    return RetouchRecord(
        frames=len(stack),
        width=columns,
        height=rows,
        excluded=tuple(sorted(edits.excluded)),
        painted=edits.painted(stack),
        mask=name,
        mask_sha256=digest,
        warps=None if name is None else edits.warps,
    )


def _check_belongs(record: RetouchRecord, stack: Capture, path: Path) -> None:
    theirs = (record.frames, record.width, record.height)
    ours = (len(stack), stack.format.width, stack.format.height)
    if theirs != ours:
        raise StackError(
            f"{path}: made for {theirs[0]} frames of {theirs[1]}x{theirs[2]} pixels, the stack has "
            f"{ours[0]} of {ours[1]}x{ours[2]}; move the file away to open the capture without it"
        )
    last = max((*record.excluded, *(frame.index for frame in record.painted)), default=-1)
    if last >= len(stack) or len(set(record.excluded)) >= len(stack):
        raise StackError(f"{path}: names frame {last} of {len(stack)}, or leaves none to fuse")
    if record.warps is not None and len(record.warps) != len(stack):
        raise StackError(f"{path}: tells how {len(record.warps)} frames lay, of {len(stack)}")


def _read_mask(record: RetouchRecord, stack: Capture, path: Path) -> Choice:
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise StackError(f"{path}: cannot be read: {reason(error)}") from error
    if digest != record.mask_sha256:
        raise StackError(f"{path}: is not the mask that {RETOUCH} tells of")
    choice = read_image(path)
    if choice.dtype != np.uint16 or choice.shape != (record.height, record.width):
        raise StackError(f"{path}: is no 16-bit grey picture of the frames' size")
    if int(choice.max(initial=0)) > len(stack):
        raise StackError(f"{path}: wants frame {int(choice.max()) - 1} of {len(stack)}")
    return choice
