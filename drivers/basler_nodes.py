"""The parameters of a Basler camera under the names that its generation gives them.

Cameras since SFNC 2 (USB3 Vision, ace 2) and older GigE ones differ in names; see Basler's product
documentation, "Migrating from older camera models".
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from drivers.camera import CameraCaps, CameraSettings
from drivers.errors import BadReply

COLOUR_FORMATS: Final = (
    "RGB8", "RGB8Packed", "BGR8", "BGR8Packed",
    "BayerRG8", "BayerGB8", "BayerGR8", "BayerBG8", "Mono8",
)  # fmt: skip
"""Colour if the camera has it, from the camera's own interpolation if it has that."""
MONO_FORMATS: Final = ("Mono8",)
DEEP_MONO_FORMATS: Final = ("Mono12", "Mono10", "Mono16", "Mono8")

_EXPOSURE: Final = ("ExposureTime", "ExposureTimeAbs")
_GAIN_DB: Final = ("Gain", "GainAbs")
_GAIN_RAW: Final = "GainRaw"
_FPS: Final = ("AcquisitionFrameRate", "AcquisitionFrameRateAbs")
_RESULTING_FPS: Final = (
    "BslResultingAcquisitionFrameRate",
    "ResultingFrameRate",
    "ResultingFrameRateAbs",
)
_READOUT: Final = ("SensorReadoutTime", "ReadoutTimeAbs")
_AUTOMATICS: Final = ("ExposureAuto", "GainAuto")
_DEMOSAIC: Final[Mapping[str, int]] = {
    "BayerRG8": cv2.COLOR_BayerRGGB2RGB,
    "BayerGB8": cv2.COLOR_BayerGBRG2RGB,
    "BayerGR8": cv2.COLOR_BayerGRBG2RGB,
    "BayerBG8": cv2.COLOR_BayerBGGR2RGB,
}


def first_node(camera: Any, names: Sequence[str]) -> Any | None:  # noqa: ANN401 - untyped library
    """Return the first parameter of these names that the camera has; None if it has none."""
    for name in names:
        node = getattr(camera, name)
        if node.IsReadable():
            return node
    return None


def choose_format(offered: Collection[str], wanted: Sequence[str]) -> str | None:
    """Return the first wanted pixel format that is offered; None if none is."""
    return next((name for name in wanted if name in offered), None)


def to_image(array: NDArray[Any], pixel_format: str) -> NDArray[Any]:
    """Return a picture as (H, W) grey or (H, W, 3) RGB, read-only.

    Parameters
    ----------
    array : ndarray
        As pylon delivers it: (H, W), or (H, W, 3) in the format's own order.
    pixel_format : str
        GenICam name, such as ``"BayerRG8"``.
    """
    if pixel_format in _DEMOSAIC:
        array = cv2.cvtColor(array, _DEMOSAIC[pixel_format])
    elif pixel_format.startswith("BGR"):
        array = np.ascontiguousarray(array[..., ::-1])
    array.setflags(write=False)
    return array


class BaslerNodes:
    """Reads and sets the parameters of one open camera; raises pylon's own errors.

    Parameters
    ----------
    device : str
        The device as errors name it.
    camera : pylon.InstantCamera
        Open.
    pixel_formats : sequence of str
        GenICam names, best first.
    """

    def __init__(self, device: str, camera: Any, pixel_formats: Sequence[str]) -> None:  # noqa: ANN401
        self._device = device
        self._camera = camera
        self._exposure = self._require(_EXPOSURE)
        self._gain = self._require((*_GAIN_DB, _GAIN_RAW))
        self._is_raw_gain = first_node(camera, _GAIN_DB) is None
        self._fps = self._require(_FPS)
        for name in _AUTOMATICS:
            automatic = first_node(camera, (name,))
            if automatic is not None:
                automatic.TrySetValue("Off")
        limiter = first_node(camera, ("AcquisitionFrameRateEnable",))
        if limiter is not None and limiter.IsWritable():
            limiter.Value = True
        self.pixel_format = self._set_format(pixel_formats)

    def caps(self) -> CameraCaps:
        """Read what the camera can do."""
        camera = self._camera
        bits = re.search(r"[0-9]+", self.pixel_format)
        pixel = first_node(camera, ("SensorPixelWidth",))
        return CameraCaps(
            width=camera.Width.Value,
            height=camera.Height.Value,
            colour=not self.pixel_format.startswith("Mono"),
            bits=int(bits[0]) if bits else 8,
            pixel_um=None if pixel is None else float(pixel.Value),
            exposure_ms=(self._exposure.Min / 1000, self._exposure.Max / 1000),
            gain_db=(self._to_db(self._gain.Min), self._to_db(self._gain.Max)),
            max_fps=float(self._fps.Max),
        )

    def settings(self) -> CameraSettings:
        """Read what the camera really uses."""
        resulting = first_node(self._camera, _RESULTING_FPS)
        return CameraSettings(
            exposure_ms=self._exposure.Value / 1000,
            gain_db=self._to_db(self._gain.Value),
            fps=float((self._fps if resulting is None else resulting).Value),
        )

    def apply(self, wanted: CameraSettings) -> None:
        """Set exposure, gain and frame rate."""
        self._exposure.Value = wanted.exposure_ms * 1000
        self._gain.Value = self._from_db(wanted.gain_db)
        self._fps.Value = wanted.fps

    def readout_ns(self) -> int:
        """Read how long the sensor is read out after the exposure; 0 where it is not told."""
        readout = first_node(self._camera, _READOUT)
        return 0 if readout is None else round(readout.Value * 1000)

    def ns_per_tick(self) -> float:
        """Read the length of a tick of the camera's clock.

        Older GigE cameras tell it; all others count nanoseconds (USB3 Vision 1.1, ace 2).
        """
        frequency = first_node(self._camera, ("GevTimestampTickFrequency",))
        return 1e9 / frequency.Value if frequency is not None and frequency.Value > 0 else 1.0

    def buffer_count(self, wanted: int, budget_bytes: int) -> int:
        """Return how many buffers fit into some memory, at least pylon's own 10."""
        payload = first_node(self._camera, ("PayloadSize",))
        fitting = wanted if payload is None else budget_bytes // max(1, payload.Value)
        return int(max(10, min(wanted, fitting)))

    def _require(self, names: Sequence[str]) -> Any:  # noqa: ANN401
        node = first_node(self._camera, names)
        if node is None:
            raise BadReply(
                self._device,
                "read the parameters",
                f"the camera has none of {', '.join(names)}",
                "This model is not supported.",
            )
        return node

    def _set_format(self, wanted: Sequence[str]) -> str:
        offered = self._camera.PixelFormat.GetSettableValues()
        chosen = choose_format(offered, wanted)
        if chosen is None:
            raise BadReply(
                self._device,
                f"choose one of the pixel formats {', '.join(wanted)}",
                f"the camera offers {', '.join(offered)}",
                "Choose one of these.",
            )
        self._camera.PixelFormat.Value = chosen
        return chosen

    def _to_db(self, gain: float) -> float:
        """Return dB; a raw gain is taken as proportional to the amplification."""
        return 20 * math.log10(gain / max(1, self._gain.Min)) if self._is_raw_gain else float(gain)

    def _from_db(self, gain_db: float) -> float:
        if not self._is_raw_gain:
            return gain_db
        raw: int = round(max(1, self._gain.Min) * 10 ** (gain_db / 20))
        return raw
