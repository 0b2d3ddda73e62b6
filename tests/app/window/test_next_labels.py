"""Labels are written before a capture, by keys, and come with it."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.acquisition.operator_settings import load_settings, settings_file
from app.captures.capture import Capture
from app.captures.capture_record import CaptureLabels
from app.captures.layout import capture_folders

LEFT = Qt.MouseButton.LeftButton


def write(panel, key, text):
    line = panel.lines[key].lineEdit()
    line.setFocus()
    line.selectAll()
    QTest.keyClicks(line, text)


def test_labels_come_with_the_capture_and_are_offered_for_the_next(desk):
    window, page = desk.window, desk.window.live_page
    panel = page.labels_panel
    QTest.mouseClick(page.capture_panel.labels, LEFT)
    assert page.cards.current is panel
    assert panel.lines["slide"].lineEdit().hasFocus()
    QTest.keyClicks(panel.lines["slide"].lineEdit(), "S 12")
    write(panel, "machine", "Gearbox 2")
    write(panel, "field", "entry")
    panel.notes.setFocus()
    QTest.keyClicks(panel.notes, "a bent flake")
    desk.wait_until(lambda: "S 12 · entry" in page.capture_panel.labels.text(), "it was shown")
    window.control.sweep.set_half(6.0)
    QTest.mouseClick(page.capture_panel.capture, LEFT)
    desk.wait_until(lambda: window.control.state.capturing, "the capture began")
    assert window.control.labels.labels.slide == "S 12"
    desk.wait_until(lambda: not window.control.state.capturing, "the capture was over")
    desk.wait_until(lambda: window.control.labels.labels.field == "", "the next one was begun")

    (folder,) = capture_folders(desk.captures)
    told = CaptureLabels(slide="S 12", machine="Gearbox 2", field="entry", notes="a bent flake")
    assert Capture(folder).record.labels == told
    path = settings_file(desk.settings, window.control.state.microscope)
    desk.wait_until(lambda: load_settings(path).used_labels != {}, "the labels were kept")
    assert load_settings(path).labels == CaptureLabels(slide="S 12", machine="Gearbox 2")

    window.actions_["labels"].trigger()
    assert panel.lines["slide"].currentText() == "S 12"
    assert panel.lines["field"].currentText() == ""
    assert panel.notes.toPlainText() == ""
    assert [panel.lines["field"].itemText(n) for n in range(panel.lines["field"].count())] == [
        "entry"
    ]
    assert panel.lines["sample"].lineEdit().hasFocus(), "the first empty one"


def test_space_is_a_letter_in_a_label_and_escape_still_stops(desk):
    desk.window.actions_["labels"].trigger()
    write(desk.window.live_page.labels_panel, "operator", "J D")
    assert desk.window.control.labels.labels.operator == "J D"
    assert not desk.window.top.message
    desk.begin_long_move()
    QTest.keyClick(
        desk.window.live_page.labels_panel.lines["operator"].lineEdit(), Qt.Key.Key_Escape
    )
    desk.wait_for_halt()
