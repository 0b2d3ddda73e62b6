from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from app.captures.overview import LONGEST_PX, write_overview
from app.captures.scan_record import ScanField, ScanRecord, read_scan, write_scan
from app.captures.stack import StackError


def scan_of(folder: Path, places: list[tuple[float, float]], dtype=np.uint8) -> ScanRecord:
    """A scan with pixels of 0.5 µm whose first fields are of the greys 10, 20, 30."""
    fields = []
    for number, (x_um, y_um) in enumerate(places):
        name = f"field{number}"
        (folder / name).mkdir(parents=True)
        image = np.full((40, 60, 3), 10 * (number % 20 + 1), dtype)
        _good, data = cv2.imencode(".png", image)
        (folder / name / "fused.png").write_bytes(data.tobytes())
        fields.append(ScanField(name=name, x_um=x_um, y_um=y_um, state="done", folder=name))
    return ScanRecord(microscope="m", objective="o", pixel_um=0.5, fields=tuple(fields))


def overview(folder: Path, record: ScanRecord) -> np.ndarray:
    path = write_overview(folder, record)
    assert path is not None
    return cv2.imread(str(path))


def test_neighbours_lie_to_scale(tmp_path: Path) -> None:
    record = scan_of(tmp_path, [(100, 100), (130, 100), (100, 130)])
    picture = overview(tmp_path, record)
    assert picture.shape == (100, 120, 3)
    assert (picture[:40, :60] == 10).all()
    assert (picture[:40, 60:] == 20).all()
    assert (picture[60:, :60] == 30).all()
    assert (picture[60:, 60:] == 32).all()


def test_a_turned_camera_s_pictures_are_laid_on_the_stage_s_axes(tmp_path: Path) -> None:
    record = scan_of(tmp_path, [(100, 100), (120, 100)])
    for field, grey in zip(record.fields, (60, 90), strict=True):
        image = np.full((40, 60, 3), grey, np.uint8)
        image[:, 0] = 200
        cv2.imwrite(str(tmp_path / field.name / "fused.png"), image)
    turned = record.model_copy(update={"rotation_deg": 90})
    picture = overview(tmp_path, turned)
    assert picture.shape == (60, 80, 3)
    # The left edges of the pictures lie at the top, the first field at the left.
    assert (picture[0] == 200).all()
    assert (picture[1:, :40] == 60).all()
    assert (picture[1:, 40:] == 90).all()


def test_fields_far_apart_lie_side_by_side(tmp_path: Path) -> None:
    record = scan_of(tmp_path, [(0, 0), (10_000, 0), (20_000, 0), (30_000, 0)])
    picture = overview(tmp_path, record)
    assert picture.shape[1] < 200
    for number in range(4):
        assert (picture == 10 * (number + 1)).all(axis=2).sum() == 40 * 60


def test_large_overviews_are_made_smaller(tmp_path: Path) -> None:
    places = [(x * 30.0, 0.0) for x in range(150)]
    picture = overview(tmp_path, scan_of(tmp_path, places))
    assert max(picture.shape) == LONGEST_PX


def test_only_what_is_done_is_shown(tmp_path: Path) -> None:
    record = scan_of(tmp_path, [(0, 0), (30, 0)])
    half = record.with_field(1, record.fields[1].model_copy(update={"state": "empty"}))
    assert overview(tmp_path, half).shape == (40, 60, 3)
    none = half.with_field(0, half.fields[0].model_copy(update={"state": "failed"}))
    assert write_overview(tmp_path, none) is None


def test_a_scan_is_read_as_written_and_faults_are_named(tmp_path: Path) -> None:
    record = scan_of(tmp_path, [(0, 0)])
    write_scan(tmp_path, record)
    assert read_scan(tmp_path) == record
    (tmp_path / "scan.json").write_text('{"fields": []}')
    with pytest.raises(StackError, match=r"scan\.json: microscope: Field required"):
        read_scan(tmp_path)
    with pytest.raises(StackError, match=r"scan\.json: cannot be read: No such file"):
        read_scan(tmp_path / "missing")
