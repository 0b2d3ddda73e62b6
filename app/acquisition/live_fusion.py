"""Fuses the steady frames of a sweep while it runs."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from app.acquisition.position_log import PositionLog
from app.acquisition.sweep_needs import KEPT_BYTES
from app.acquisition.sweep_plan import SweepPlan
from app.acquisition.worker import Worker
from app.acquisition.z_tagging import in_range
from drivers.camera import Frame
from models.wearif.fusion import Glance, StreamingFusion
from models.wearif.model import StreamingWearIF

PREVIEW_PERIOD_S = 0.2
"""At most five previews a second: more than that nobody sees."""
POSITION_TIMEOUT_S = 2.0
"""How long to wait for a position read after a frame; the stage reports many a second."""

GLANCE_PX = 800
"""Longer side of the weights and heights in a preview."""


@dataclass(frozen=True, slots=True, eq=False)
class Growth:
    """A preview of the fusion."""

    fused: NDArray[Any]
    """(H, W) or (H, W, 3) RGB like the frames."""
    count: int
    """How many frames are in it."""
    frame: NDArray[Any]
    """The newest of them."""
    glance: Glance
    """Its weights, and the heights so far."""


OnGrown = Callable[[Growth], None]
"""Called from the fuser's thread."""


class LiveFusion:
    """Decides which frames belong to the stack, and fuses those.

    The decision is made here once: a frame is used if the stage, interpolated between the
    positions read before and after the frame, was within the planned range, and had not been
    told to stop. The fused image and the used frames therefore always agree.

    Parameters
    ----------
    model : StreamingWearIF
    plan : SweepPlan
    positions : PositionLog
        Of the sweep; closed when it is over.
    lag_s : float
        How late the stage's read-back is.
    read : callable
        Reads a recorded frame's pixels back by its index.
    on_grown : callable
        Gets previews.
    """

    def __init__(
        self,
        model: StreamingWearIF,
        plan: SweepPlan,
        positions: PositionLog,
        *,
        lag_s: float,
        read: Callable[[int], NDArray[Any]],
        on_grown: OnGrown,
    ) -> None:
        self.fusion = StreamingFusion(model)
        self._plan = plan
        self._positions = positions
        self._lag_s = lag_s
        self._read = read
        self._on_grown = on_grown
        self._used: list[int] = []
        self._steady_until_ns: int | None = None
        self._abandoned = False
        self._failure: Exception | None = None
        self._t_preview_s = 0.0
        self._previewed = 0
        self._newest: NDArray[Any] | None = None
        # The camera, the recorder and the live picture have to be in time; the fusion need not.
        self._worker: Worker[tuple[Frame | None, int, int]] = Worker(
            "fuser", self._take, stands_back=True
        )

    @property
    def used(self) -> tuple[int, ...]:
        """The indices of the frames that belong to the stack, in the order of fusion."""
        return tuple(self._used)

    @property
    def abandoned(self) -> bool:
        """Whether frames of the stack were left out of the fusion."""
        return self._abandoned

    @property
    def failure(self) -> Exception | None:
        """What ended the fusion early, if anything did."""
        return self._failure or self._worker.failure

    def add(self, frame: Frame) -> None:
        """Queue a frame that lies on disk, and return at once."""
        waiting_bytes = (self._worker.waiting + 1) * frame.image.nbytes
        kept = frame if waiting_bytes <= KEPT_BYTES else None
        self._worker.put((kept, frame.index, frame.t_mid_ns))

    def end_steady(self, t_ns: int) -> None:
        """Say that the stage was told to stop; later frames are not at constant speed."""
        self._steady_until_ns = t_ns

    def abandon(self) -> None:
        """Fuse no more of the frames that wait; they still count as used."""
        self._abandoned = True

    def finish(self) -> None:
        """Wait until all frames are fused; call it after the sweep."""
        self._worker.finish()
        if not self._abandoned and self._previewed < self.fusion.count:
            self._preview()

    def _take(self, item: tuple[Frame | None, int, int]) -> None:
        frame, index, t_mid_ns = item
        if not self._belongs(t_mid_ns):
            return
        self._used.append(index)
        if self._abandoned:
            return
        try:
            self._fuse(self._read(index) if frame is None else frame.image)
        except Exception as error:  # noqa: BLE001 - told by `failure`
            # The frames that follow still have to be sorted into the stack: it can be fused again.
            self._failure = error
            self._abandoned = True

    def _fuse(self, image: NDArray[Any]) -> None:
        self.fusion.add(image)
        self._newest = image
        now_s = time.monotonic()
        if now_s - self._t_preview_s >= PREVIEW_PERIOD_S or self._worker.waiting == 0:
            self._t_preview_s = now_s
            self._preview()

    def _preview(self) -> None:
        if self._newest is None:
            return
        self._previewed = self.fusion.count
        glance = self.fusion.glance(GLANCE_PX)
        self._on_grown(Growth(self.fusion.preview(), self.fusion.count, self._newest, glance))

    def _belongs(self, t_mid_ns: int) -> bool:
        around = self._positions.around(t_mid_ns + round(self._lag_s * 1e9), POSITION_TIMEOUT_S)
        if around is None:
            return False
        if self._steady_until_ns is not None and t_mid_ns > self._steady_until_ns:
            return False
        return in_range(*around, t_mid_ns, self._plan, self._lag_s)
