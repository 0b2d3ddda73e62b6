"""How far the side of a pixel that moves of the stage tell is from the truth, and its sigma.

Random slides under objectives that magnify a few percent more or less than engraved, on stages
that lose more or less on reversal: the program's own code on devices in virtual time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.acquisition.motion import Motion
from app.acquisition.pixel_moves import measure_by_moving
from app.acquisition.pixel_size import PixelSizeError
from app.trials.focusing import same
from app.trials.rig import connect_rig, rig_profile
from drivers.simulated.scene import Scene
from drivers.simulated.settings import SimulationSettings
from drivers.simulated.virtual_camera import UsbTiming
from drivers.simulated.virtual_stage import SerialTiming

ENGRAVED_WITHIN: Final = 0.05
"""The engraved magnification is off by up to so much."""
_BACKLASH_UM: Final = (0.0, 8.0)
_DEFOCUS_UM: Final = 1.0
_WORLD = SimulationSettings()


@dataclass(frozen=True, slots=True)
class PixelTry:
    """One slide."""

    true_um: float
    found_um: float
    """nan where it was not measured."""
    sigma_um: float
    duration_s: float
    """On the microscope's own clock."""

    @property
    def error(self) -> float:
        """As a share of the truth."""
        return self.found_um / self.true_um - 1


@dataclass(frozen=True, slots=True)
class PixelTrial:
    """All slides."""

    tries: tuple[PixelTry, ...]

    @property
    def errors(self) -> NDArray[np.float64]:
        """(N,) signed shares of the truth; infinite where nothing was measured."""
        errors = np.array([each.error for each in self.tries])
        return np.where(np.isnan(errors), np.inf, errors)

    @property
    def sigmas_off(self) -> NDArray[np.float64]:
        """(N,) how many of its own sigmas each is off; infinite where nothing was measured."""
        sigmas = np.array([each.sigma_um / each.true_um for each in self.tries])
        off: NDArray[np.float64] = np.abs(self.errors) / sigmas
        return np.where(np.isnan(off), np.inf, off)

    def table(self) -> str:
        """Return the figures in lines."""
        errors, off = np.abs(self.errors), self.sigmas_off
        sigmas = [each.sigma_um / each.true_um for each in self.tries]
        durations_s = [each.duration_s for each in self.tries]
        return "\n".join(
            (
                f"slides                     {len(self.tries)}",
                f"not measured               {np.count_nonzero(np.isinf(errors))}",
                f"RMS error                  {100 * np.sqrt(np.mean(errors**2)):.3f} %",
                f"largest error              {100 * errors.max():.3f} %",
                f"within 0.2 %               {np.count_nonzero(errors <= 0.002)}",
                f"median sigma               {100 * np.nanmedian(sigmas):.3f} %",
                f"RMS error in sigmas        {np.sqrt(np.mean(off**2)):.2f}",
                f"largest error in sigmas    {off.max():.2f}",
                f"median time                {np.median(durations_s):.0f} s",
            )
        )


def try_pixel(
    slides: int,
    seed: int = 0,
    on_progress: Callable[[str, int, int], None] | None = None,
) -> PixelTrial:
    """Measure the pixel on many random slides.

    Parameters
    ----------
    slides : int
        How many.
    seed : int
        Of slides, places, magnifications and backlash.
    on_progress : callable, optional
        Told what is being done, how many slides are, and how many there are.
    """
    tries: list[PixelTry] = []
    for slide in range(slides):
        if on_progress is not None:
            on_progress("measuring the pixel", slide, slides)
        random = np.random.default_rng((seed, slide, 2))
        tries.append(_try_slide(random, 700_000 + 1000 * seed + slide))
    return PixelTrial(tuple(tries))


def _try_slide(random: np.random.Generator, seed: int) -> PixelTry:
    off = float(random.uniform(1 - ENGRAVED_WITHIN, 1 + ENGRAVED_WITHIN))
    slack_x_um, slack_y_um = random.uniform(*_BACKLASH_UM, 2).tolist()
    place = float(random.uniform(5e3, 35e3)), float(random.uniform(5e3, 15e3))
    away_um = float(random.uniform(-_DEFOCUS_UM, _DEFOCUS_UM))
    settings = replace(
        _WORLD,
        seed=seed,
        pixel_um=_WORLD.pixel_um * off,
        backlash_um=(slack_x_um, slack_y_um, 0.0),
        start_um=(*place, _WORLD.glass_z_um + away_um),
    )
    # The profile knows the magnification as engraved, and nothing of the backlash of x and y.
    profile = rig_profile(_WORLD, backlash_um=0.0, fps=30.0)
    scene = Scene(settings)
    microscope, world = connect_rig(
        profile, settings, SerialTiming(), UsbTiming(), partial(same, scene)
    )
    began_ns = world.time.now_ns
    try:
        found = measure_by_moving(microscope, Motion(microscope.stage))
        pixel_um, sigma_um = found.pixel_um, found.sigma_um
    except PixelSizeError:
        pixel_um = sigma_um = float("nan")
    duration_s = (world.time.now_ns - began_ns) / 1e9
    return PixelTry(settings.pixel_um, pixel_um, sigma_um, duration_s)
