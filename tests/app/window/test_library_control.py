"""What can be done with captures on disk, without a window."""

import threading
import time

import pytest

from app.captures.capture_record import read_record
from app.captures.fusion_settings import FusionSettings
from app.captures.fusions import fusion_entries
from app.captures.layout import FUSED, FUSIONS
from app.captures.library import Query
from app.window.comparison import Comparison
from app.window.library_control import (
    FusedAgain,
    FusingAgain,
    FusionsKnown,
    LibraryControl,
    LibraryFound,
    LibraryKnown,
    ThumbnailKnown,
)
from app.window.trouble import Trouble

SIZE = 64


class Desk:
    def __init__(self, captures):
        self._news = threading.Condition()
        self.events = []
        self.impatient = False
        self.control = LibraryControl(captures, self._tell, captures / "index" / "library")

    def _tell(self, event):
        with self._news:
            self.events.append(event)
            self._news.notify_all()
        if self.impatient and isinstance(event, FusingAgain) and event.what == "fusing":
            self.control.give_up()

    def wait_for(self, kind, count=1):
        end_s = time.monotonic() + 200
        with self._news:
            while len(found := [e for e in self.events if isinstance(e, kind)]) < count:
                assert self._news.wait(end_s - time.monotonic()), f"no {kind.__name__} came"
        return found[-1]


@pytest.fixture
def desk(tmp_path):
    desk = Desk(tmp_path)
    yield desk
    assert desk.control.close(30)


def test_captures_are_found_labelled_and_found_anew(desk, tmp_path, bare_capture):
    folders = [bare_capture(tmp_path / name) for name in "ab"]
    desk.control.scan()
    assert len(desk.wait_for(LibraryKnown).entries) == 2
    desk.control.relabel(folders, {"slide": "S-1", "operator": "Li"})
    known = desk.wait_for(LibraryKnown, 2)
    assert {entry.labels.slide for entry in known.entries} == {"S-1"}
    assert read_record(folders[1]).labels.operator == "Li"


def test_what_was_known_before_is_listed_without_a_look_and_searched(desk, tmp_path, bare_capture):
    bare_capture(tmp_path / "a")
    desk.control.relabel([tmp_path / "a"], {"notes": "切削磨粒"})
    desk.wait_for(LibraryKnown)
    later = Desk(tmp_path)
    bare_capture(tmp_path / "b")
    later.control.scan()
    later.wait_for(LibraryKnown, 2)
    first, second = (e.entries for e in later.events if isinstance(e, LibraryKnown))
    assert [entry.name for entry in first] == ["a"]
    assert {entry.name for entry in second} == {"a", "b"}
    query = Query("磨粒")
    later.control.search(query)
    assert later.wait_for(LibraryFound) == LibraryFound(query, frozenset({tmp_path / "a"}))
    assert later.control.close(30)


def test_a_library_without_an_index_works_all_the_same(tmp_path, bare_capture):
    (tmp_path / "index").touch()
    desk = Desk(tmp_path)
    bare_capture(tmp_path / "a")
    desk.control.scan()
    assert len(desk.wait_for(LibraryKnown).entries) == 1
    desk.control.search(Query(words="no such word"))
    assert desk.wait_for(LibraryFound).folders == frozenset()
    assert desk.control.close(30)
    assert not any(isinstance(event, Trouble) for event in desk.events)


def test_a_label_that_cannot_be_written_is_told_and_the_others_are(desk, tmp_path, bare_capture):
    good, gone = bare_capture(tmp_path / "good"), tmp_path / "gone"
    desk.control.relabel([gone, good], {"slide": "S-1"})
    assert "gone" in desk.wait_for(Trouble).title
    assert desk.wait_for(LibraryKnown).entries[0].labels.slide == "S-1"


def test_thumbnails_come_from_the_fused_image_or_a_frame(desk, tmp_path, bare_capture):
    desk.control.want_thumbnail(bare_capture(tmp_path / "a"))
    assert desk.wait_for(ThumbnailKnown).pixels.shape == (SIZE, SIZE, 3)
    (tmp_path / "b").mkdir()
    desk.control.want_thumbnail(tmp_path / "b")
    assert desk.wait_for(ThumbnailKnown, 2).pixels is None


def test_what_was_opened_is_listed(desk, tmp_path, bare_capture):
    capture = bare_capture(tmp_path / "a")
    desk.control.opened(capture)
    desk.control.scan()
    assert desk.wait_for(LibraryKnown).recent == (capture,)


def test_a_capture_is_fused_again_and_both_are_seen(desk, tmp_path, fused_capture):
    capture = fused_capture(tmp_path / "a")
    before = {path: path.read_bytes() for path in capture.iterdir() if path.is_file()}
    settings = FusionSettings(model="published", frames=2, align=False)
    desk.control.fuse_again(capture, settings)
    folder = desk.wait_for(FusedAgain).folder
    assert folder.parent == capture / FUSIONS
    assert desk.wait_for(FusingAgain).total >= 0
    assert {path: path.read_bytes() for path in capture.iterdir() if path.is_file()} == before

    desk.control.list_fusions(capture)
    first, second = desk.wait_for(FusionsKnown).fusions
    assert (first.first, second.first) == (True, False)
    assert second.record.settings == settings
    assert len(second.record.frames) == 2
    desk.control.compare(first, second)
    both = desk.wait_for(Comparison)
    assert both.left.fused.shape == both.right.fused.shape == (SIZE, SIZE, 3)
    assert both.mean_difference > 0
    assert both.unit == "µm"
    assert both.span[0] < both.span[1]


def test_a_fusion_that_is_given_up_or_fails_leaves_nothing_behind(desk, tmp_path, bare_capture):
    capture = bare_capture(tmp_path / "a")
    desk.impatient = True
    desk.control.fuse_again(capture, FusionSettings())
    assert desk.wait_for(FusedAgain).folder is None
    desk.control.fuse_again(capture, FusionSettings(model="no such model"))
    assert desk.wait_for(FusedAgain, 2).folder is None
    assert "no such model" in desk.wait_for(Trouble).title
    assert not (capture / FUSIONS).exists()
    assert fusion_entries(capture) == ()


def test_a_fused_image_that_is_gone_is_told(desk, tmp_path, fused_capture):
    capture = fused_capture(tmp_path / "a")
    (entry,) = fusion_entries(capture)
    (capture / FUSED).unlink()
    desk.control.compare(entry, entry)
    assert FUSED in desk.wait_for(Trouble).title
