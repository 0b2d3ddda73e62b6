"""What every camera keeps between being opened and closed, whoever made it."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from contextlib import suppress
from typing import Generic, Protocol, TypeVar

from drivers.camera import CameraCaps, CameraSettings, CameraStatistics
from drivers.errors import ConnectionLost, DeviceError


class CameraRun(Protocol):
    """What delivers frames between start and stop."""

    @property
    def statistics(self) -> CameraStatistics:
        """The counts so far."""
        ...


Run = TypeVar("Run", bound=CameraRun)


class OpenedCamera(ABC, Generic[Run]):
    """Capabilities, settings and counts of a `drivers.camera.Camera`."""

    def __init__(self) -> None:
        self._caps: CameraCaps | None = None
        self._settings: CameraSettings | None = None
        self._taken: CameraSettings | None = None
        """What was last set; a camera that was unplugged has forgotten it."""
        self._run: Run | None = None
        self._statistics = CameraStatistics(0, 0, 0)
        self._lifecycle = threading.RLock()
        """Held while a run begins or ends."""

    @property
    @abstractmethod
    def name(self) -> str:
        """The device as errors and the window name it."""

    @property
    def caps(self) -> CameraCaps:
        """What the camera can do; valid after `open`."""
        if self._caps is None:
            raise self._not_open("read the capabilities")
        return self._caps

    @property
    def settings(self) -> CameraSettings:
        """The values that the camera really uses, as far as it tells; valid after `open`."""
        if self._settings is None:
            raise self._not_open("read the settings")
        return self._settings

    def close(self) -> None:
        """Stop grabbing and release the camera; harmless when not open."""
        with self._lifecycle:
            # What the run has to complain about no longer matters to who closes.
            with suppress(DeviceError):
                self.stop()
            self._release()

    @abstractmethod
    def stop(self) -> CameraStatistics:
        """End the run; see `drivers.camera.Camera.stop`."""

    def statistics(self) -> CameraStatistics:
        """Return the counts of the present or the last run."""
        run = self._run
        return self._statistics if run is None else run.statistics

    @abstractmethod
    def _release(self) -> None:
        """Let go of the device; harmless when there is none."""

    def _not_open(self, attempted: str) -> ConnectionLost:
        return ConnectionLost(self.name, attempted, "not open", "Connect the camera first.")
