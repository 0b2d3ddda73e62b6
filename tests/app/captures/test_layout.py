"""Names of captures."""

from __future__ import annotations

from datetime import datetime

from app.captures.layout import (
    capture_folders,
    capture_name,
    default_captures_folder,
    new_capture_folder,
)

WHEN = datetime(2025, 3, 9, 7, 5, 2)  # noqa: DTZ001


def test_captures_of_the_same_second_get_numbers(tmp_path):
    names = []
    for _ in range(3):
        folder = new_capture_folder(tmp_path, capture_name(WHEN))
        folder.mkdir()
        names.append(folder.name)
    assert names == ["2025-03-09_070502", "2025-03-09_070502_2", "2025-03-09_070502_3"]


def test_captures_are_found_newest_first(tmp_path):
    assert capture_folders(tmp_path / "missing") == ()
    for name in ("2025-01-01_000000", "2025-02-01_000000", "other"):
        (tmp_path / name).mkdir()
        if name != "other":
            (tmp_path / name / "capture.json").write_text("{}")
    assert [f.name for f in capture_folders(tmp_path)] == ["2025-02-01_000000", "2025-01-01_000000"]


def test_captures_lie_in_the_operators_documents():
    assert default_captures_folder().name == "WearIF"
