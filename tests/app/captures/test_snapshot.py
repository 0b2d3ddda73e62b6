"""A snapshot can be read back with its scale, and replaces nothing."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import tifffile

from app.captures.file_scale import file_scale
from app.captures.snapshot import SNAPSHOTS, Snapshot, SnapshotError, snapshot_path, write_snapshot

IMAGE = np.random.default_rng(1).integers(0, 4096, (48, 64, 3), dtype=np.uint16)
SNAPSHOT = Snapshot(
    IMAGE, 12, 0.4945, "Bench", "20x/0.40", 4.0,
    datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC), (1.5, 2.5, 483.2),
)  # fmt: skip


@pytest.mark.parametrize("image", [IMAGE, IMAGE[..., 0], (IMAGE >> 4).astype(np.uint8)])
def test_pixels_and_scale_come_back(tmp_path, image):
    tiff, png = write_snapshot(tmp_path / "a" / "s", replace(SNAPSHOT, image=image), b"picture")
    assert png.read_bytes() == b"picture"
    with tifffile.TiffFile(tiff) as file:
        np.testing.assert_array_equal(file.asarray(), image)
        pixels, per_cm = file.pages[0].tags["XResolution"].value
    scale = file_scale(tiff)
    assert scale.pixel_um == pytest.approx(0.4945)
    assert scale.z_um == (483.2,)
    assert pixels / per_cm == pytest.approx(1e4 / 0.4945, rel=1e-6)


def test_a_second_snapshot_in_the_same_second_gets_a_number(tmp_path):
    first = snapshot_path(tmp_path, SNAPSHOT)
    assert first == tmp_path / SNAPSHOTS / "2026-03-04_050607_z483.2"
    write_snapshot(first, SNAPSHOT, b"one")
    second = snapshot_path(tmp_path, SNAPSHOT)
    write_snapshot(second, SNAPSHOT, b"two")
    assert Path(f"{first}.png").read_bytes() == b"one"
    assert second.name.endswith("_2")


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SnapshotError, match="file"):
        write_snapshot(tmp_path / "file" / "s", SNAPSHOT, b"")
