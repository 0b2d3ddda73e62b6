"""A capture on disk, opened as a stack."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from app.captures.capture_record import (
    CaptureRecord,
    FrameEntry,
    read_record,
    recorded_positions,
)
from app.captures.image_file import read_image
from app.captures.scale import Scale
from app.captures.scaled_stack import ScaledStack
from app.captures.stack import FrameFormat, StackError
from drivers.stage import PositionSample


class Capture(ScaledStack):
    """The frames of a capture that belong to its stack, by increasing z where z is known.

    A capture whose program died opens with the frames acknowledged until then; its record's state
    is ``interrupted``.

    Raises
    ------
    StackError
        The record cannot be read, or there is no frame in the stack.
    """

    def __init__(self, folder: Path) -> None:
        self._record = read_record(folder)
        used = [entry for entry in self._record.frames if entry.used]
        if not used:
            raise StackError(f"{folder}: the capture holds no frames ({self._record.state})")
        known = [entry.z_um for entry in used if entry.z_um is not None]
        z_um = tuple(sorted(known)) if len(known) == len(used) else None
        if z_um is not None:
            by_z = sorted(zip(known, used, strict=True), key=lambda pair: pair[0])
            used = [entry for _z, entry in by_z]
        self._entries = tuple(used)
        frame_format = FrameFormat.of(read_image(folder / used[0].file))
        exposure_ms = tuple(entry.exposure_ms for entry in used)
        scale = Scale(z_um, self._record.pixel_um, exposure_ms)
        super().__init__(folder, len(used), frame_format, scale)

    @property
    def folder(self) -> Path:
        """Where it lies."""
        return self._path

    @property
    def record(self) -> CaptureRecord:
        """What is known about the sweep; also names the frames that are not in the stack."""
        return self._record

    @property
    def entries(self) -> tuple[FrameEntry, ...]:
        """The entries of the frames in the stack, in its order."""
        return self._entries

    def _read(self, index: int) -> NDArray[Any]:
        return read_image(self._path / self._called(index))

    def _called(self, index: int) -> str:
        return self._entries[index].file

    def _first(self) -> str:
        return self._called(0)

    def positions(self) -> tuple[PositionSample, ...]:
        """Read where the stage was during the sweep.

        Raises
        ------
        StackError
            The log is there but cannot be read, or a whole line of it is damaged.
        """
        return recorded_positions(self._path)
