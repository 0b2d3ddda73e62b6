"""A profile while the operator still writes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pydantic import ValidationError

from app.devices import CameraFound, PortFound
from app.orientation import Orientation
from app.profiles import MicroscopeProfile, Objective, ProfileError

STAGE_DRIVERS: Final = ("grbl", "zaber", "prior", "asi", "tango", "declared", "simulated")
CAMERA_DRIVERS: Final = ("basler", "uvc", "simulated")


@dataclass(frozen=True, slots=True)
class ObjectiveDraft:
    """A row of the table of objectives."""

    name: str
    magnification: float
    na: float
    object_pixel_um: float | None = None
    object_pixel_sigma_um: float | None = None
    """None where the pixel was typed in, or is not known."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What the setup asks for; everything else stays as it is in the profile it began from."""

    name: str
    stage_driver: str
    url: str
    baud: int | None
    camera_driver: str
    serial: str
    sensor_pixel_um: float
    exposure_ms: float
    objectives: tuple[ObjectiveDraft, ...]
    objective: str
    orientation: Orientation

    @classmethod
    def of(cls, profile: MicroscopeProfile) -> Draft:
        """Begin from a profile."""
        return cls(
            profile.name,
            profile.stage.driver,
            profile.stage.url,
            profile.stage.baud,
            profile.camera.driver,
            profile.camera.serial,
            profile.camera.pixel_um,
            profile.camera.exposure_ms,
            tuple(
                ObjectiveDraft(
                    each.name,
                    each.magnification,
                    each.na,
                    each.object_pixel_um,
                    each.object_pixel_sigma_um,
                )
                for each in profile.objectives
            ),
            profile.objective,
            profile.camera.orientation,
        )

    def profile(self, base: MicroscopeProfile) -> MicroscopeProfile:
        """Return the profile that this makes of another.

        Raises
        ------
        ProfileError
            Something of it is wrong; the message says which field and why.
        """
        fields = base.model_dump(exclude_none=True)
        fields.update(name=self.name, objective=self.objective)
        fields["stage"].update(driver=self.stage_driver, url=self.url, baud=self.baud)
        if self.stage_driver != "declared":
            fields["stage"]["controller"] = ""
        fields["camera"].update(
            driver=self.camera_driver,
            serial=self.serial,
            pixel_um=self.sensor_pixel_um,
            exposure_ms=self.exposure_ms,
            rotation_deg=self.orientation.rotation_deg,
            mirrored=self.orientation.mirrored,
        )
        known = {each.name: each for each in base.objectives}
        fields["objectives"] = [_objective(each, known.get(each.name)) for each in self.objectives]
        if "micromanager" not in (self.stage_driver, self.camera_driver):
            fields.pop("micromanager", None)
        try:
            return MicroscopeProfile.model_validate(fields)
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(str(part) for part in first["loc"])
            reason = first["msg"].removeprefix("Value error, ")
            raise ProfileError(f"{field}: {reason}" if field else reason) from error

    @property
    def file_name(self) -> str:
        """A name for the profile's file: lower case, no blanks."""
        kept = "".join(sign if sign.isalnum() else "_" for sign in self.name.lower())
        return "_".join(part for part in kept.split("_") if part) or "microscope"


def stage_of(port: PortFound) -> tuple[str, str, int | None]:
    """Return driver, url and baud rate for what answered on a port; the driver may be empty."""
    finding = port.finding
    if finding is None or not finding.kind:
        return "", port.url, None
    return finding.kind, port.url, None if "://" in port.url else finding.baud


def camera_of(found: CameraFound) -> tuple[str, str]:
    """Return driver and serial number of a camera that was found."""
    return found.driver, found.serial


def _objective(draft: ObjectiveDraft, base: Objective | None) -> dict[str, object]:
    fields: dict[str, object] = base.model_dump(exclude_none=True) if base is not None else {}
    fields.update(name=draft.name, magnification=draft.magnification, na=draft.na)
    for name in ("object_pixel_um", "object_pixel_sigma_um"):
        fields.pop(name, None)
        if getattr(draft, name) is not None:
            fields[name] = getattr(draft, name)
    return fields
