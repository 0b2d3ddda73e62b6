"""What the operator can set for the next sweep; knows no Qt."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from shutil import disk_usage
from typing import Any

from app.acquisition.operator_settings import SweepPreset
from app.acquisition.sweep_setup import RangeMode, SweepPreview, SweepRange, preview_sweep
from app.captures.recorder import RESERVE_BYTES
from app.window.camera_work import CameraWork
from app.window.shared_control import SharedControl
from app.window.stage_work import StageWork
from drivers.errors import DeviceError
from drivers.stage import StageState


class SweepWork:
    """Range, step and objective of the next sweep.

    Parameters
    ----------
    shared : SharedControl
    camera : CameraWork
        Takes the exposure of a preset.
    stage : StageWork
        Keeps presets.
    captures : Path
        The captures folder; its disk has to hold the frames.
    """

    def __init__(
        self, shared: SharedControl, camera: CameraWork, stage: StageWork, captures: Path
    ) -> None:
        self._shared = shared
        self._camera = camera
        self._stage = stage
        self._captures = captures
        self._seen: tuple[object, ...] = ()
        self._preview = SweepPreview(None)

    def set_end(self, *, bottom: bool) -> None:
        """Begin or end the range at the present z."""
        microscope = self._shared.microscope()
        stage = None if microscope is None else microscope.stage.state()
        if stage is None or stage.position is None or not stage.referenced:
            self._shared.notice("The stage has to be homed before a range can be set.")
            return
        z_um, old = stage.position.z_um, self._shared.state().z_range
        ends = {"bottom_um": z_um} if bottom else {"top_um": z_um}
        new = replace(old, mode=RangeMode.ENDS, **ends)
        if new.bottom_um is not None and new.top_um is not None and new.bottom_um >= new.top_um:
            # The end just set is the one that is meant.
            new = replace(new, **({"top_um": None} if bottom else {"bottom_um": None}))
        self._shared.change(z_range=new)

    def clear_range(self) -> None:
        """Leave the range to the autofocus."""
        self._shared.change(z_range=SweepRange())

    def set_mode(self, mode: RangeMode) -> None:
        """Choose how the range is found; ends that were set are kept."""
        self._shared.change(z_range=replace(self._shared.state().z_range, mode=mode))

    def set_half(self, half_um: float) -> None:
        """Choose how far around the present z to sweep."""
        z_range = self._shared.state().z_range
        self._shared.change(z_range=replace(z_range, mode=RangeMode.AROUND, half_um=half_um))

    def set_step(self, step_fraction: float) -> None:
        """Choose the distance between frames, as a share of the depth of field."""
        self._change_profile(step_fraction=step_fraction)

    def choose_objective(self, name: str) -> None:
        """Work with another objective, with its preset if there is one; nothing moves."""
        state = self._shared.state()
        if state.capturing or state.profile is None or name == state.objective:
            return
        self._change_profile(objective=name)
        self._shared.change(z_range=SweepRange())
        self._shared.submit(self._turn_simulated_turret)
        preset = state.settings.presets.get(name)
        if preset is not None:
            self._change_profile(step_fraction=preset.step_fraction)
            self._camera.configure(
                exposure_ms=preset.exposure_ms, gain_db=preset.gain_db, fps=preset.fps
            )
        told = "its preset is set" if preset is not None else "it has no preset yet"
        self._shared.notice(f"Turn the turret to {name}; {told}. Raise the stage before you do.")

    def save_preset(self) -> None:
        """Keep step, exposure and frame rate for the objective in use."""
        state = self._shared.state()
        if state.camera is None or state.profile is None:
            return
        now = state.camera.settings
        preset = SweepPreset(
            step_fraction=state.profile.step_fraction,
            exposure_ms=now.exposure_ms,
            gain_db=now.gain_db,
            fps=now.fps,
        )
        self._stage.write_settings(state.settings.with_preset(state.objective, preset))
        self._shared.notice(f"This is the preset of {state.objective} from now on.")

    def look_at_disk(self) -> None:
        """Find out how much room there is; on a worker thread, since a disk may be far away."""
        existing = next(p for p in (self._captures, *self._captures.parents) if p.exists())
        try:
            free_bytes: int | None = max(0, disk_usage(existing).free - RESERVE_BYTES)
        except OSError as error:
            self._shared.report(error, "Asking how much room the disk has")
            free_bytes = None
        self._shared.change(free_bytes=free_bytes)

    def preview(self, stage: StageState | None) -> SweepPreview:
        """Return what the next sweep would be; planned anew only where something has changed."""
        state = self._shared.state()
        position = stage.position if stage is not None and stage.referenced else None
        # What the read-back trembles must not make the numbers tremble.
        z_um = None if position is None else round(position.z_um, 1)
        seen = (state.profile, state.camera, state.caps, state.z_range, z_um, state.free_bytes)
        if seen != self._seen:
            self._seen = seen
            self._preview = self._plan(z_um)
        return self._preview

    def _plan(self, z_um: float | None) -> SweepPreview:
        state = self._shared.state()
        if state.profile is None or state.camera is None or state.caps is None:
            return SweepPreview(None, "No microscope is connected yet.")
        return preview_sweep(
            state.profile,
            state.camera.caps,
            state.camera.settings,
            state.caps,
            state.z_range,
            z_um=z_um,
            free_bytes=state.free_bytes,
        )

    def _turn_simulated_turret(self) -> None:
        """Turn it, since nobody else can; the turret of a real microscope is turned by hand."""
        microscope = self._shared.microscope()
        if microscope is None or microscope.simulation is None:
            return
        objective = microscope.objective
        try:
            microscope.camera.close()
            microscope.simulation.turn_turret(objective.magnification, objective.na)
            microscope.camera.open()
        except DeviceError as error:
            self._shared.report(error, "Turning the simulated turret")
        self._camera.restart()

    def _change_profile(self, **update: Any) -> None:  # noqa: ANN401 - fields of the profile
        """Let the microscope work by a changed profile; the file is left as it is."""
        microscope = self._shared.microscope()
        if microscope is None or self._shared.state().capturing:
            return
        microscope.profile = microscope.profile.model_copy(update=update)
        self._shared.change(
            profile=microscope.profile,
            objective=microscope.objective.name,
            pixel_um=microscope.pixel_um,
            depth_of_field_um=microscope.depth_of_field_um,
        )
