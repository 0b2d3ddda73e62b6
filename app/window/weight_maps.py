"""Focus weight maps, computed when they are looked at, the one looked at first."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from app.window.picture import Pixels, to_screen, weights_to_screen
from app.window.subject import Subject

KEPT_BYTES: Final = 512 * 1024**2
"""Weight maps kept in memory, so that the slider and the curves over z are quick."""


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


class WeightMaps:
    """Computes weight maps on a thread of its own.

    Of several frames asked for only the newest is computed; when nothing is asked for, the maps
    of all other frames are, as long as they fit in memory. The frame's own pixels are told first,
    because its weights take a moment.

    Parameters
    ----------
    subject : Subject
        Its middle frame counts as asked for at once.
    tell : callable
        Gets each `WeighedFrame` that was asked for, `MapsKnown` now and then, and the Exception
        when a frame cannot be read; from the thread.
    """

    def __init__(
        self, subject: Subject, tell: Callable[[WeighedFrame | MapsKnown | Exception], None]
    ) -> None:
        self.subject = subject
        self._tell = tell
        self._maps: dict[int, Pixels] = {}
        self._wanted: int | None = len(subject.stack) // 2
        self._ended = False
        self._changed = threading.Condition()
        height, width = subject.shape
        self._room = max(1, KEPT_BYTES // (height * width))
        self._thread = threading.Thread(target=self._run, name="weight maps", daemon=True)

    def start(self) -> None:
        """Begin to compute."""
        self._thread.start()

    def ask(self, index: int) -> None:
        """Ask for one frame, instead of the one asked for before."""
        with self._changed:
            self._wanted = index
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
        return None if weights is None else float(weights[row, column]) / 255

    @property
    def complete(self) -> bool:
        """Whether all maps that fit in memory are there."""
        return len(self._maps) >= min(self._room, len(self.subject.stack))

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
        """Return (z, weight) of one pixel for the maps that are there; without z, frame numbers."""
        z_um = self.subject.stack.z_um
        known = sorted(self._maps.copy().items())
        return [
            (z_um[index] if z_um is not None else float(index), float(weights[row, column]) / 255)
            for index, weights in known
        ]

    def _run(self) -> None:
        while (work := self._next()) is not None:
            index, asked = work
            try:
                self._weigh(index, asked=asked)
            except Exception as error:  # noqa: BLE001 - told to the owner, who shows it
                self._tell(error)
                if not asked:
                    return
                continue
            self._tell(MapsKnown(len(self._maps), len(self.subject.stack)))

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
        if len(self._maps) >= self._room:
            return None
        count = len(self.subject.stack)
        return next((index for index in range(count) if index not in self._maps), None)

    def _weigh(self, index: int, *, asked: bool) -> None:
        frame = self.subject.stack[index]
        shown = to_screen(frame, self.subject.bits) if asked else None
        weights = self._maps.get(index)
        if weights is None:
            if shown is not None:
                self._tell(WeighedFrame(index, shown, None))
            weights = weights_to_screen(self.subject.fusion.weight_map(index, frame))
            if len(self._maps) >= self._room:
                # The oldest goes: a dict keeps the order in which maps came in.
                self._maps.pop(next(iter(self._maps)))
            self._maps[index] = weights
        if shown is not None:
            self._tell(WeighedFrame(index, shown, weights))
