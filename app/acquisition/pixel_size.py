"""The side of a pixel at the object as it was measured, and when it goes into the profile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from app.orientation import Orientation
from app.profiles import MicroscopeProfile

_AS_CERTAIN: Final = 1.5
"""Up to this ratio two sigmas count as equal, and the newer value wins: of some 25 deviations from
a line their scatter is itself known to 14 % only, 1/√(2·25)."""


class PixelSizeError(Exception):
    """The pixel size cannot be found so; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class PixelSize:
    """A measured pixel."""

    pixel_um: float
    sigma_um: float
    """One standard deviation."""
    how: str
    """In words, for the operator."""
    orientation: Orientation | None = None
    """How the picture lies on the stage's axes; a ruling does not tell."""

    def improves(self, profile: MicroscopeProfile) -> bool:
        """Whether it is no less certain than what the profile says of the objective in use."""
        return self.sigma_um <= _AS_CERTAIN * profile.pixel_sigma_um

    def applied_to(self, profile: MicroscopeProfile) -> MicroscopeProfile:
        """Return the profile with this in it, for the objective in use.

        A pixel that is less certain than the one in the profile is left out; the orientation is
        certain whenever it is known at all.
        """
        turn = self.orientation or profile.camera.orientation
        camera = profile.camera.model_copy(
            update={"rotation_deg": turn.rotation_deg, "mirrored": turn.mirrored}
        )
        turned = profile.model_copy(update={"camera": camera})
        if not self.improves(profile):
            return turned
        # The objective is told of pixels that are not binned.
        binning = profile.camera.binning
        measured = {
            "object_pixel_um": round(self.pixel_um / binning, 6),
            "object_pixel_sigma_um": round(self.sigma_um / binning, 8),
        }
        objectives = tuple(
            each.model_copy(update=measured) if each.name == profile.objective else each
            for each in profile.objectives
        )
        return turned.model_copy(update={"objectives": objectives})
