"""The parameters of a Basler camera under the names that its generation gives them.

Cameras since SFNC 2 (USB3 Vision, ace 2) and older GigE ones differ in names; see Basler's product
documentation, "Migrating from older camera models".
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

from drivers.basler_formats import KNOWN_FORMATS, bits_of, choose_format, is_colour
from drivers.camera import CameraCaps, CameraSettings, Region, WhiteBalance
from drivers.errors import BadReply

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
_AUTOMATICS: Final = ("ExposureAuto", "GainAuto", "BalanceWhiteAuto")
_BLACK_LEVEL: Final = ("BlackLevel", "BlackLevelAbs", "BlackLevelRaw")
_BALANCE: Final = ("BalanceRatio", "BalanceRatioAbs")
_SHUTTER: Final = ("SensorShutterMode", "ShutterMode")
_COLOURS: Final = ("Red", "Green", "Blue")


def first_node(camera: Any, names: Sequence[str]) -> Any | None:  # noqa: ANN401 - untyped library
    """Return the first parameter of these names that the camera has; None if it has none."""
    for name in names:
        node = getattr(camera, name)
        if node.IsReadable():
            return node
    return None


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
        self._set_format(pixel_formats)

    @property
    def pixel_format(self) -> str:
        """The present one."""
        return str(self._camera.PixelFormat.Value)

    def caps(self) -> CameraCaps:
        """Read what the camera can do as it is set now."""
        camera, pixel_format = self._camera, self.pixel_format
        pixel = first_node(camera, ("SensorPixelWidth",))
        black = first_node(camera, _BLACK_LEVEL)
        balance = first_node(camera, _BALANCE)
        binning = self._binning()
        return CameraCaps(
            width=camera.Width.Value,
            height=camera.Height.Value,
            colour=is_colour(pixel_format),
            bits=bits_of(pixel_format),
            pixel_um=None if pixel is None else float(pixel.Value),
            exposure_ms=(self._exposure.Min / 1000, self._exposure.Max / 1000),
            gain_db=(self._to_db(self._gain.Min), self._to_db(self._gain.Max)),
            max_fps=float(self._fps.Max),
            white_balance=None if balance is None else (float(balance.Min), float(balance.Max)),
            black_level=None if black is None else (float(black.Min), float(black.Max)),
            pixel_formats=tuple(
                name for name in camera.PixelFormat.GetSettableValues() if name in KNOWN_FORMATS
            ),
            max_binning=1 if binning is None else int(min(node.Max for node in binning)),
            whole=self._whole(),
            notes=self._notes(),
        )

    def settings(self) -> CameraSettings:
        """Read what the camera really uses."""
        camera = self._camera
        resulting = first_node(camera, _RESULTING_FPS)
        black = first_node(camera, _BLACK_LEVEL)
        binning = self._binning()
        return CameraSettings(
            exposure_ms=self._exposure.Value / 1000,
            gain_db=self._to_db(self._gain.Value),
            fps=float((self._fps if resulting is None else resulting).Value),
            white_balance=self._white_balance(),
            black_level=None if black is None else float(black.Value),
            pixel_format=self.pixel_format,
            binning=None if binning is None else int(binning[0].Value),
            region=self._region(),
        )

    def apply(self, wanted: CameraSettings) -> None:
        """Set what is not None: first what decides which values the rest may take."""
        if wanted.pixel_format is not None and wanted.pixel_format != self.pixel_format:
            self._camera.PixelFormat.Value = wanted.pixel_format
        self._set_binning(wanted.binning)
        if wanted.region is not None and wanted.region != self._region():
            self._set_region(wanted.region)
        self._exposure.Value = wanted.exposure_ms * 1000
        self._gain.Value = self._from_db(wanted.gain_db)
        self._fps.Value = wanted.fps
        black = first_node(self._camera, _BLACK_LEVEL)
        if wanted.black_level is not None and black is not None:
            whole_steps = isinstance(black.Value, int)
            black.Value = round(wanted.black_level) if whole_steps else wanted.black_level
        if wanted.white_balance is not None:
            self._set_white_balance(wanted.white_balance)

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

    def _set_format(self, wanted: Sequence[str]) -> None:
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

    def _binning(self) -> tuple[Any, Any] | None:
        across = first_node(self._camera, ("BinningHorizontal",))
        down = first_node(self._camera, ("BinningVertical",))
        return None if across is None or down is None else (across, down)

    def _set_binning(self, wanted: int | None) -> None:
        """Bin both ways alike, and keep reading out the same part of the sensor."""
        binning = self._binning()
        if wanted is None or binning is None or wanted == binning[0].Value == binning[1].Value:
            return
        now, region = int(binning[0].Value), self._region()
        for name in ("BinningHorizontalMode", "BinningVerticalMode"):
            mode = first_node(self._camera, (name,))
            if mode is not None:
                # The mean, not the sum: binning shall not change how bright an image is.
                mode.TrySetValue("Average")
        for node in binning:
            node.Value = wanted
        if region is not None:
            sides = (region.left, region.top, region.width, region.height)
            self._set_region(Region(*(side * now // wanted for side in sides)))

    def _whole(self) -> Region | None:
        camera = self._camera
        if first_node(camera, ("OffsetX",)) is None:
            return None
        sides = []
        for side, most, offset in (
            (camera.Width, "WidthMax", camera.OffsetX),
            (camera.Height, "HeightMax", camera.OffsetY),
        ):
            node = first_node(camera, (most,))
            sides.append(int(side.Max + offset.Value if node is None else node.Value))
        return Region(0, 0, *sides)

    def _region(self) -> Region | None:
        camera = self._camera
        if first_node(camera, ("OffsetX",)) is None:
            return None
        nodes = (camera.OffsetX, camera.OffsetY, camera.Width, camera.Height)
        return Region(*(int(node.Value) for node in nodes))

    def _set_region(self, wanted: Region) -> None:
        """Set a region, rounded down to what the sensor can read out."""
        camera = self._camera
        for offset, side, place, length in (
            (camera.OffsetX, camera.Width, wanted.left, wanted.width),
            (camera.OffsetY, camera.Height, wanted.top, wanted.height),
        ):
            # An offset of 0 first: otherwise a longer side might not fit.
            offset.Value = offset.Min
            side.Value = _fitting(side, length)
            offset.Value = _fitting(offset, place)

    def _white_balance(self) -> WhiteBalance | None:
        if first_node(self._camera, _BALANCE) is None:
            return None
        factors = []
        for colour in _COLOURS:
            self._camera.BalanceRatioSelector.Value = colour
            factors.append(float(self._require(_BALANCE).Value))
        return WhiteBalance(*factors)

    def _set_white_balance(self, wanted: WhiteBalance) -> None:
        factors = (wanted.red, wanted.green, wanted.blue)
        for colour, factor in zip(_COLOURS, factors, strict=True):
            self._camera.BalanceRatioSelector.Value = colour
            self._require(_BALANCE).Value = factor

    def _notes(self) -> tuple[str, ...]:
        shutter = first_node(self._camera, _SHUTTER)
        if shutter is None or not str(shutter.Value).startswith("Rolling"):
            return ()
        note = (
            "Rolling shutter: the rows of an image are exposed one after the other, the last "
            f"{self.readout_ns() / 1e6:.1f} ms after the first, each at its own z. Sweep slowly."
        )
        return (note,)

    def _to_db(self, gain: float) -> float:
        """Return dB; a raw gain is taken as proportional to the amplification."""
        return 20 * math.log10(gain / max(1, self._gain.Min)) if self._is_raw_gain else float(gain)

    def _from_db(self, gain_db: float) -> float:
        if not self._is_raw_gain:
            return gain_db
        raw: int = round(max(1, self._gain.Min) * 10 ** (gain_db / 20))
        return raw


def _fitting(node: Any, wanted: int) -> int:  # noqa: ANN401
    """Return the largest value that an integer parameter takes and that is not above a wish."""
    least, step = int(node.Min), max(1, int(node.Inc))
    return least + max(0, min(wanted, int(node.Max)) - least) // step * step
