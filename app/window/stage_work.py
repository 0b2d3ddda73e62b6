"""Going to places: by numbers, by name, by a point of the picture. Knows no Qt."""

from __future__ import annotations

from pathlib import Path

from app.acquisition.operator_settings import (
    OperatorSettings,
    Place,
    SettingsError,
    load_settings,
    save_settings,
    settings_file,
)
from app.window.control_state import Link
from app.window.jog import AXES, Aim, Point
from app.window.jogger import Jogger
from app.window.shared_control import SharedControl
from drivers.stage import AxisName, StageState


class StageWork:
    """Zero, stored positions and absolute moves.

    Parameters
    ----------
    shared : SharedControl
    jogger : Jogger
        Moves.
    folder : Path, optional
        Where the operator's settings are kept; None: only as long as the program runs.
    """

    def __init__(self, shared: SharedControl, jogger: Jogger, folder: Path | None) -> None:
        self._shared = shared
        self._jogger = jogger
        self._folder = folder

    def read_settings(self) -> None:
        """Read what was stored for the microscope; on a worker thread."""
        if self._folder is None:
            return
        try:
            settings = load_settings(self._file(self._folder))
        except SettingsError as error:
            self._shared.report(error, "Reading stored positions and presets")
            settings = OperatorSettings()
        self._shared.change(settings=settings)

    def write_settings(self, settings: OperatorSettings) -> None:
        """Keep changed settings."""
        self._shared.change(settings=settings)
        folder = self._folder

        def write(folder: Path) -> None:
            try:
                save_settings(self._file(folder), settings)
            except SettingsError as error:
                self._shared.report(error, "Storing positions and presets")

        if folder is not None:
            self._shared.submit(lambda: write(folder))

    def go_to(self, aim: Aim) -> None:
        """Go to a position within the limits, z first where it goes up."""
        microscope, state = self._shared.microscope(), self._shared.state()
        if microscope is None or state.link is not Link.READY or state.capturing:
            return
        refusal = aim.refusal(microscope.stage.caps)
        if refusal:
            self._shared.notice(refusal)
            return
        self._jogger.go_to(microscope.stage, aim)

    def go_to_place(self, name: str) -> None:
        """Go to a stored position."""
        place = self._place(name)
        if place is not None:
            self.go_to(Aim(place.x_um, place.y_um, place.z_um))

    def store_place(self, name: str = "") -> None:
        """Store where the stage is, under a name or the next number."""
        stage = self._stage()
        if stage is None or stage.position is None or not stage.referenced:
            self._shared.notice("The stage has to be homed before a position can be stored.")
            return
        here, settings = stage.position, self._shared.state().settings
        chosen = name.strip()[:60] or settings.free_name("Position")
        place = Place(name=chosen, x_um=here.x_um, y_um=here.y_um, z_um=here.z_um)
        self.write_settings(settings.with_place(place))

    def delete_place(self, name: str) -> None:
        """Forget a stored position."""
        self.write_settings(self._shared.state().settings.without_place(name))

    def set_zero(self, axis: AxisName) -> None:
        """Count an axis from where it is; the limits stay where they are."""
        stage = self._stage()
        if stage is None or stage.position is None or not stage.referenced:
            self._shared.notice("The stage has to be homed before it can be counted from here.")
            return
        here, zero = Point.of(stage.position), self._shared.state().zero
        values = {each: here[each] if each == axis else zero[each] for each in AXES}
        self._shared.change(zero=Point(values["x"], values["y"], values["z"]))

    def clear_zero(self) -> None:
        """Show the stage's own coordinates again."""
        self._shared.change(zero=Point())

    def _file(self, folder: Path) -> Path:
        return settings_file(folder, self._shared.state().microscope)

    def _place(self, name: str) -> Place | None:
        places = self._shared.state().settings.places
        return next((place for place in places if place.name == name), None)

    def _stage(self) -> StageState | None:
        microscope = self._shared.microscope()
        return None if microscope is None else microscope.stage.state()
