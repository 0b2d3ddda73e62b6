"""The stage that a profile asks for."""

from __future__ import annotations

from pathlib import Path

from app.profiles import AxisProfile, ProfileError, StageProfile, controllers_folder
from drivers.asi import AsiDialect
from drivers.declaration import DeclarationError, load_controller
from drivers.declared import DeclaredDialect
from drivers.grbl import GrblStage
from drivers.grbl_axes import GrblAxis, GrblSettings
from drivers.prior import PriorDialect
from drivers.serial_stage.dialect import Dialect
from drivers.serial_stage.settings import AxisSettings, StageSettings
from drivers.serial_stage.stage import SerialStage
from drivers.stage import Stage
from drivers.tango import TangoDialect
from drivers.zaber import ZaberDialect


def make_stage(profile: StageProfile) -> Stage:
    """Make the driver of a real stage; nothing is connected yet.

    Raises
    ------
    ProfileError
        The declaration of its controller cannot be used.
    """
    if profile.driver == "grbl":
        return GrblStage(grbl_settings(profile))
    settings = stage_settings(profile)
    return SerialStage(settings, make_dialect(profile.driver, settings, profile.controller))


def make_dialect(kind: str, settings: StageSettings, controller: Path | str = "") -> Dialect:
    """Make the dialect of a kind of controller.

    Parameters
    ----------
    kind : str
        ``"zaber"``, ``"prior"``, ``"asi"``, ``"tango"`` or ``"declared"``.
    settings : StageSettings
    controller : Path or str
        The declaration's file or name, for ``"declared"``.

    Raises
    ------
    ProfileError
        There is no such kind, its declaration cannot be used, or the settings make no sense.
    """
    try:
        return _dialect(kind, settings, controller)
    except (DeclarationError, ValueError) as error:
        raise ProfileError(str(error)) from error


def _dialect(kind: str, settings: StageSettings, controller: Path | str) -> Dialect:
    match kind:
        case "zaber":
            return ZaberDialect(settings)
        case "prior":
            return PriorDialect(settings)
        case "asi":
            return AsiDialect(settings)
        case "tango":
            return TangoDialect(settings)
        case "declared":
            return DeclaredDialect(settings, load_controller(controller, controllers_folder()))
    msg = f"no stage driver is called {kind!r}"
    raise ValueError(msg)


def grbl_settings(profile: StageProfile) -> GrblSettings:
    """Return how a GRBL stage is reached according to its profile."""
    usual = GrblSettings(profile.url)
    return GrblSettings(
        profile.url,
        baud=profile.baud or usual.baud,
        x=grbl_axis(profile.x),
        y=grbl_axis(profile.y),
        z=grbl_axis(profile.z),
        poll_hz=profile.poll_hz,
        dtr=profile.dtr,
    )


def grbl_axis(axis: AxisProfile) -> GrblAxis:
    """Return how an axis of a GRBL stage lies according to its profile."""
    return GrblAxis(
        um_per_unit=axis.um_per_unit or GrblAxis().um_per_unit,
        sign=axis.direction,
        offset_um=axis.offset_um,
        lower_um=axis.lower_um,
        upper_um=axis.upper_um,
    )


def stage_settings(profile: StageProfile) -> StageSettings:
    """Return how a request-and-reply controller is reached according to its profile."""
    return StageSettings(
        profile.url,
        baud=profile.baud,
        x=_axis(profile.x),
        y=_axis(profile.y),
        z=_axis(profile.z),
        poll_hz=profile.poll_hz,
        dtr=profile.dtr,
    )


def _axis(axis: AxisProfile) -> AxisSettings:
    return AxisSettings(
        um_per_unit=axis.um_per_unit,
        direction=axis.direction,
        offset_um=axis.offset_um,
        lower_um=axis.lower_um,
        upper_um=axis.upper_um,
        address=axis.address,
        full_speed_um_per_s=axis.full_speed_um_per_s,
    )
