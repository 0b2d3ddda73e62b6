"""A capture on disk, opened as a stack."""

from __future__ import annotations

from collections.abc import Iterator
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
from app.captures.stack import FrameFormat, StackError, check_index, check_same
from drivers.stage import PositionSample


class Capture:
    """The frames of a capture that belong to its stack, by increasing z where z is known.

    A capture whose program died opens with the frames acknowledged until then; its record's state
    is ``interrupted``.

    Raises
    ------
    StackError
        The record cannot be read, or there is no frame in the stack.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._record = read_record(folder)
        used = [entry for entry in self._record.frames if entry.used]
        if not used:
            raise StackError(f"{folder}: the capture holds no frames ({self._record.state})")
        known = [entry.z_um for entry in used if entry.z_um is not None]
        self._z_um = tuple(sorted(known)) if len(known) == len(used) else None
        if self._z_um is not None:
            by_z = sorted(zip(known, used, strict=True), key=lambda pair: pair[0])
            used = [entry for _z, entry in by_z]
        self._entries = tuple(used)
        self._format = FrameFormat.of(read_image(folder / used[0].file))

    @property
    def folder(self) -> Path:
        """Where it lies."""
        return self._folder

    @property
    def record(self) -> CaptureRecord:
        """What is known about the sweep; also names the frames that are not in the stack."""
        return self._record

    @property
    def entries(self) -> tuple[FrameEntry, ...]:
        """The entries of the frames in the stack, in its order."""
        return self._entries

    @property
    def name(self) -> str:
        """The folder's name."""
        return self._folder.resolve().name

    @property
    def format(self) -> FrameFormat:
        """What all frames have in common."""
        return self._format

    @property
    def z_um(self) -> tuple[float, ...] | None:
        """As tagged after the sweep; None if any frame in the stack has no tag."""
        return self._z_um

    @property
    def pixel_um(self) -> float | None:
        """From the objective that was in use."""
        return self._record.pixel_um

    @property
    def exposure_ms(self) -> tuple[float, ...] | None:
        """As the camera told it."""
        return tuple(entry.exposure_ms for entry in self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __getitem__(self, index: int) -> NDArray[Any]:
        """Read one frame; see `Stack`."""
        check_index(index, len(self._entries))
        file = self._entries[index].file
        image = read_image(self._folder / file)
        check_same(FrameFormat.of(image), file, self._format, self._entries[0].file)
        return image

    def __iter__(self) -> Iterator[NDArray[Any]]:
        return (self[index] for index in range(len(self._entries)))

    def positions(self) -> tuple[PositionSample, ...]:
        """Read where the stage was during the sweep.

        Raises
        ------
        StackError
            The log is there but cannot be read, or a whole line of it is damaged.
        """
        return recorded_positions(self._folder)
