"""Small stacks, on a disk and elsewhere."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import tifffile

from app.captures.fusion_record import FusionRecord
from app.captures.image_file import read_image
from app.captures.layout import CONFIDENCE, FUSED, FUSION, HEIGHT, WEIGHTS


def save_stack(folder: Path, *, frames: int = 4, seed: int = 0, size: tuple[int, int] = (48, 64)):
    """Write a stack whose frames are sharp in one vertical band each."""
    folder.mkdir(parents=True)
    sharp = np.random.default_rng(seed).integers(0, 256, (*size, 3), dtype=np.uint8)
    soft = cv2.GaussianBlur(sharp, (0, 0), 3)
    bands = np.array_split(np.arange(size[1]), frames)
    for index, band in enumerate(bands):
        frame = soft.copy()
        frame[:, band] = sharp[:, band]
        cv2.imwrite(str(folder / f"{index:03d}.png"), frame)
    return folder


@pytest.fixture(scope="session", name="save_stack")
def save_stack_fixture():
    """Writes a stack."""
    return save_stack


@pytest.fixture
def archive(tmp_path):
    """Three stacks, two of them in a folder of their own."""
    for number, name in enumerate(("a", "b/one", "b/two")):
        save_stack(tmp_path / "archive" / name, seed=number)
    return tmp_path / "archive"


@pytest.fixture(scope="session")
def same_results():
    """Make sure that two folders hold the same results; when they were made does not matter."""

    def check(one: Path, other: Path) -> None:
        for name in (FUSED, CONFIDENCE):
            assert np.array_equal(read_image(one / name), read_image(other / name))
        for name in (WEIGHTS, HEIGHT):
            assert np.array_equal(tifffile.imread(one / name), tifffile.imread(other / name))
        told = {"created", "timings_s", "results"}
        first, second = (
            FusionRecord.model_validate_json((each / FUSION).read_bytes()).model_dump(exclude=told)
            for each in (one, other)
        )
        assert first == second

    return check
