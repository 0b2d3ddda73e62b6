"""The operator's hand in a fusion: "take it from this frame", blended into the weights.

The operator's choice is a map of frames. For each chosen frame it is a mask, and the guided filter
(He, Sun and Tang 2010) fits the mask to the fused image, so that the transition follows edges that
are seen there instead of the brush. What comes out is the frame's share s_k; with W_i the weights
of the fusion, those of the retouched one are

    W'_i = (1 - sum_k s_k) W_i + s_i

and still add up to 1. The fused image and the height map are blended by the same shares. Nothing
farther than `REACH` from a choice changes, and where a choice reaches that far around a pixel the
pixel is wholly the chosen frame's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.wearif.box import Box
from models.wearif.choice import REACH, WINDOW, Choice
from models.wearif.colour import luma_of
from models.wearif.frame_tensor import white_of
from models.wearif.frames import Frames, FusionError
from models.wearif.fusion_result import Fusion
from models.wearif.guided_filter import ClassicGuidedFilter

PIECE = 256
"""Side of the pieces that are worked on: shares are kept only where somebody has retouched."""

Shares = Mapping[int, NDArray[np.float32]]
"""By frame, its share of every pixel of a box, (h, w) in 0..1; the rest is the fusion's."""


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """The retouched results within a box."""

    fused: NDArray[Any]
    """(h, w) or (h, w, 3), of the frames' type."""
    height: NDArray[np.float32]
    confidence: NDArray[np.float32]
    """1 where the operator has chosen: it was looked at."""


def guidance_of(fusion: Fusion) -> NDArray[np.float32]:
    """Return what choices are fitted to: the luma of the fused image, (H, W) in 0..1."""
    fused = fusion.fused
    planes = fused[None] if fused.ndim == 2 else np.moveaxis(fused, 2, 0)
    image = torch.from_numpy(planes.astype(np.float32) / white_of(fused))
    return np.asarray(luma_of(image)[0, 0].numpy())


def shares(choice: Choice, guidance: NDArray[np.float32], box: Box) -> Shares:
    """Return the share that each chosen frame has of every pixel in a box.

    Parameters
    ----------
    choice : ndarray of shape (H, W)
    guidance : ndarray of shape (H, W), float32
        From `guidance_of`.
    box : Box
        Only this is computed, and it does not matter for a pixel what the box is.

    Returns
    -------
    dict
        Only of frames chosen within reach; the sum over them is at most 1.
    """
    around = box.grown(REACH, choice.shape)
    here, guide = choice[around.slices], guidance[around.slices]
    chosen = [int(value) for value in np.unique(here) if value]
    if not chosen:
        return {}
    masks = np.stack([here == value for value in chosen]).astype(np.float32)
    with torch.inference_mode():
        seen = torch.from_numpy(guide)[None, None]
        slope, offset = ClassicGuidedFilter(WINDOW)(torch.from_numpy(masks)[:, None], seen)
        raw = (slope * seen + offset)[:, 0].clamp_(0, 1)
        # The linear fits of all masks add up to at most 1; clipped at 0 they may exceed it.
        raw /= raw.sum(dim=0).clamp_min(1)
    inner = raw.numpy()[(slice(None), *box.within(around).slices)]
    found = {value - 1: inner[place] for place, value in enumerate(chosen)}
    return {index: share for index, share in found.items() if share.any()}


def patch(
    fusion: Fusion,
    frames: Frames,
    given: Shares,
    z_um: Sequence[float] | None,
    box: Box,
) -> Patch:
    """Return the retouched results within a box.

    Parameters
    ----------
    fusion : Fusion
        Before any retouching.
    frames : sequence of ndarray
        Those that were fused; only the chosen ones are read.
    given : dict
        From `shares`, of the same box.
    z_um : sequence of float, optional
        The z of each frame; needed where heights are in µm.
    box : Box
    """
    kept = np.ones(box.shape, np.float32)
    fused = np.zeros((*box.shape, *fusion.fused.shape[2:]), np.float32)
    height = np.zeros(box.shape, np.float32)
    for index, share in given.items():
        kept -= share
        frame = frames[index][box.slices].astype(np.float32)
        fused += _like(share, fused) * (frame / np.float32(fusion.brightness[index]))
        height += share * np.float32(_place(fusion, z_um, index))
    kept.clip(0, 1, out=kept)
    fused += _like(kept, fused) * fusion.fused[box.slices]
    height += kept * fusion.height[box.slices]
    most = np.iinfo(fusion.fused.dtype).max
    return Patch(
        np.rint(fused).clip(0, most).astype(fusion.fused.dtype),
        height,
        1 - kept * (1 - fusion.confidence[box.slices]),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Retouched:
    """A fusion as the operator wants it, and what it takes to retouch it further."""

    before: Fusion
    fusion: Fusion
    """Image, heights, confidence and weights."""
    given: Mapping[Box, Shares]
    """By piece of the picture; only those in which something was chosen."""

    @classmethod
    def of(
        cls, fusion: Fusion, frames: Frames, choice: Choice, z_um: Sequence[float] | None = None
    ) -> Retouched:
        """Retouch a fusion; see `retouch`."""
        check_choice(choice, fusion)
        untouched = cls(fusion, fusion, {})
        if not choice.any():
            return untouched
        box = Box.around(choice > 0).grown(REACH, choice.shape)
        return untouched.changed(frames, choice, z_um, guidance_of(fusion), box)

    def changed(
        self,
        frames: Frames,
        choice: Choice,
        z_um: Sequence[float] | None,
        guidance: NDArray[np.float32],
        box: Box,
    ) -> Retouched:
        """Return it for a choice that differs only so that results change within a box.

        Parameters
        ----------
        frames, choice, z_um
            See `retouch`.
        guidance : ndarray of shape (H, W), float32
            `guidance_of` the fusion before.
        box : Box
        """
        fused, height, confidence = (
            each.copy() for each in (self.fusion.fused, self.fusion.height, self.fusion.confidence)
        )
        everything = dict(self.given)
        for piece in Box(0, 0, *choice.shape).pieces(PIECE):
            part = piece.common(box)
            if part is None:
                continue
            given, old = shares(choice, guidance, part), everything.pop(piece, {})
            if given or old:
                found = patch(self.before, frames, given, z_um, part)
                fused[part.slices], height[part.slices] = found.fused, found.height
                confidence[part.slices] = found.confidence
            if merged := _merge(old, given, piece, part):
                everything[piece] = merged
        weighing = _RetouchedWeighing(self.before, everything)
        after = replace(
            self.before, fused=fused, height=height, confidence=confidence, _weighing=weighing
        )
        return Retouched(self.before, after, everything)


def retouch(
    fusion: Fusion, frames: Frames, choice: Choice, z_um: Sequence[float] | None = None
) -> Fusion:
    """Return a fusion as the operator wants it: image, heights, confidence and weights.

    Parameters
    ----------
    fusion : Fusion
        Before any retouching.
    frames : sequence of ndarray
        Those that were fused, in the order of fusion.
    choice : ndarray of shape (H, W), uint16
        See `Choice`.
    z_um : sequence of float, optional
        What the fusion was given.

    Raises
    ------
    FusionError
        The choice is of another size, or names a frame that was not fused.
    """
    return Retouched.of(fusion, frames, choice, z_um).fusion


def _merge(old: Shares, given: Shares, piece: Box, part: Box) -> Shares:
    """Return the shares in a piece of which a part was computed anew."""
    if part == piece:
        return given
    merged: dict[int, NDArray[np.float32]] = {}
    for index in sorted({*old, *given}):
        share = old[index].copy() if index in old else np.zeros(piece.shape, np.float32)
        share[part.within(piece).slices] = given.get(index, 0)
        if share.any():
            merged[index] = share
    return merged


def check_choice(choice: Choice, fusion: Fusion) -> None:
    """Make sure that a choice belongs to a fusion.

    Raises
    ------
    FusionError
        It is of another size, or names a frame that was not fused.
    """
    if choice.shape != fusion.height.shape:
        (rows, columns), (high, wide) = choice.shape, fusion.height.shape
        raise FusionError(f"a choice of {columns}x{rows} pixels for frames of {wide}x{high}")
    if int(choice.max()) > fusion.frame_count:
        raise FusionError(f"frame {int(choice.max()) - 1} of {fusion.frame_count} was chosen")


def work_in(weights: NDArray[np.float32], index: int, given: Shares) -> NDArray[np.float32]:
    """Return a frame's weights with the operator's shares of the same pixels worked in."""
    kept = np.ones_like(weights)
    for share in given.values():
        kept -= share
    kept.clip(0, 1, out=kept)
    kept *= weights
    if index in given:
        kept += given[index]
    return kept


@dataclass(frozen=True, slots=True, eq=False)
class _RetouchedWeighing:
    fusion: Fusion
    given: Mapping[Box, Shares]

    def weight_map(self, index: int, frame: NDArray[Any]) -> Tensor:
        weights = self.fusion.weight_map(index, frame)
        for box, given in self.given.items():
            weights[box.slices] = work_in(weights[box.slices], index, given)
        return torch.from_numpy(weights)


def _place(fusion: Fusion, z_um: Sequence[float] | None, index: int) -> float:
    """Where along the sweep a frame lies, in the unit of the heights."""
    if fusion.height_unit == "frame":
        return float(index)
    if z_um is None:
        raise FusionError("heights are in µm, but the frames' z were not given")
    return z_um[index]


def _like(share: NDArray[np.float32], image: NDArray[np.float32]) -> NDArray[np.float32]:
    return share[..., None] if image.ndim == 3 else share
