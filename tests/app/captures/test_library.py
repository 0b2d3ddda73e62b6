from __future__ import annotations

import json
import os
import time
from datetime import UTC, date, datetime, timedelta

import cv2
import numpy as np
import pytest

from app.captures.capture_record import (
    CaptureLabels,
    CaptureRecord,
    FrameEntry,
    read_record,
    write_record,
)
from app.captures.layout import FRAMES_LOG, FUSED, LOCK, RECORD, THUMBNAIL
from app.captures.library import Query, arranged, label_values, relabel, scan_library
from app.captures.recents import KEPT, Recents
from app.captures.scan_record import ScanField, ScanRecord, write_scan
from app.captures.stack import StackError
from app.captures.thumbnail import LONGEST_PX, thumbnail

START = datetime(2024, 3, 1, 12, tzinfo=UTC)


def entry(index, used=True):
    return FrameEntry(
        index=index,
        file=f"frames/{index}.png",
        t_mid_ns=0,
        t_sigma_ns=0,
        exposure_ms=1,
        lost_before=0,
        used=used,
    )


def make(folder, *, days=0, frames=3, state="complete", **labels):
    folder.mkdir(parents=True)
    record = CaptureRecord(
        created=START + timedelta(days=days),
        state=state,
        labels=CaptureLabels(**labels),
        microscope="bench 2",
        objective="20x",
        na=0.4,
        magnification=20,
        sweep={},
        frames=tuple(entry(n, used=n > 0) for n in range(frames)),
    )
    write_record(folder, record)
    return folder


def names(entries):
    return [each.name for each in entries]


def test_it_lists_captures_and_the_fields_of_scans_newest_first(tmp_path):
    make(tmp_path / "a", days=0, slide="S1")
    make(tmp_path / "b", days=2)
    scan = tmp_path / "slide 7"
    make(scan / "field_1", days=1)
    write_scan(
        scan,
        ScanRecord(
            microscope="m", objective="o", pixel_um=1, fields=(ScanField(name="1", x_um=0, y_um=0),)
        ),
    )
    (tmp_path / "no capture").mkdir()
    found = scan_library(tmp_path)
    assert names(found) == ["b", "slide 7/field_1", "a"]
    assert found[2].labels.slide == "S1"
    assert found[2].frames == 2
    assert not found[2].fused
    assert scan_library(tmp_path / "missing") == ()


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"schema_version": 9}', b"\xff\xfe"])
def test_a_damaged_record_is_listed_with_its_fault(tmp_path, damage):
    make(tmp_path / "good")
    (make(tmp_path / "bad") / RECORD).write_bytes(damage)
    bad = next(each for each in scan_library(tmp_path) if each.name == "bad")
    assert bad.state == "unreadable"
    assert RECORD in bad.fault
    assert len(scan_library(tmp_path)) == 2


def test_a_capture_being_recorded_is_told_from_one_whose_program_died(tmp_path):
    folder = make(tmp_path / "a", state="recording")
    line = entry(1).model_dump_json()
    (folder / FRAMES_LOG).write_text(f"{line}\n")
    assert scan_library(tmp_path)[0].state == "interrupted"
    assert scan_library(tmp_path)[0].frames == 1
    (folder / LOCK).touch()
    assert scan_library(tmp_path)[0].state == "recording"


def test_only_what_has_changed_is_read_again(tmp_path):
    for name in "abc":
        make(tmp_path / name)
    first = {each.folder: each for each in scan_library(tmp_path)}
    relabel(tmp_path / "b", {"slide": "new"})
    second = scan_library(tmp_path, first)
    fresh = [each for each in second if first[each.folder] is not each]
    assert names(fresh) == ["b"]
    assert fresh[0].labels.slide == "new"


def test_hundreds_of_captures_are_scanned_quickly(tmp_path):
    for number in range(300):
        make(tmp_path / f"c{number:03d}", days=number, frames=60, slide=f"S{number % 7}")
    started_s = time.process_time()
    found = scan_library(tmp_path)
    again = scan_library(tmp_path, {each.folder: each for each in found})
    assert time.process_time() - started_s < 10
    assert len(found) == 300
    assert all(one is other for one, other in zip(found, again, strict=True))
    assert label_values(found, "slide") == tuple(f"S{n}" for n in range(7))


def test_a_search_looks_for_all_words_in_all_labels(tmp_path):
    make(tmp_path / "a", slide="S-17", machine="Gearbox 4", notes="Cutting WEAR, фреттинг")
    make(tmp_path / "b", slide="S-18", machine="Gearbox 5", operator="Li")
    found = scan_library(tmp_path)

    def finds(**wanted):
        return {each.name for each in found if Query(**wanted).finds(each)}

    assert finds() == {"a", "b"}
    assert finds(words="gearbox") == {"a", "b"}
    assert finds(words="wear gearbox") == {"a"}
    assert finds(words="ФРЕТТИНГ") == {"a"}
    assert finds(words="bench 20x 2024-03-01") == {"a", "b"}
    assert finds(words="nothing") == set()
    assert finds(slide="S-18") == {"b"}
    assert finds(slide="S-18", machine="Gearbox 4") == set()
    day = found[0].created.date()
    assert finds(since=day, until=day) == {"a", "b"}
    assert finds(since=day + timedelta(days=1)) == set()
    assert finds(until=date(2000, 1, 1)) == set()


def test_captures_are_arranged_by_label_and_those_without_come_last(tmp_path):
    make(tmp_path / "a", days=0, slide="beta", frames=9)
    make(tmp_path / "b", days=1)
    make(tmp_path / "c", days=2, slide="Alpha")
    make(tmp_path / "d", days=3, slide="beta")
    found = scan_library(tmp_path)
    assert names(arranged(found, "slide")) == ["c", "d", "a", "b"]
    assert names(arranged(found, "slide", descending=True))[-1] == "b"
    assert names(arranged(found, "date")) == ["a", "b", "c", "d"]
    assert names(arranged(found, "frames", descending=True))[0] == "a"


def test_labels_are_changed_in_the_record_and_nothing_else(tmp_path):
    folder = make(tmp_path / "a", slide="S1", operator="Li")
    before = read_record(folder)
    labels = relabel(folder, {"slide": " S2 ", "notes": "two\nlines"})
    assert labels == CaptureLabels(slide="S2", operator="Li", notes="two\nlines")
    after = read_record(folder)
    assert after.labels == labels
    assert after.model_copy(update={"labels": before.labels}) == before


def test_a_capture_under_way_is_not_relabelled(tmp_path):
    folder = make(tmp_path / "a", state="recording")
    content = (folder / RECORD).read_bytes()
    with pytest.raises(StackError, match="recorded"):
        relabel(folder, {"slide": "S2"})
    assert (folder / RECORD).read_bytes() == content


def test_a_record_from_before_there_were_labels_is_read(tmp_path):
    folder = make(tmp_path / "a")
    text = read_record(folder).model_dump(mode="json")
    del text["labels"]
    (folder / RECORD).write_text(json.dumps(text))
    assert read_record(folder).labels == CaptureLabels()


def test_a_thumbnail_is_kept_until_the_fused_image_changes(tmp_path, save):
    folder = make(tmp_path / "a")
    red = np.zeros((400, 800, 3), np.uint8)
    red[..., 0] = 200
    save(folder / FUSED, red)
    small = thumbnail(folder)
    assert small.shape == (LONGEST_PX // 2, LONGEST_PX, 3)
    assert (folder / THUMBNAIL).is_file()
    kept = cv2.imread(str(folder / THUMBNAIL))
    kept[:] = 7
    cv2.imwrite(str(folder / THUMBNAIL), kept)
    assert abs(int(thumbnail(folder).mean()) - 7) <= 1
    later_ns = time.time_ns() + 10**10
    os.utime(folder / FUSED, ns=(later_ns, later_ns))
    assert thumbnail(folder)[..., 0].mean() > 190


def test_a_damaged_thumbnail_is_made_anew(tmp_path, save):
    folder = make(tmp_path / "a")
    save(folder / FUSED, np.full((50, 60), 99, np.uint8))
    thumbnail(folder)
    (folder / THUMBNAIL).write_bytes(b"\xff\xd8 no picture")
    assert thumbnail(folder).mean() == pytest.approx(99)


def test_without_a_fused_image_the_middle_frame_is_shown(tmp_path, save):
    folder = make(tmp_path / "a", frames=4)
    (folder / "frames").mkdir()
    for index in range(4):
        save(folder / f"frames/{index}.png", np.full((20, 30), 10 * index, np.uint16) * 16)
    assert thumbnail(folder).shape == (20, 30, 3)
    assert not (folder / THUMBNAIL).exists()


def test_a_capture_without_pictures_says_so(tmp_path):
    with pytest.raises(StackError):
        thumbnail(make(tmp_path / "a", frames=1))


def test_recents_are_newest_first_without_doubles_and_without_what_is_gone(tmp_path):
    recents = Recents(tmp_path / "recent.json")
    assert recents.paths() == ()
    folders = [tmp_path / str(n) for n in range(KEPT + 3)]
    for folder in folders:
        folder.mkdir()
        recents.add(folder)
    recents.add(folders[-2])
    folders[-1].rmdir()
    listed = recents.paths()
    assert listed[0] == folders[-2]
    assert len(listed) == len(set(listed)) == KEPT - 1
    (tmp_path / "recent.json").write_text("nonsense")
    assert recents.paths() == ()
