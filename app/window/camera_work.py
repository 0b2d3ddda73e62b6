"""What the operator can do with the camera; knows no Qt and never makes the window wait."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from app.captures.snapshot import Snapshot, SnapshotError, snapshot_path, write_snapshot
from app.window.control_state import CameraView
from app.window.live_feed import LiveFeed
from app.window.picture import Pixels, to_screen
from app.window.shared_control import SharedControl
from drivers.auto_exposure import balance_once, expose_once
from drivers.camera import CameraSettings, Region
from drivers.errors import DeviceError

if TYPE_CHECKING:
    from app.acquisition.microscope import Microscope

PATCH_PX: Final = 48
"""Side of the piece of substrate that a click chooses."""
Draw = Callable[[Pixels, float], bytes]
"""Makes a PNG with a scale bar of pixels and the side of one in µm."""


class CameraWork:
    """Exposure, gain, white balance and snapshots.

    Parameters
    ----------
    shared : SharedControl
    live : LiveFeed
    captures : Path
        The captures folder.
    draw : Draw
    restart : callable
        Starts the live picture again.
    """

    def __init__(
        self,
        shared: SharedControl,
        live: LiveFeed,
        captures: Path,
        draw: Draw,
        restart: Callable[[], None],
    ) -> None:
        self._shared = shared
        self._live = live
        self._captures = captures
        self._draw = draw
        self.restart = restart
        self._wanted: CameraSettings | None = None

    @property
    def bits(self) -> int:
        """Significant bits per channel of the frames."""
        return self._live.bits

    def show(self) -> None:
        """Tell the window what the camera can do and is set to; on the hardware's thread."""
        microscope = self._shared.microscope()
        if microscope is None:
            self._shared.change(camera=None)
            return
        camera = microscope.camera
        self._shared.change(camera=CameraView(camera.name, camera.caps, camera.settings))

    def configure(
        self,
        *,
        exposure_ms: float | None = None,
        gain_db: float | None = None,
        fps: float | None = None,
    ) -> None:
        """Set what is given; of several wishes that wait, the last one counts."""
        view = self._shared.state().camera
        if view is None:
            return
        now = self._wanted or view.settings
        waits = self._wanted is not None
        # Nothing but these: what is None stays as it is.
        self._wanted = CameraSettings(
            now.exposure_ms if exposure_ms is None else exposure_ms,
            now.gain_db if gain_db is None else gain_db,
            now.fps if fps is None else fps,
        )
        if not waits:
            self._shared.submit(self._configure)

    def expose(self) -> None:
        """Find the exposure once."""
        self._measure("exposure", "Finding the exposure", lambda m: expose_once(m.camera))

    def balance(self, pixel: tuple[int, int] | None = None) -> None:
        """Find the white balance once.

        Parameters
        ----------
        pixel : tuple of int, optional
            Column and row of a pixel of empty slide; by default the bright part of the picture.
        """

        def balance(microscope: Microscope) -> None:
            caps = microscope.camera.caps
            part = None if pixel is None else patch(pixel, caps.width, caps.height)
            balance_once(microscope.camera, part)

        self._measure("balance", "Finding the white balance", balance)

    def snap(self) -> None:
        """Save the newest frame."""
        self._shared.submit(self._snap)

    def _configure(self) -> None:
        wanted, self._wanted = self._wanted, None
        microscope = self._shared.microscope()
        if microscope is None or wanted is None:
            return
        try:
            microscope.camera.configure(wanted)
        except DeviceError as error:
            self._shared.report(error, "Setting the camera")
        self.show()

    def _measure(self, what: str, attempted: str, measure: Callable[[Microscope], object]) -> None:
        def work() -> None:
            microscope = self._shared.microscope()
            if microscope is None or self._shared.state().capturing:
                return
            self._shared.change(camera_busy=what)
            try:
                microscope.camera.stop()
                measure(microscope)
            except DeviceError as error:
                self._shared.report(error, attempted)
            finally:
                self._shared.change(camera_busy="")
                self.show()
                self.restart()

        self._shared.submit(work)

    def _snap(self) -> None:
        microscope, frame = self._shared.microscope(), self._live.newest
        if microscope is None or frame is None:
            self._shared.notice("There is no picture to save yet.")
            return
        stage = microscope.stage.state()
        known = stage.position if stage.referenced else None
        snapshot = Snapshot(
            image=frame.image,
            bits=self._live.bits,
            pixel_um=microscope.pixel_um,
            microscope=microscope.profile.name,
            objective=microscope.objective.name,
            exposure_ms=frame.exposure_ms,
            taken=datetime.now().astimezone(),
            position_um=None if known is None else (known.x_um, known.y_um, known.z_um),
        )
        picture = self._draw(to_screen(frame.image, self._live.bits), microscope.pixel_um)
        try:
            tiff, _png = write_snapshot(snapshot_path(self._captures, snapshot), snapshot, picture)
        except SnapshotError as error:
            self._shared.report(error, "Saving the snapshot")
            return
        self._shared.notice(f"Snapshot saved, also as PNG: {tiff.name}")


def patch(pixel: tuple[int, int], width: int, height: int) -> Region:
    """Return the square around a pixel, moved inside the image where it would stick out."""
    side = min(PATCH_PX, width, height)
    column, row = pixel
    left = min(max(column - side // 2, 0), width - side)
    top = min(max(row - side // 2, 0), height - side)
    return Region(left, top, side, side)
