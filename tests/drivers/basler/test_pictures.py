"""What BaslerCamera makes of each pixel format."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from drivers.basler_formats import (
    COLOUR_FORMATS,
    choose_format,
    to_image,
)


@pytest.mark.parametrize(
    ("pixel_format", "white"),
    [
        ("RGB8Packed", 255),
        ("BGR8Packed", 255),
        *((f"Bayer{order}8", 255) for order in ("RG", "GB", "GR", "BG")),
        *((f"Bayer{order}10", 1023) for order in ("RG", "GB", "GR", "BG")),
        *((f"Bayer{order}12", 4095) for order in ("RG", "GB", "GR", "BG")),
    ],
)
def test_colours_are_red_green_blue(
    pixel_format: str, white: int, tmp_path: Path, open_camera, grab, show
) -> None:
    """Four fields of different colours: their order shows whether rows or columns shift."""
    colours = np.array([[(200, 100, 20), (20, 200, 100)], [(90, 30, 220), (240, 240, 10)]])
    picture = np.kron(colours, np.ones((24, 32, 1))).astype(np.uint8)
    cv2.imwrite(str(tmp_path / "a.png"), picture[..., ::-1])
    camera = open_camera((pixel_format,))
    show(camera, tmp_path)
    image = grab(camera, 1)[0].image
    assert (camera.caps.colour, camera.caps.bits) == (True, white.bit_length())
    assert image.shape == (48, 64, 3)
    assert image.dtype == (np.uint8 if white == 255 else np.uint16)
    seen = image.reshape(2, 24, 2, 32, 3)[:, 6:-6, :, 6:-6].mean((1, 3)) * 255 / white
    np.testing.assert_allclose(seen, colours, atol=1.5)


@pytest.mark.slow
def test_a_mosaic_is_turned_into_colour_fast_enough(
    record_property: Callable[[str, object], None],
) -> None:
    """2448x2048 at 30 frames per second leave 33 ms per frame; of all processors together."""
    mosaic = np.random.default_rng(1).integers(0, 256, (2048, 2448), np.uint8)
    durations_ms = []
    for _ in range(15):
        began_ns = time.process_time_ns()
        to_image(mosaic, "BayerRG8")
        durations_ms.append((time.process_time_ns() - began_ns) / 1e6)
    record_property("ms", [round(each, 2) for each in durations_ms])
    print(f"2448x2048 mosaic to RGB: median {np.median(durations_ms):.2f} ms")
    assert min(durations_ms) < 33


def test_deep_pictures_are_right_aligned(open_camera, grab) -> None:
    camera = open_camera(("Mono12",))
    image = grab(camera, 1)[0].image
    assert image.dtype == np.uint16
    assert 255 < image.max() < 4096


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        (("Mono8", "RGB8", "BayerRG8"), "BayerRG8"),
        (("Mono8", "RGB8Packed"), "RGB8Packed"),
        (("Mono8", "BayerRG8", "YUV422"), "BayerRG8"),
        (("Mono8", "Mono12"), "Mono8"),
        (("YUV422",), None),
    ],
)
def test_the_best_colour_format_is_chosen(offered: tuple[str, ...], chosen: str | None) -> None:
    assert choose_format(offered, COLOUR_FORMATS) == chosen
