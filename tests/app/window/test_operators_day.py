"""A whole day at the microscope, as an operator spends it: by clicks and keys alone."""

import csv

import cv2
import numpy as np
import pytest
import tifffile
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton

from app.captures.capture import Capture
from app.captures.export.plan import TABLE
from app.captures.layout import FUSED, RETOUCH, WEIGHTS, capture_folders
from drivers.stage import StagePhase

LEFT = Qt.MouseButton.LeftButton
CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def press(desk, key, modifier=Qt.KeyboardModifier.NoModifier):
    QTest.keyClick(desk.window, key, modifier)


def click(widget):
    assert widget.isVisible()
    assert widget.isEnabled()
    QTest.mouseClick(widget, LEFT)


def click_command(desk, holder, key):
    """Click the button of a command that lies within a widget."""
    action = desk.window.actions_[key]
    (button,) = [
        each for each in holder.findChildren(QToolButton) if each.defaultAction() is action
    ]
    click(button)


def drag(canvas, *pixels):
    """Press at the first pixel, pass over the others, let go at the last."""
    places = [canvas.place_of(*pixel) for pixel in pixels]
    viewport = canvas.viewport()
    QTest.mousePress(viewport, LEFT, pos=places[0])
    for place in places[1:]:
        QTest.mouseMove(viewport, place)
    QTest.mouseRelease(viewport, LEFT, pos=places[-1])


def focus_by_hand(desk):
    """Go down through the focus by keys until the picture has been sharper than it is."""
    window, z_um = desk.window, desk.stage_state.position.z_um
    for step in range(1, 4):
        press(desk, Qt.Key.Key_PageDown, SHIFT)
        wanted_um = z_um - 50 * step
        desk.wait_until(
            lambda wanted_um=wanted_um: (
                abs(desk.stage_state.position.z_um - wanted_um) < 0.2
                and desk.stage_state.phase is StagePhase.IDLE
            ),
            f"z was {wanted_um:.0f}",
        )
        seen = window.control.live.newest
        desk.wait_until(lambda seen=seen: window.control.live.newest is not seen, "it was seen")
    desk.wait_until(lambda: window.live_page.strip.hold.share is not None, "sharpness was told")


def capture(desk):
    window = desk.window
    press(desk, Qt.Key.Key_F5)
    desk.wait_until(window.live_page.capture_panel.cancel.isVisible, "it had begun")
    desk.wait_until(lambda: window.review_page.subject is not None, "the review began")
    assert not window.error_bar.isVisible(), window.error_bar.text
    (folder,) = capture_folders(desk.captures)
    assert Capture(folder).record.state == "complete"
    return folder


def go_to(desk, index):
    """Step from frame to frame by keys."""
    page = desk.window.review_page
    away = index - page.slider.value()
    for _ in range(abs(away)):
        press(desk, Qt.Key.Key_Right if away > 0 else Qt.Key.Key_Left, CONTROL)
    assert page.slider.value() == index
    desk.wait_until(lambda: page.shown_index == index, f"frame {index} was shown")


def review(desk):
    """Look at a frame and at a pixel; leave a frame out."""
    page = desk.window.review_page
    maps = desk.window.review_control.maps
    desk.wait_until(lambda: maps.complete, "all weight maps were there")
    index = maps.most_telling()
    go_to(desk, index)
    canvas = page.overview.fused.canvas
    place = canvas.place_of(*maps.strongest_pixel(index))
    QTest.mouseClick(canvas.viewport(), LEFT, pos=place)
    assert max(page.side.curve.points, key=lambda point: point[1])[1] > 0
    last = len(page.subject.stack) - 1
    go_to(desk, last)
    click(page.side.leaves_out)
    desk.wait_until(lambda: page.subject.edits.excluded == {last}, "the last frame was left out")
    return index


def retouch(desk, index, folder):
    page = desk.window.review_page
    click(page.sides.button("retouch"))
    go_to(desk, index)
    drag(page.retouch.fused.canvas, (120, 90), (130, 95), (140, 100))
    desk.wait_until(page.retouch_panel.undo.isEnabled, "it was painted")
    desk.wait_until((folder / RETOUCH).exists, "it was saved")
    assert page.subject.edits.choice[95, 130] == index + 1
    frame = Capture(folder)[index]
    core = np.s_[94:97, 128:133]
    # The frame is brought to the level of the others, which may round otherwise.
    np.testing.assert_allclose(page.subject.fused[core], frame[core], atol=2)


def measure(desk):
    page = desk.window.review_page
    click(page.sides.button("measure"))
    click_command(desk, page.measure, "measure_ruler")
    drag(page.overview.fused.canvas, (50, 60), (80, 80), (110, 100))
    (shape,) = page.measure.measuring.shapes
    assert shape.kind == "ruler"


def export(desk, folder):
    window, sheet = desk.window, desk.window.export_sheet
    press(desk, Qt.Key.Key_E, CONTROL)
    desk.wait_until(sheet.isVisible, "the sheet was open")
    for line, text in ((sheet.place, str(folder)), (sheet.name, "friday")):
        line.selectAll()
        QTest.keyClicks(line, text)
    assert sheet.boxes["measurements"].isChecked()
    click(sheet.export)
    desk.wait_until(lambda: "written" in window.top.message, "the results were written")
    return folder / "friday"


def reopen(desk):
    """Open the capture from the library, and find everything as it was left."""
    window, table = desk.window, desk.window.library_page.table
    click_command(desk, window.top, "page_library")
    desk.wait_until(lambda: table.model().rowCount() == 1, "the library knew it")
    before = window.review_page.subject
    row = table.visualRect(table.model().index(0, 0)).center()
    QTest.mouseClick(table.viewport(), LEFT, pos=row)
    click(window.library_page.labels.open)
    desk.wait_until(lambda: window.review_page.subject is not before, "it was open again")
    return before, window.review_page.subject


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_day_at_the_microscope(desk, tmp_path):
    desk.wait_until(lambda: desk.stage_state.phase is StagePhase.IDLE, "the stage stood still")
    focus_by_hand(desk)
    folder = capture(desk)
    index = review(desk)
    retouch(desk, index, folder)
    measure(desk)

    exported = export(desk, tmp_path / "results")
    subject = desk.window.review_page.subject
    fused = cv2.cvtColor(cv2.imread(str(exported / FUSED)), cv2.COLOR_BGR2RGB)
    np.testing.assert_array_equal(fused, subject.fused)
    pages = tifffile.imread(exported / WEIGHTS)
    assert len(pages) == len(subject.stack) - 1
    # Each page is rounded to 1/65535.
    np.testing.assert_allclose(pages.sum(axis=0, dtype=np.int64), 65535, atol=len(pages))
    (table,) = exported.glob(f"*{TABLE}")
    assert len(list(csv.reader(table.read_text(encoding="utf-8-sig").splitlines()))) == 2

    before, after = reopen(desk)
    assert after.edits.excluded == before.edits.excluded
    np.testing.assert_array_equal(after.edits.choice, before.edits.choice)
    np.testing.assert_array_equal(after.fused, before.fused)
    assert len(desk.window.review_page.measure.measuring.shapes) == 1
    assert not desk.window.error_bar.isVisible(), desk.window.error_bar.text
    assert desk.truly_rests()
