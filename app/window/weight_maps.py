"""Focus weight maps, computed when they are looked at, the one looked at first."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from app.captures.selection import sharpness
from app.window.picture import Pixels, to_screen, weights_to_screen
from app.window.subject import Subject

KEPT_BYTES: Final = 512 * 1024**2
"""Weight maps kept in memory, so that the slider and the curves over z are quick."""
THUMBNAIL_HEIGHT: Final = 56


@dataclass(frozen=True, slots=True, eq=False)
class WeighedFrame:
    """One frame of the stack and its share of the fused image."""

    index: int
    frame: Pixels
    weights: Pixels | None
    """(H, W), 255 is weight 1; None while they are being computed."""


@dataclass(frozen=True, slots=True)
class MapsKnown:
    """So many of the weight maps have been computed."""

    count: int
    total: int


@dataclass(frozen=True, slots=True, eq=False)
class FrameSketch:
    """What the filmstrip shows of a frame."""

    thumbnail: Pixels
    sharpness: float
    """Mean absolute Laplacian, see `app.captures.selection.sharpness`."""


class WeightMaps:
    """Computes weight maps, and sketches of the frames, on a thread of its own.

    Of several frames asked for only the newest is computed; when nothing is asked for, the sketches
    of all frames are, and then the maps of all other frames as long as they fit in memory. The
    frame's own pixels are told first, because its weights take a moment. What is kept are maps
    before retouching; what was painted is worked in when a map is shown.

    Parameters
    ----------
    subject : Subject
    tell : callable
        Gets each `WeighedFrame` that was asked for, `MapsKnown` now and then, and the Exception
        when a frame cannot be read; from the thread.
    first : int, optional
        The frame that counts as asked for at once; by default the middle one.
    """

    def __init__(
        self,
        subject: Subject,
        tell: Callable[[WeighedFrame | MapsKnown | Exception], None],
        first: int | None = None,
    ) -> None:
        self._subject = subject
        self._tell = tell
        self._maps: dict[int, Pixels] = {}
        self._sketches: dict[int, FrameSketch] = {}
        self._shown = len(subject.stack) // 2 if first is None else first
        self._wanted: int | None = self._shown
        self._ended = False
        self._changed = threading.Condition()
        height, width = subject.shape
        self._room = max(1, KEPT_BYTES // (height * width))
        self._thread = threading.Thread(target=self._run, name="weight maps", daemon=True)

    @property
    def subject(self) -> Subject:
        """What is weighed, with its latest edits."""
        return self._subject

    @property
    def shown(self) -> int:
        """The frame that was asked for last."""
        return self._shown

    @property
    def sketches(self) -> dict[int, FrameSketch]:
        """By frame, of those looked at so far."""
        return self._sketches.copy()

    def start(self) -> None:
        """Begin to compute."""
        self._thread.start()

    def ask(self, index: int) -> None:
        """Ask for one frame, instead of the one asked for before."""
        with self._changed:
            self._wanted = self._shown = index
            self._changed.notify()

    def follow(self, subject: Subject) -> None:
        """Take up what was painted; the frame that is shown is told again."""
        with self._changed:
            self._subject = subject
            self._wanted = self._shown
            self._changed.notify()

    def close(self, timeout_s: float) -> bool:
        """End the thread; False if that took longer than allowed."""
        with self._changed:
            self._ended = True
            self._changed.notify()
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def weight(self, index: int, column: int, row: int) -> float | None:
        """Return a frame's share of one pixel, 0..1; None if its map is not there yet."""
        weights = self._maps.get(index)
        if index in self._subject.edits.excluded:
            return 0.0
        return None if weights is None else self._retouched_at(index, weights, column, row)

    @property
    def complete(self) -> bool:
        """Whether all maps that fit in memory, and all sketches, are there."""
        count = len(self._subject.stack)
        used = len(self._subject.used)
        return len(self._maps) >= min(self._room, used) and len(self._sketches) == count

    def most_telling(self) -> int:
        """Return the frame, of those known, that makes up most of the fused image."""
        return max(self._maps.copy().items(), key=lambda known: float(known[1].mean()))[0]

    def strongest_pixel(self, index: int) -> tuple[int, int]:
        """Return (column, row) of the pixel to which a known frame contributes most.

        Looked for away from the edges, an eighth of the picture wide.
        """
        weights = self._maps[index]
        top, left = weights.shape[0] // 8, weights.shape[1] // 8
        inner = weights[top:-top, left:-left]
        row, column = np.unravel_index(int(inner.argmax()), inner.shape)
        return int(column) + left, int(row) + top

    def curve(self, column: int, row: int) -> list[tuple[float, float]]:
        """Return (z, weight) of one pixel for the maps that are there; without z, frame numbers.

        Frames that were excluded have no point.
        """
        z_um = self._subject.stack.z_um
        known = sorted(self._maps.copy().items())
        return [
            (
                z_um[index] if z_um is not None else float(index),
                self._retouched_at(index, weights, column, row),
            )
            for index, weights in known
        ]

    def _retouched_at(self, index: int, weights: Pixels, column: int, row: int) -> float:
        weight = float(weights[row, column]) / 255
        place = self._subject.place_of(index)
        for box, given in self._subject.retouched.given.items():
            if box.holds(column, row):
                at = row - box.top, column - box.left
                kept = max(0.0, 1 - sum(float(share[at]) for share in given.values()))
                own = given.get(-1 if place is None else place)
                return kept * weight + (0.0 if own is None else float(own[at]))
        return weight

    def _retouched(self, subject: Subject, index: int, weights: Pixels) -> Pixels:
        from models.wearif.retouch import work_in

        place = subject.place_of(index)
        if place is None or not subject.retouched.given:
            return weights
        shown = weights.copy()
        for box, given in subject.retouched.given.items():
            before = shown[box.slices].astype(np.float32) / np.float32(255)
            shown[box.slices] = weights_to_screen(work_in(before, place, given))
        return shown

    def _run(self) -> None:
        while (work := self._next()) is not None:
            index, asked = work
            try:
                self._look_at(index, asked=asked)
            except Exception as error:  # noqa: BLE001 - told to the owner, who shows it
                self._tell(error)
                if not asked:
                    return
                continue
            self._tell(MapsKnown(len(self._maps), len(self._subject.used)))

    def _next(self) -> tuple[int, bool] | None:
        """Return what to compute and whether somebody waits for it; None at the end."""
        with self._changed:
            while not self._ended:
                if self._wanted is not None:
                    index, self._wanted = self._wanted, None
                    return index, True
                missing = self._missing()
                if missing is not None:
                    return missing, False
                self._changed.wait()
            return None

    def _missing(self) -> int | None:
        count = len(self._subject.stack)
        unseen = next((index for index in range(count) if index not in self._sketches), None)
        if unseen is not None or len(self._maps) >= self._room:
            return unseen
        return next((each for each in self._subject.used.indices if each not in self._maps), None)

    def _look_at(self, index: int, *, asked: bool) -> None:
        subject = self._subject
        frame = subject.stack[index]
        shown = to_screen(frame, subject.bits)
        sketched = index in self._sketches
        if asked:
            self._tell_weighed(subject, index, shown, self._maps.get(index))
        if not sketched:
            self._sketches[index] = FrameSketch(_thumbnail(shown), sharpness(frame))
        place = subject.place_of(index)
        if index in self._maps or place is None or (not asked and not sketched):
            return
        weights = weights_to_screen(subject.base.weight_map(place, frame))
        if len(self._maps) >= self._room:
            # The oldest goes: a dict keeps the order in which maps came in.
            self._maps.pop(next(iter(self._maps)))
        self._maps[index] = weights
        if asked:
            self._tell_weighed(self._subject, index, shown, weights)

    def _tell_weighed(
        self, subject: Subject, index: int, shown: Pixels, weights: Pixels | None
    ) -> None:
        if index in subject.edits.excluded:
            weights = np.zeros(shown.shape[:2], np.uint8)
        elif weights is not None:
            weights = self._retouched(subject, index, weights)
        self._tell(WeighedFrame(index, shown, weights))


def _thumbnail(shown: Pixels) -> Pixels:
    rows, columns = shown.shape[:2]
    size = (max(1, round(columns * THUMBNAIL_HEIGHT / rows)), THUMBNAIL_HEIGHT)
    return np.ascontiguousarray(cv2.resize(shown, size, interpolation=cv2.INTER_AREA))
