"""A slide is scanned by clicks and keys: planned, stopped, taken up, looked at."""

import time

import pytest
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtTest import QTest

from app.acquisition.events import Phase
from app.acquisition.scan_setup import FieldSource
from app.captures.capture import Capture
from app.captures.capture_record import CaptureLabels
from app.captures.layout import OVERVIEW
from app.captures.scan_record import ScanField, ScanRecord, read_scan, write_scan
from app.window.scan_progress import FieldStage
from app.window.scan_words import time_words
from drivers.stage import StagePhase

LEFT = Qt.MouseButton.LeftButton
PATIENCE_S = 240.0
"""A field takes seconds, on a machine with nothing else to do."""


@pytest.fixture
def page(desk):
    desk.window.actions_["page_scan"].trigger()
    page = desk.window.scan_page
    desk.wait_until(page.run_card.start.isEnabled, "a scan was planned")
    return page


@pytest.fixture
def shared_page(shared_desk):
    window = shared_desk.window
    window.actions_["page_scan"].trigger()
    page = window.scan_page
    shared_desk.wait_until(page.run_card.start.isEnabled, "a scan was planned")
    return page


def wait_long(condition, what):
    end_s = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end_s, f"waited {PATIENCE_S:.0f} s in vain until {what}"
        QCoreApplication.processEvents()
        time.sleep(0.01)


def set_number(box, value):
    box.setFocus()
    box.selectAll()
    QTest.keyClicks(box, str(value))
    QTest.keyClick(box, Qt.Key.Key_Tab)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_scan_is_stopped_taken_up_and_looked_at(desk, page):
    window, scan = desk.window, desk.window.control.scan
    window.control.labels.write("slide", "S 7")
    set_number(page.setup_card.columns, 2)
    set_number(page.setup_card.rows, 1)
    desk.wait_until(lambda: len(page.table.fields.rows) == 2, "two fields were planned")
    assert page.run_card.amount.text().startswith("2 fields · about ")
    assert page.selected is None
    QTest.mouseClick(page.run_card.start, LEFT)
    wait_long(lambda: scan.progress is not None and scan.progress.finished == 1, "one was over")
    wait_long(lambda: scan.progress.rows[1].stage.is_busy, "the next one was gone to")
    QTest.keyClick(page, Qt.Key.Key_Escape)
    wait_long(lambda: not window.control.state.capturing, "the scan was stopped")
    desk.wait_until(lambda: desk.stage_state.phase is StagePhase.IDLE, "the stage was halted")
    assert desk.truly_rests()
    assert scan.progress.ended is Phase.CANCELLED
    folder = scan.progress.folder
    assert [field.state for field in read_scan(folder).fields] == ["done", "pending"]
    assert set(scan.tiles) == {0}

    desk.wait_until(page.run_card.resume.isVisible, "it could be taken up")
    desk.wait_until(lambda: scan.unfinished != (), "it was found on disk")
    QTest.mouseClick(page.run_card.resume, LEFT)
    desk.wait_until(lambda: window.control.state.capturing, "it went on")
    wait_long(lambda: not window.control.state.capturing, "the scan was over")
    assert scan.progress.ended is Phase.DONE, window.error_bar.text
    assert [row.stage for row in scan.progress.rows] == [FieldStage.FUSED] * 2
    assert set(scan.tiles) == {0, 1}
    assert (folder / OVERVIEW).is_file()
    for row in scan.progress.rows:
        told = Capture(row.folder).record.labels
        assert told == CaptureLabels(slide="S 7", field=row.name)
    desk.wait_until(lambda: not page.run_card.resume.isVisible(), "nothing was left")

    middle = page.mosaic.box_of(0).center().toPoint()
    QTest.mouseClick(page.mosaic, LEFT, pos=middle)
    desk.wait_until(lambda: page.table.currentIndex().row() == 0, "the list followed")
    desk.wait_until(window.actions_["scan_go"].isEnabled, "it could be gone to")
    window.actions_["scan_go"].trigger()
    row = scan.progress.rows[0]

    def there():
        at = desk.stage_state.position
        near = abs(at.x_um - row.x_um) < 1 and abs(at.z_um - row.best_z_um) < 1
        return near and desk.stage_state.phase is StagePhase.IDLE

    wait_long(there, "the stage was at the field, in focus")
    QTest.mouseDClick(page.mosaic, LEFT, pos=middle)
    review = window.review_page
    wait_long(lambda: review.subject is not None, "the field was reviewed")
    assert review.isVisible()
    assert review.subject.stack.folder == row.folder


def test_fields_follow_the_stage_until_one_is_gone_to(desk, page):
    scan = desk.window.control.scan
    assert page.setup_card.follow.isChecked()
    before = scan.rows(desk.stage_state)
    assert len(before) == 9
    desk.wait_until(lambda: len(page.table.fields.rows) == 9, "the fields were shown")
    box = page.mosaic.box_of(2).center().toPoint()
    QTest.mouseDClick(page.mosaic, LEFT, pos=box)
    assert scan.setup.anchor_um is not None

    def there():
        at = desk.stage_state.position
        return abs(at.x_um - before[2].x_um) < 1 and abs(at.y_um - before[2].y_um) < 1

    wait_long(there, "the stage was at the third field")
    assert scan.rows(desk.stage_state) == before
    desk.wait_until(lambda: not page.setup_card.follow.isChecked(), "it was shown")
    QTest.mouseClick(page.setup_card.follow, LEFT)
    assert scan.setup.anchor_um is None


def test_what_is_not_possible_is_said_and_cannot_be_started(shared_desk, shared_page):
    card = shared_page.setup_card
    QTest.mouseClick(card.sources[FieldSource.FERROGRAM], LEFT)
    shared_desk.wait_until(lambda: not shared_page.run_card.start.isEnabled(), "it was seen")
    assert "cannot go to 25.0mm" in shared_page.run_card.problem.text()
    card.positions.setFocus()
    card.positions.selectAll()
    QTest.keyClicks(card.positions, "0, 5")
    shared_desk.wait_until(shared_page.run_card.start.isEnabled, "it was mended")
    assert [row.name for row in shared_page.table.fields.rows] == ["00.0mm", "05.0mm"]
    QTest.mouseClick(card.sources[FieldSource.PLACES], LEFT)
    shared_desk.wait_until(lambda: not shared_page.run_card.start.isEnabled(), "none are stored")
    assert "No stored position" in shared_page.run_card.problem.text()
    QTest.mouseClick(card.sources[FieldSource.GRID], LEFT)


def test_unfinished_scans_are_offered_but_not_with_another_objective(shared_desk, shared_page):
    window = shared_desk.window
    folder = shared_desk.captures / "begun"
    folder.mkdir(parents=True)
    fields = tuple(
        ScanField(name=name, x_um=20_000, y_um=10_000, state=state)
        for name, state in (("a", "failed"), ("b", "pending"))
    )
    state = window.control.state
    record = ScanRecord(
        microscope=state.microscope, objective="50x/0.80", pixel_um=0.2, fields=fields
    )
    write_scan(folder, record)
    window.actions_["page_live"].trigger()
    window.actions_["page_scan"].trigger()
    offered = shared_page.run_card.unfinished
    shared_desk.wait_until(lambda: offered.count() == 1 and offered.isVisible(), "it was offered")
    assert "1 of 2 done" in offered.currentText()
    QTest.mouseClick(shared_page.run_card.take_up, LEFT)
    shared_desk.wait_until(lambda: "50x/0.80" in window.top.message, "it was refused")
    assert not window.control.state.capturing


def test_a_list_is_read_and_a_broken_one_is_told(desk, page, tmp_path):
    scan = desk.window.control.scan
    path = tmp_path / "fields.csv"
    path.write_text("name,x_um,y_um\nrim,20100,10100\n")
    scan.read_list(path)
    desk.wait_until(lambda: [r.name for r in page.table.fields.rows] == ["rim"], "it was read")
    assert scan.setup.source is FieldSource.LIST
    path.write_text("x,y\n1,2\n")
    scan.read_list(path)
    desk.wait_until(desk.window.error_bar.isVisible, "it was told")
    assert "x_um" in desk.window.error_bar.text
    assert [row.name for row in page.table.fields.rows] == ["rim"]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(7.4, "7 s"), (59.6, "1 min"), (3600, "1 h 00 min"), (7500, "2 h 05 min")],
)
def test_times_are_told_as_coarsely_as_one_would(qapp, seconds, words):
    assert time_words(seconds) == words
