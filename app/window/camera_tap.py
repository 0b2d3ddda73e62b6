"""A camera that shows every frame to a second pair of eyes."""

from __future__ import annotations

from drivers.camera import (
    Camera,
    CameraCaps,
    CameraSettings,
    CameraStatistics,
    Frame,
    FrameSink,
)


class CameraTap:
    """Passes everything on to a camera, and each frame to a second sink as well.

    So the live picture goes on while an autofocus or a sweep has the camera.

    Parameters
    ----------
    camera : Camera
    watch : callable
        Gets each frame first, from the camera's thread; must return at once.
    """

    def __init__(self, camera: Camera, watch: FrameSink) -> None:
        self._camera = camera
        self._watch = watch

    @property
    def name(self) -> str:
        """See `Camera.name`."""
        return self._camera.name

    @property
    def caps(self) -> CameraCaps:
        """See `Camera.caps`."""
        return self._camera.caps

    @property
    def settings(self) -> CameraSettings:
        """See `Camera.settings`."""
        return self._camera.settings

    def open(self) -> None:
        """See `Camera.open`."""
        self._camera.open()

    def close(self) -> None:
        """See `Camera.close`."""
        self._camera.close()

    def configure(self, wanted: CameraSettings) -> CameraSettings:
        """See `Camera.configure`."""
        return self._camera.configure(wanted)

    def start(self, sink: FrameSink, *, every_frame: bool) -> None:
        """See `Camera.start`."""
        watch = self._watch

        def both(frame: Frame) -> None:
            watch(frame)
            sink(frame)

        self._camera.start(both, every_frame=every_frame)

    def stop(self) -> CameraStatistics:
        """See `Camera.stop`."""
        return self._camera.stop()

    def statistics(self) -> CameraStatistics:
        """See `Camera.statistics`."""
        return self._camera.statistics()
