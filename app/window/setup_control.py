"""Sets a microscope up: finds devices, tests them, measures the pixel, saves a profile; no Qt."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from app.devices import CameraFound, PortFound, find_cameras, list_ports, probe_ports
from app.profiles import (
    MicroscopeProfile,
    StageProfile,
    profiles_folder,
    save_profile,
)
from app.window.picture import Pixels, to_screen
from app.window.task_thread import TaskThread
from app.window.trouble import Trouble, describe
from drivers.errors import DeviceError
from drivers.stage import Stage

if TYPE_CHECKING:
    from app.acquisition.microscope import Microscope
    from app.acquisition.motion import Motion
    from app.acquisition.pixel_size import PixelSize

HOMING_TIMEOUT_S: Final = 120.0


@dataclass(frozen=True, slots=True, eq=False)
class SetupState:
    """What the setup shows."""

    busy: str = ""
    """What takes its time; empty if nothing does."""
    ports: tuple[PortFound, ...] = ()
    cameras: tuple[CameraFound, ...] = ()
    camera_troubles: tuple[str, ...] = ()
    stage_answer: tuple[str, ...] = ()
    """What the stage said when it was tested, line by line."""
    camera_answer: tuple[str, ...] = ()
    picture: Pixels | None = None
    """What the camera saw when it was tested."""
    pixel: PixelSize | None = None
    trouble: Trouble | None = None
    saved: Path | None = None


class SetupControl:
    """Works for the setup on a thread of its own; commands return at once.

    Parameters
    ----------
    tell : callable
        Gets every `SetupState`, from whatever thread; must return at once.
    let_go : callable
        Makes the window give its own microscope back, so that its ports are free; blocks.
    folder : Path, optional
        Where profiles are saved; by default that of the user's own.
    """

    def __init__(
        self,
        tell: Callable[[SetupState], None],
        let_go: Callable[[], None],
        folder: Path | None = None,
    ) -> None:
        self._tell = tell
        self._let_go = let_go
        self._folder = folder
        self._state = SetupState()
        self._changing = threading.Lock()
        self._stage: Stage | None = None
        self._motion: Motion | None = None
        self._stops = 0
        self._tasks = TaskThread("setup", lambda error: self._failed(error, "The program"))

    @property
    def state(self) -> SetupState:
        """The present state."""
        return self._state

    def find(self) -> None:
        """Ask on all ports and look for cameras; nothing moves."""

        def look() -> None:
            self._let_go()
            probe_ports(list_ports(), lambda port: self._change(ports=(*self._state.ports, port)))
            cameras, troubles = find_cameras()
            self._change(cameras=tuple(cameras), camera_troubles=tuple(troubles))

        self._change(ports=(), cameras=(), camera_troubles=())
        self._submit("Looking for devices", look)

    def test_stage(self, profile: StageProfile) -> None:
        """Connect the stage and say what it answers; nothing moves."""
        from app.acquisition.stages import make_stage

        def test() -> None:
            self._let_go()
            stage = self._stage = make_stage(profile)
            try:
                stage.connect()
                self._change(stage_answer=stage_words(stage))
            finally:
                self._stage = None
                stage.close()

        self._change(stage_answer=())
        self._submit("Testing the stage", test)

    def test_camera(self, profile: MicroscopeProfile) -> None:
        """Take one picture and say what the camera tells of itself."""
        from app.acquisition.microscope import camera_settings, open_microscope
        from app.acquisition.standing_picture import still_picture

        def test() -> None:
            self._let_go()
            microscope = open_microscope(profile)
            camera = microscope.camera
            try:
                camera.open()
                camera.configure(camera_settings(profile.camera))
                frame = still_picture(camera)
                caps = camera.caps
                self._change(
                    picture=to_screen(frame.image, caps.bits),
                    camera_answer=(
                        f"{camera.name}",
                        f"{caps.width} × {caps.height} pixels, {caps.bits} bits",
                        f"up to {caps.max_fps:.1f} frames/s",
                        *caps.notes,
                    ),
                )
            finally:
                microscope.close()

        self._change(camera_answer=(), picture=None)
        self._submit("Testing the camera", test)

    def measure_ruling(self, picture: Path, spacing_um: float) -> None:
        """Measure the pixel on a picture of a stage micrometer, taken with this objective."""

        def measure() -> None:
            from app.acquisition.pixel_size import PixelSize
            from app.acquisition.ruling import find_ruling
            from app.captures.image_file import read_image

            ruling = find_ruling(read_image(picture))
            pixel_um = ruling.pixel_um(spacing_um)
            how = f"lines every {ruling.period_px:.2f} pixels, turned by {ruling.angle_deg:.1f}°"
            sigma_um = pixel_um * ruling.sigma_px / ruling.period_px
            self._change(pixel=PixelSize(pixel_um, sigma_um, how))

        self._change(pixel=None)
        self._submit("Measuring the ruling", measure)

    def measure_move(self, profile: MicroscopeProfile, *, home: bool) -> None:
        """Measure the pixel by moving the stage; the operator has been asked.

        Parameters
        ----------
        profile : MicroscopeProfile
        home : bool
            Whether the stage may be homed first, if it has to be.
        """
        from app.acquisition.microscope import open_microscope

        stops = self._stops

        def measure() -> None:
            self._let_go()
            with open_microscope(profile) as microscope:
                self._stage = microscope.stage
                try:
                    self._measure_move(microscope, stops, home=home)
                finally:
                    self._stage = self._motion = None

        self._change(pixel=None)
        self._submit("Measuring by moving the stage", measure)

    def save(self, profile: MicroscopeProfile, file_name: str) -> None:
        """Save the profile, one TOML file for a microscope; an old one of this name is replaced."""

        def save() -> None:
            path = (self._folder or profiles_folder()) / f"{file_name}.toml"
            save_profile(profile, path)
            self._change(saved=path)

        self._change(saved=None)
        self._submit("Saving the profile", save)

    def stop(self) -> None:
        """Stop whatever moves for the setup, or was about to; returns at once, from any thread."""
        self._stops += 1
        stage, motion = self._stage, self._motion
        if stage is None:
            return
        halt: Callable[[], Any] = motion.cancel if motion is not None else stage.stop
        threading.Thread(target=self._halt, args=(halt,), name="setup stop", daemon=True).start()

    def close(self, timeout_s: float) -> bool:
        """Stop, and end; False if that took longer than allowed."""
        self.stop()
        return self._tasks.close(timeout_s)

    def _measure_move(self, microscope: Microscope, stops: int, *, home: bool) -> None:
        """Home if need be, and measure, unless STOP was pressed since it was asked for."""
        from app.acquisition.motion import Motion
        from app.acquisition.pixel_moves import measure_by_moving

        stage = microscope.stage
        motion = self._motion = Motion(stage)
        if self._stops != stops:
            # There was nothing yet that it could have stopped.
            motion.cancel()
        motion.check()
        if home and not stage.state().referenced:
            self._change(busy="Homing the stage")
            move = stage.home()
            if motion.cancelled:
                # That STOP may have been over before the homing began.
                stage.stop()
            move.wait(HOMING_TIMEOUT_S)
        found = measure_by_moving(
            microscope,
            motion,
            lambda done, total: self._change(busy=f"Picture {done} of {total}"),
        )
        self._change(pixel=found)

    def _halt(self, halt: Callable[[], Any]) -> None:
        try:
            halt()
        except DeviceError as error:
            self._failed(error, "STOP")

    def _submit(self, what: str, task: Callable[[], None]) -> None:
        def run() -> None:
            try:
                task()
            except Exception as error:  # noqa: BLE001 - shown in the setup
                self._failed(error, what)
            finally:
                self._change(busy="")

        self._change(busy=what, trouble=None)
        self._tasks.submit(run)

    def _failed(self, error: Exception, what: str) -> None:
        stage = self._stage.state() if self._stage is not None else None
        trouble = describe(error, what, stage)
        if stage is None:
            trouble = replace(trouble, stage="", can_reconnect=False)
        self._change(trouble=trouble)

    def _change(self, **changes: Any) -> None:  # noqa: ANN401 - fields of SetupState
        with self._changing:
            self._state = replace(self._state, **changes)
            state = self._state
        self._tell(state)


def stage_words(stage: Stage) -> tuple[str, ...]:
    """Say what a connected stage tells of itself, one fact in a line."""
    state, caps = stage.state(), stage.caps
    where = stage.position()
    return (
        stage.name,
        "homed" if state.referenced else "not homed yet",
        f"at x {where.x_um:.1f}, y {where.y_um:.1f}, z {where.z_um:.1f} µm",
        *(
            f"{name}: {axis.lower_um:.0f} to {axis.upper_um:.0f} µm, "
            f"{axis.min_speed_um_per_s:.3g} to {axis.max_speed_um_per_s:.3g} µm/s"
            for name, axis in (("x", caps.x), ("y", caps.y), ("z", caps.z))
        ),
    )
