"""Scans that can be taken up are found."""

from datetime import UTC, datetime

from app.captures.layout import SCAN
from app.captures.scan_record import ScanField, ScanRecord, write_scan
from app.captures.scans import unfinished_scans


def scan(folder, states, day):
    fields = tuple(
        ScanField(name=f"f{n}", x_um=0, y_um=0, state=state) for n, state in enumerate(states)
    )
    folder.mkdir()
    created = datetime(2026, 1, day, tzinfo=UTC)
    write_scan(
        folder,
        ScanRecord(
            microscope="bench", objective="20x", pixel_um=0.5, fields=fields, created=created
        ),
    )


def test_only_scans_with_fields_left_over_are_found_newest_first(tmp_path):
    assert unfinished_scans(tmp_path / "none") == ()
    scan(tmp_path / "old", ["done", "pending"], 1)
    scan(tmp_path / "whole", ["done", "failed", "empty"], 2)
    scan(tmp_path / "new", ["pending", "empty", "pending"], 3)
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / SCAN).write_text("{")
    found = unfinished_scans(tmp_path)
    assert [each.folder.name for each in found] == ["new", "old"]
    assert [each.finished for each in found] == [1, 1]
