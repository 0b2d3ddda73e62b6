"""Parameters that pylon's emulation lacks: white balance, steps of regions, rolling shutters.

They are laid over an emulated camera, so that all the others stay real.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from drivers.basler import BaslerCamera
from drivers.basler_nodes import BaslerNodes, first_node
from drivers.camera import CameraSettings, Region, WhiteBalance

SETTINGS = CameraSettings(exposure_ms=2.0, gain_db=0.0, fps=30.0)


class Node:
    """A GenICam parameter."""

    def __init__(self, value: Any, least: float = 0, most: float = 0, step: int = 1) -> None:
        self.value, self.Min, self.Max, self.Inc = value, least, most, step

    @property
    def Value(self) -> Any:  # noqa: N802 - GenICam's name
        return self.value

    @Value.setter
    def Value(self, value: Any) -> None:  # noqa: N802 - GenICam's name
        if isinstance(value, int):
            assert self.Min <= value <= self.Max
            assert (value - self.Min) % self.Inc == 0
        self.value = value

    def IsReadable(self) -> bool:  # noqa: N802 - GenICam's name
        return True


class Ratios(Node):
    """The factor of the selected colour."""

    def __init__(self, selector: Node) -> None:
        super().__init__(None, 0.5, 4.0)
        self.selector = selector
        self.by_colour = {"Red": 1.5, "Green": 1.0, "Blue": 2.0}

    @property
    def Value(self) -> float:  # noqa: N802 - GenICam's name
        return self.by_colour[self.selector.Value]

    @Value.setter
    def Value(self, value: float) -> None:  # noqa: N802 - GenICam's name
        self.by_colour[self.selector.Value] = value


class Overlaid:
    """An emulated camera with some parameters replaced or added."""

    def __init__(self, camera: Any, **nodes: Node) -> None:
        self.__dict__.update(nodes, camera=camera)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.camera, name)


@pytest.fixture
def emulated(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("PYLON_CAMEMU", "1")
    camera = BaslerCamera(device_class="BaslerCamEmu")
    camera.open()
    yield camera._camera
    camera.close()


@pytest.mark.parametrize("name", ["BalanceRatio", "BalanceRatioAbs"])
def test_white_balance(emulated: Any, name: str) -> None:
    selector = Node("Green")
    ratios = Ratios(selector)
    camera = Overlaid(emulated, BalanceRatioSelector=selector, **{name: ratios})
    nodes = BaslerNodes("camera", camera, ("BayerRG8",))
    assert nodes.caps().white_balance == (0.5, 4.0)
    assert nodes.settings().white_balance == WhiteBalance(1.5, 1.0, 2.0)
    wanted = WhiteBalance(1.7, 1.1, 2.2)
    nodes.apply(CameraSettings(2.0, 0.0, 30.0, white_balance=wanted))
    assert nodes.settings().white_balance == wanted


def test_a_region_is_rounded_down_to_the_steps_of_the_sensor(emulated: Any) -> None:
    camera = Overlaid(
        emulated,
        Width=Node(640, 16, 2448, 16),
        Height=Node(480, 2, 2048, 2),
        OffsetX=Node(4, 0, 1808, 4),
        OffsetY=Node(2, 0, 1568, 2),
        WidthMax=Node(2448),
        HeightMax=Node(2048),
    )
    nodes = BaslerNodes("camera", camera, ("Mono8",))
    assert nodes.caps().whole == Region(0, 0, 2448, 2048)
    nodes.apply(CameraSettings(2.0, 0.0, 30.0, region=Region(103, 7, 650, 101)))
    assert nodes.settings().region == Region(100, 6, 640, 100)


def test_a_rolling_shutter_is_told(emulated: Any) -> None:
    assert BaslerNodes("camera", emulated, ("Mono8",)).caps().notes == ()
    camera = Overlaid(emulated, SensorShutterMode=Node("Rolling"), SensorReadoutTime=Node(28_700.0))
    (note,) = BaslerNodes("camera", camera, ("Mono8",)).caps().notes
    assert "28.7 ms" in note


def test_a_black_level_in_whole_steps(emulated: Any) -> None:
    camera = Overlaid(emulated, BlackLevel=Node(0, 0, 255))
    nodes = BaslerNodes("camera", camera, ("Mono8",))
    nodes.apply(CameraSettings(2.0, 0.0, 30.0, black_level=12.4))
    assert nodes.settings().black_level == 12


def test_the_clock_of_older_gige_cameras(emulated: Any) -> None:
    assert first_node(emulated, ("GevTimestampTickFrequency",)) is None
    assert BaslerNodes("camera", emulated, ("Mono8",)).ns_per_tick() == 1.0
    camera = Overlaid(emulated, GevTimestampTickFrequency=Node(125_000_000))
    assert BaslerNodes("camera", camera, ("Mono8",)).ns_per_tick() == 8.0
