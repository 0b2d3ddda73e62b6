"""Focus stacks as NumPy arrays: five functions.

Frames are (H, W) or (H, W, 3) RGB; ``uint8``, ``uint16``, or floats in 0..1. The examples below
share a slide that is sharp on the left in the first frame and on the right in the second:

>>> import cv2, numpy as np
>>> sharp = np.random.default_rng(1).integers(0, 256, (64, 96), dtype=np.uint8)
>>> soft = cv2.GaussianBlur(sharp, (0, 0), 3)
>>> first = np.hstack([sharp[:, :48], soft[:, 48:]])
>>> second = np.hstack([soft[:, :48], sharp[:, 48:]])
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.wearif.frames import FusionError
from models.wearif.fusion import StreamingFusion
from models.wearif.fusion import fuse as fuse_frames
from models.wearif.fusion_result import Fusion
from models.wearif.model import PublishedWearIF, StreamingWearIF
from models.wearif.weights import load_model as load_model

__all__ = ["FrameStream", "fuse", "heights", "load_model", "stream", "weight_maps"]

Model = PublishedWearIF | StreamingWearIF
_FLOAT_WHITE = 65535
"""What 1.0 becomes: floats are fused as 16 bit."""


def fuse(
    frames: Sequence[ArrayLike] | NDArray[Any],
    z_um: Sequence[float] | None = None,
    *,
    model: str | Model = "wearif",
    device: str = "cpu",
) -> Fusion:
    """Fuse a focus stack into one sharp image and a height map.

    Parameters
    ----------
    frames : sequence of array_like
        The frames along z, all of one shape and type, or one array (N, H, W) or (N, H, W, 3).
        Anything with a length and an index will do, so that frames may be read one at a time.
    z_um : sequence of float, optional
        The z of each frame in µm; without it heights are frame numbers.
    model : str or model, default: "wearif"
        A shipped model (``wearif``, ``published``), the path of a .safetensors file, or what
        `load_model` has returned, which spares reading it each time.
    device : str, default: "cpu"
        Where a model that is given by name computes, see `load_model`.

    Returns
    -------
    Fusion
        ``fused``: like the frames (floats become float32); ``height`` and ``confidence``: (H, W)
        float32; ``height_unit``: ``µm`` or ``frame``; ``brightness`` of each frame.

    Raises
    ------
    FusionError
        There is no frame, one cannot be fused with the others, or the z do not fit the frames.
    WeightsError
        There is no such model or device.

    Examples
    --------
    >>> from models.wearif import fuse
    >>> fusion = fuse([first, second], z_um=[0.0, 5.0])
    >>> fusion.fused.shape, fusion.fused.dtype, fusion.height_unit
    ((64, 96), dtype('uint8'), 'µm')

    It is nearer to the slide than either frame:

    >>> def error(image):
    ...     return float(np.abs(image.astype(float) - sharp).mean())
    >>> error(fusion.fused) < error(first) / 4, error(fusion.fused) < error(second) / 4
    (True, True)
    """
    prepared = _Prepared(frames)
    fusion = fuse_frames(prepared, _model(model, device), z_um)
    return replace(fusion, fused=_as_given(fusion.fused, floats=prepared.floats))


class FrameStream:
    """A fusion that frames are added to as they arrive; from `stream`."""

    def __init__(self, model: StreamingWearIF) -> None:
        self._fusion = StreamingFusion(model)
        self._floats: bool | None = None

    def __len__(self) -> int:
        """How many frames have been added."""
        return self._fusion.count

    def add(self, frame: ArrayLike) -> None:
        """Add the next frame.

        Raises
        ------
        FusionError
            It cannot be fused with those before; it is left out, and the stream can go on.
        """
        array = np.asarray(frame)
        floats = array.dtype.kind == "f"
        if self._floats is not None and floats != self._floats:
            raise FusionError(
                f"frame {len(self)}: {array.dtype} pixels, unlike those of the frames before"
            )
        self._fusion.add(_fusible(array, len(self)))
        self._floats = floats

    def preview(self) -> NDArray[Any]:
        """Return the fused image so far, shaped as the frames are; a FusionError without any."""
        return _as_given(self._fusion.preview(), floats=bool(self._floats))

    def finish(self, z_um: Sequence[float] | None = None) -> Fusion:
        """Return the result; the very same as `fuse` gives. Frames may still be added."""
        fusion = self._fusion.finish(z_um)
        return replace(fusion, fused=_as_given(fusion.fused, floats=bool(self._floats)))


def stream(model: str | Model = "wearif", *, device: str = "cpu") -> FrameStream:
    """Begin a fusion that frames are added to as they arrive.

    Memory does not grow with the number of frames.

    Parameters
    ----------
    model : str or model, default: "wearif"
        As in `fuse`, but not ``published``, which needs the whole stack before the first weight.
    device : str, default: "cpu"
        As in `fuse`.

    Returns
    -------
    FrameStream
        Has ``add(frame)``, ``preview()``, ``finish(z_um)`` and a length.

    Raises
    ------
    FusionError
        The model cannot stream.
    WeightsError
        There is no such model or device.

    Examples
    --------
    >>> from models.wearif import fuse, stream
    >>> live = stream()
    >>> for frame in (first, second):
    ...     live.add(frame)
    ...     print(len(live), live.preview().shape)
    1 (64, 96)
    2 (64, 96)
    >>> bool((live.finish().fused == fuse([first, second]).fused).all())
    True
    """
    loaded = _model(model, device)
    if not isinstance(loaded, StreamingWearIF):
        raise FusionError(f"the model {loaded.config.name} cannot stream; use fuse")
    return FrameStream(loaded)


def weight_maps(
    fusion: Fusion, frames: Sequence[ArrayLike] | NDArray[Any]
) -> Iterator[NDArray[np.float32]]:
    """Compute how much of every fused pixel came from each frame.

    Parameters
    ----------
    fusion : Fusion
        From `fuse` or `FrameStream.finish`.
    frames : sequence of array_like
        The same frames in the same order; maps are computed again rather than kept.

    Yields
    ------
    ndarray of shape (H, W), float32
        One per frame, 0..1; over all frames they add up to 1 at every pixel.

    Raises
    ------
    FusionError
        These are not the frames that were fused.

    Examples
    --------
    >>> from models.wearif import fuse, weight_maps
    >>> fusion = fuse([first, second])
    >>> maps = np.stack(list(weight_maps(fusion, [first, second])))
    >>> maps.shape, bool(np.allclose(maps.sum(axis=0), 1, atol=1e-5))
    ((2, 64, 96), True)

    The first frame made the left half, and hardly any of the right one:

    >>> bool(maps[0, :, :40].mean() > 0.9), bool(maps[0, :, 56:].mean() < 0.1)
    (True, True)
    """
    prepared = _Prepared(frames)
    if len(prepared) != fusion.frame_count:
        raise FusionError(f"{len(prepared)} frames, but {fusion.frame_count} were fused")
    return (fusion.weight_map(index, prepared[index]) for index in range(len(prepared)))


def heights(fusion: Fusion, min_confidence: float = 0.0) -> NDArray[np.float32]:
    """Return the height map, with holes where it cannot be believed.

    Parameters
    ----------
    fusion : Fusion
        From `fuse` or `FrameStream.finish`.
    min_confidence : float, default: 0.0
        0..1; heights of less confidence become NaN. At 0 there are no holes: where no frame shows
        anything, the height is filled in from around.

    Returns
    -------
    ndarray of shape (H, W), float32
        A copy, in ``fusion.height_unit``.

    Raises
    ------
    ValueError
        ``min_confidence`` is not in 0..1.

    Examples
    --------
    >>> from models.wearif import fuse, heights
    >>> above, below = np.full((2, 64, 96), 128, np.uint8)
    >>> fusion = fuse([above, first, second, below], z_um=[-5.0, 0.0, 5.0, 10.0])
    >>> z_um = heights(fusion)
    >>> round(float(np.median(z_um[:, :40]))), round(float(np.median(z_um[:, 56:])))
    (0, 5)
    >>> bool(np.isnan(heights(fuse([above, below]), 0.5)).all())
    True
    """
    if not 0 <= min_confidence <= 1:
        raise ValueError(f"a confidence lies between 0 and 1, not at {min_confidence}")
    believed = fusion.confidence >= min_confidence
    return np.where(believed, fusion.height, np.float32(np.nan))


class _Prepared:
    """Frames as the models take them, converted one at a time."""

    def __init__(self, frames: Sequence[ArrayLike] | NDArray[Any]) -> None:
        if isinstance(frames, np.ndarray) and frames.ndim not in (3, 4):
            raise FusionError(
                f"an array of shape {frames.shape} is no stack; it has to be (N, H, W) or "
                "(N, H, W, 3)"
            )
        if not hasattr(frames, "__len__") or not hasattr(frames, "__getitem__"):
            raise FusionError(
                f"a {type(frames).__name__} is no stack; give a sequence, or use stream()"
            )
        self._frames = frames
        self.floats = len(frames) > 0 and np.asarray(frames[0]).dtype.kind == "f"

    def __len__(self) -> int:
        return len(self._frames)

    def __getitem__(self, index: int) -> NDArray[Any]:
        array = np.asarray(self._frames[index])
        if (array.dtype.kind == "f") != self.floats:
            raise FusionError(f"frame {index}: {array.dtype} pixels, unlike those of the first")
        return _fusible(array, index)


def _fusible(frame: NDArray[Any], index: int) -> NDArray[Any]:
    """Return a frame as uint8 or uint16; what is neither is left for the fusion to refuse."""
    if frame.dtype.kind != "f" or frame.size == 0:
        return frame
    low, high = float(frame.min()), float(frame.max())
    # Not "low < 0 or high > 1", which NaN would pass.
    if not (low >= 0 and high <= 1):
        raise FusionError(
            f"frame {index}: values from {low:g} to {high:g}; floats have to lie in 0..1, "
            "so divide by the value of white"
        )
    return np.rint(frame * np.float64(_FLOAT_WHITE)).astype(np.uint16)


def _as_given(image: NDArray[Any], *, floats: bool) -> NDArray[Any]:
    return image.astype(np.float32) / np.float32(_FLOAT_WHITE) if floats else image


def _model(model: str | Model, device: str) -> Model:
    return load_model(model, device) if isinstance(model, str) else model
