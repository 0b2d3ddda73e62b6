"""`wearif scan`: capture many fields of a slide, unattended, and take up what was cut short."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.acquisition.events import Phase
from app.acquisition.fields import Direction, Field, ferrogram_fields, grid_fields, read_fields
from app.acquisition.microscope import Microscope, open_microscope
from app.acquisition.scan_events import FieldEntered, FieldFinished, ScanEvent, ScanFinished
from app.acquisition.slide_scan import SlideScan, new_scan
from app.captures.layout import SCAN
from app.captures.scan_record import read_scan
from app.duration import duration
from app.profiles import load_profile
from models.wearif.weights import load_streaming_model

HOMING_TIMEOUT_S = 120.0


class ScanError(Exception):
    """The scan cannot begin or did not get through; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which fields to capture; where several are given, the first one counts."""

    listed: Path | None = None
    """A CSV file of fields."""
    entry_um: tuple[float, float] | None = None
    """Where the ferrogram's entry is."""
    direction: Direction = "+x"
    """From the entry to the exit."""
    positions_mm: Sequence[float] = ()
    """Along the ferrogram; the usual ones if not given."""
    grid: tuple[int, int] = (3, 3)
    """Columns and rows around where the stage stands."""
    overlap: float = 0.1
    """Of neighbours in the grid, as a share of the field."""

    def fields(self, microscope: Microscope) -> tuple[Field, ...]:
        """Return the fields.

        Raises
        ------
        FieldsError
            There are none.
        """
        if self.listed is not None:
            return read_fields(self.listed)
        if self.entry_um is not None:
            if self.positions_mm:
                return ferrogram_fields(self.entry_um, self.direction, self.positions_mm)
            return ferrogram_fields(self.entry_um, self.direction)
        here, caps = microscope.stage.position(), microscope.camera.caps
        step_um = microscope.pixel_um * (1 - self.overlap)
        columns, rows = self.grid
        orientation = microscope.profile.camera.orientation
        steps_um = orientation.size_on_stage(caps.width * step_um, caps.height * step_um)
        return grid_fields((here.x_um, here.y_um), columns, rows, steps_um)


def run_scan(
    folder: Path,
    microscope: str,
    wanted: Wanted,
    *,
    home: bool,
    tell: Callable[[str], None],
) -> ScanFinished:
    """Scan a slide, or take up a scan that was cut short.

    Parameters
    ----------
    folder : Path
        Of the scan; where there is one already, its fields are taken up and ``wanted`` is passed
        over.
    microscope : str
        A profile's name or file.
    wanted : Wanted
    home : bool
        Whether the stage may find its reference switches where it has not yet.
    tell : callable
        Gets a line for each thing that happens.

    Raises
    ------
    ScanError
        The scan was begun with another microscope or objective, the stage is not homed and may
        not be, or the scan did not get through.
    ProfileError, FieldsError, RecorderError, StackError, DeviceError
        There is no such profile; no such fields; the folder cannot be written to or read; a
        device failed.
    """
    model = load_streaming_model()
    with open_microscope(load_profile(microscope)) as opened:
        begun = (folder / SCAN).is_file()
        if begun:
            _check_same(folder, opened)
        reference(opened, home, tell)
        if not begun:
            new_scan(folder, opened, wanted.fields(opened))
        scan = SlideScan(opened, folder, lambda event: _tell(event, tell), model=model)
        try:
            finished = scan.run()
        except KeyboardInterrupt:
            scan.cancel()
            tell("Stopped. The same command goes on with the fields left over.")
            raise
    if finished.phase is not Phase.DONE:
        reason = finished.error or "it was stopped"
        raise ScanError(f"{folder}: {reason}. The same command goes on with the fields left over.")
    return finished


def _check_same(folder: Path, microscope: Microscope) -> None:
    record = read_scan(folder)
    here = microscope.profile.name, microscope.objective.name
    if (record.microscope, record.objective) != here:
        raise ScanError(
            f"{folder}: was begun with {record.objective} on {record.microscope}, this is "
            f"{here[1]} on {here[0]}; name that microscope by --microscope, or another folder"
        )


def reference(microscope: Microscope, home: bool, tell: Callable[[str], None]) -> None:
    """Let the stage find its reference switches, if it has to and may.

    Raises
    ------
    ScanError
        It has to, and may not.
    DeviceError
        It did not find them.
    """
    stage = microscope.stage
    if stage.state().referenced:
        return
    if not (home or microscope.profile.is_simulated):
        raise ScanError(
            "The stage has not been homed. Make sure that nothing is in its way and give --home."
        )
    tell("home ...")
    stage.home().wait(HOMING_TIMEOUT_S)
    if microscope.profile.is_simulated:
        # Leave the corner where the switches are: the simulated slide lies in the middle.
        x_um, y_um, z_um = (
            (axis.lower_um + axis.upper_um) / 2
            for axis in (stage.caps.x, stage.caps.y, stage.caps.z)
        )
        stage.move_to(x_um=x_um, y_um=y_um, z_um=z_um).wait(HOMING_TIMEOUT_S)


def _tell(event: ScanEvent, tell: Callable[[str], None]) -> None:
    match event:
        case FieldEntered(_, field):
            tell(f"{field.name} at {field.x_um:.0f}, {field.y_um:.0f} µm ...")
        case FieldFinished(_, field, finished, total, left_s):
            focus = "" if field.best_z_um is None else f", focus at {field.best_z_um:.1f} µm"
            why = f" ({field.message})" if field.message else ""
            left = f", about {duration(left_s)} left" if finished < total else ""
            tell(f"  {field.state}{focus}{why}; {finished} of {total}{left}")
        case _:
            pass
