"""Finds between which z a sweep has to go: from the glass to the top of the thickest particle.

One coarse pass through everything that may lie there. Each small block of the image gets sharp
where its own surface is, so that the blocks tell the heights in the field.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.acquisition.coarse_search import AutofocusError
from app.acquisition.focus_measure import tile_focus
from app.acquisition.focus_pass import FrameQueue, frequent_frames
from app.acquisition.microscope import Microscope
from app.acquisition.motion import Motion
from app.acquisition.steady_pass import steady_pass
from app.acquisition.sweep_plan import PlanError
from app.acquisition.worker import Worker
from app.acquisition.z_tagging import TaggingError
from drivers.camera import Frame

MOST_FPS = 60.0
STEP_DEPTHS = 1.0
"""Distance between frames: each surface is sharp in one of them."""
BLUR_DEPTHS = 0.5
BLOCKS = 24, 32
"""Rows and columns: small against the top of a particle, large against its texture."""
BELOW_DEPTHS = 1.0
"""Added at the bottom: half a depth of field, and as much for the uncertainty of the glass, which
many blocks agree on."""
ABOVE_DEPTHS = 1.9
"""Added at the top, which may be a single block's, and narrower than it."""
CREST = 0.1
"""Added at the top, as a share of the height: the crest of a high particle is narrow and may
stand out of the block that is the highest."""
WIDEST_DEPTHS = 5.0
"""A surface is sharp over a few depths of field; a neighbour's blur that reaches into a block
rises and falls over many."""
ONE_SURFACE_DEPTHS = 2.5
"""Half as sharp as its best over more than this, a block shows several surfaces or a highlight
out of focus, and its sharpest frame may lie above all of them."""
MIN_PROMINENCE = 0.5
MIN_SIGNAL_TO_NOISE = 10.0
MIN_ENERGY = 0.05
"""Blocks with less detail than this share of the median one show their neighbours' blur."""
SUBSTRATE_SHARE = 0.04
"""This share of the field's detail may seem to lie below the glass: blurred edges do."""
STRAY_DEPTHS = 3.0
"""A single block so many depths of field above all others is a reflection, or dirt on the cover
glass; a particle has flanks."""


@dataclass(frozen=True, slots=True)
class FieldRange:
    """Between which z anything in the field is sharp."""

    substrate_um: float
    """The glass, or the lowest surface in view."""
    thickest_um: float
    """The top of the thickest particle."""
    bottom_um: float
    top_um: float
    """What to sweep: both of the above, with a margin."""


def find_range(
    microscope: Microscope,
    motion: Motion,
    focus_um: float,
    *,
    queue: FrameQueue = Worker,
) -> FieldRange:
    """Sweep coarsely through everything around the focus and say where it lies.

    Parameters
    ----------
    microscope : Microscope
        Connected, with a referenced stage.
    motion : Motion
        Lets another thread cancel.
    focus_um : float
        Where the autofocus found the field to be sharpest; the pass reaches the height of the
        thickest particle (`MicroscopeProfile.particle_height_um`) to either side of it.
    queue : callable
        See `focus_pass.run_pass`.

    Raises
    ------
    AutofocusError
        No block of the field gets sharp; the stage is back at ``focus_um``.
    PlanError
        The hardware cannot sweep there.
    MoveStopped, DeviceError
        As for `focus_pass.run_pass`.
    """
    with frequent_frames(microscope, MOST_FPS):
        try:
            z_um, blocks = _coarse_pass(microscope, motion, focus_um, queue)
            return range_of(z_um, blocks, microscope.depth_of_field_um)
        except (AutofocusError, PlanError, TaggingError):
            motion.go_to_z(focus_um)
            raise


def range_of(
    z_um: NDArray[np.float64], blocks: NDArray[np.float64], depth_of_field_um: float
) -> FieldRange:
    """Return between which z the blocks of a field are sharp.

    Parameters
    ----------
    z_um : ndarray of shape (N,), increasing
    blocks : ndarray of shape (N, rows, columns)
        `focus_measure.tile_focus` of each frame.
    depth_of_field_um : float

    Raises
    ------
    AutofocusError
        No block gets sharp and unsharp again.
    """
    curves = blocks.reshape(len(z_um), -1)
    top = curves.max(axis=0)
    floor = np.percentile(curves, 10, axis=0)
    height = top - floor
    # White noise of standard deviation s has second differences of s·√6.
    noise = 1.4826 * np.median(np.abs(np.diff(curves, 2, axis=0)), axis=0) / np.sqrt(6)
    sharp = (height > MIN_PROMINENCE * top) & (height > MIN_SIGNAL_TO_NOISE * noise)
    if not sharp.any():
        raise AutofocusError(
            f"Nothing gets sharp between {z_um[0]:.0f} and {z_um[-1]:.0f} µm: check the lamp, the "
            "exposure, and that there are particles under the objective."
        )
    usual = float(np.median(top[sharp]))
    raised = np.where(curves - floor > height / 2, curves - floor, 0.0)
    width_um = np.count_nonzero(raised, axis=0) * np.median(np.diff(z_um))
    narrow = width_um <= WIDEST_DEPTHS * depth_of_field_um
    # The median block is never without detail, so that some are left here; some may be wide.
    sharp &= top > MIN_ENERGY * usual
    if (sharp & narrow).any():
        sharp &= narrow
    # The mean of the sharp frames lies between the frames, as the surface does.
    middle_um = z_um @ raised / np.maximum(raised.sum(axis=0), 1e-12)
    several = width_um > ONE_SURFACE_DEPTHS * depth_of_field_um
    sharpest = curves.argmax(axis=0)
    highest_um = np.where(several, z_um[sharpest], np.inf)
    peaks_um = np.maximum(
        np.minimum(middle_um, highest_um), _lone_um(z_um, raised, sharpest, depth_of_field_um)
    )[sharp]
    order = np.argsort(peaks_um)
    peaks_um = peaks_um[order]
    # A block counts by its detail, but a glaring one no more than others.
    share = np.cumsum(np.minimum(top[sharp][order], usual))
    substrate_um = float(peaks_um[np.searchsorted(share, SUBSTRATE_SHARE * share[-1])])
    is_stray = peaks_um.size > 1 and peaks_um[-1] - peaks_um[-2] > STRAY_DEPTHS * depth_of_field_um
    thickest_um = max(float(peaks_um[-2 if is_stray else -1]), substrate_um)
    crest_um = CREST * (thickest_um - substrate_um)
    return FieldRange(
        substrate_um,
        thickest_um,
        substrate_um - BELOW_DEPTHS * depth_of_field_um,
        thickest_um + crest_um + ABOVE_DEPTHS * depth_of_field_um,
    )


def _lone_um(
    z_um: NDArray[np.float64],
    raised: NDArray[np.float64],
    sharpest: NDArray[np.intp],
    depth_of_field_um: float,
) -> NDArray[np.float64]:
    """Return where a block's sharpest surface lies if it stands apart, else minus infinity.

    Of two surfaces far from each other both are sharp, and neither lies at the mean of all sharp
    frames; a highlight out of focus is no such narrow peak.
    """
    gaps = np.cumsum(raised == 0, axis=0)
    run = np.where(gaps == np.take_along_axis(gaps, sharpest[None], axis=0), raised, 0.0)
    width_um = np.count_nonzero(run, axis=0) * np.median(np.diff(z_um))
    middle_um = z_um @ run / np.maximum(run.sum(axis=0), 1e-12)
    return np.where(width_um <= ONE_SURFACE_DEPTHS * depth_of_field_um, middle_um, -np.inf)


def _coarse_pass(
    microscope: Microscope, motion: Motion, focus_um: float, queue: FrameQueue
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return z and blocks of each frame of one pass upwards."""
    bits = microscope.camera.caps.bits
    around_um = microscope.profile.particle_height_um
    reach_um = microscope.reachable_um(STEP_DEPTHS)
    low = max(focus_um - around_um, reach_um[0])
    high = min(focus_um + around_um, reach_um[1])
    plan = microscope.plan_sweep(
        low, high, step_fraction=STEP_DEPTHS, max_blur_fraction=BLUR_DEPTHS
    )

    def measure(frame: Frame) -> NDArray[np.float64]:
        return tile_focus(frame.image, bits, BLOCKS)

    return steady_pass(microscope, motion, plan, measure, queue=queue)
