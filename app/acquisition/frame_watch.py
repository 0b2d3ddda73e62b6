"""Notices that a camera has fallen silent while the stage moves."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from drivers.errors import ConnectionLost
from drivers.patience import wait_for_news

PATIENCE_S = 1.5
"""Added to three frame periods: drivers and USB hubs hold images back for a moment."""


class FrameWatch:
    """Waits for a frame to come, again and again.

    A context manager: it watches inside the block, which it does not end by itself.

    Parameters
    ----------
    camera : str
        Its name, for the error.
    period_s : float
        How far apart the frames are due.
    on_silence : callable
        Told once, on the watch's own thread, when no frame has come for too long.
    patience_s : float
    """

    def __init__(
        self,
        camera: str,
        period_s: float,
        on_silence: Callable[[ConnectionLost], None],
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._camera = camera
        self._limit_s = 3 * period_s + patience_s
        self._on_silence = on_silence
        self._changed = threading.Condition()
        self._frames = 0
        self._over = False
        self._thread = threading.Thread(target=self._watch, name="frame watch", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._changed:
            self._over = True
            self._changed.notify_all()
        self._thread.join()

    def frame_came(self) -> None:
        """Say so; from any thread."""
        with self._changed:
            self._frames += 1
            self._changed.notify_all()

    def _watch(self) -> None:
        seen = 0
        while True:
            with self._changed:
                came = wait_for_news(
                    self._changed,
                    lambda: self._over or self._frames > seen,  # noqa: B023 - used at once
                    self._limit_s,
                )
                if self._over:
                    return
                seen = self._frames
            if not came:
                self._on_silence(self._silence(seen))
                return

    def _silence(self, frames: int) -> ConnectionLost:
        return camera_silent(self._camera, self._limit_s, frames)


def camera_silent(camera: str, silent_s: float, frames: int) -> ConnectionLost:
    """Return what to tell the operator of a camera that has fallen silent during a sweep."""
    return ConnectionLost(
        camera,
        "grab the frames of a sweep",
        f"no frame for {silent_s:.1f} s, after {frames} of them",
        "The stage stands still and the frames so far are kept. Check the camera's cable and "
        "power, then connect again.",
    )
