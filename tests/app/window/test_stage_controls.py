"""Moving and stopping the simulated stage by clicks and keys."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QApplication,
    QComboBox,
    QFileDialog,
    QLineEdit,
    QScrollBar,
)

from app.orientation import Orientation
from app.window.jog import Point
from app.window.live_tools import StageTool, Tool
from drivers.stage import StagePhase

LEFT = Qt.MouseButton.LeftButton
SHIFT = Qt.KeyboardModifier.ShiftModifier
NONE = Qt.KeyboardModifier.NoModifier


def press_right_button(desk):
    QTest.mouseClick(desk.window.live_page.stage_panel._buttons["x_right"], LEFT)


def press_key(key, modifiers=NONE):
    return lambda desk: QTest.keyClick(desk.window.live_page, key, modifiers)


def turn_wheel(desk, notches=2):
    canvas = desk.window.live_page.live.canvas
    middle = QPointF(canvas.viewport().rect().center())
    event = QWheelEvent(
        middle,
        canvas.viewport().mapToGlobal(middle),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        NONE,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(canvas.viewport(), event)


def test_live_frames_arrive_and_their_rate_is_shown(shared_desk):
    page = shared_desk.window.live_page
    shared_desk.wait_until(lambda: page.live.canvas.shape == (192, 256), "a picture came")
    first = page.live.canvas._image.image
    shared_desk.wait_until(lambda: page.live.canvas._image.image is not first, "another came")
    assert "frames/s" in page.live.remark.text()


def test_the_window_fits_on_a_small_screen(shared_desk):
    assert shared_desk.window.minimumSizeHint().width() <= 1366
    assert shared_desk.window.minimumSizeHint().height() <= 768


@pytest.mark.parametrize(
    ("do", "by_um"),
    [
        (press_right_button, (50, 0, 0)),
        (press_key(Qt.Key.Key_Up), (0, -50, 0)),
        (press_key(Qt.Key.Key_Left, SHIFT), (-500, 0, 0)),
        (press_key(Qt.Key.Key_PageDown, Qt.KeyboardModifier.ControlModifier), (0, 0, -0.5)),
        (press_key(Qt.Key.Key_PageUp), (0, 0, 5)),
        (turn_wheel, (0, 0, 10)),
    ],
    ids=["button", "arrow", "shift+arrow", "ctrl+page down", "page up", "wheel"],
)
def test_a_step_moves_the_stage(shared_desk, do, by_um):
    stage = shared_desk.microscope.stage
    before = stage.position()
    wanted = np.array([before.x_um, before.y_um, before.z_um]) + by_um
    do(shared_desk)

    def there():
        now = stage.state().position
        return not now.moving and np.allclose((now.x_um, now.y_um, now.z_um), wanted, atol=0.11)

    shared_desk.wait_until(there, f"the stage had moved by {by_um}")


def test_a_step_ends_at_the_limit_and_says_so(shared_desk):
    stage = shared_desk.microscope.stage
    shared_desk.window.live_page.stage_panel.jog("z_up", 1000.0, repeated=False)
    upper_um = stage.caps.z.upper_um
    shared_desk.wait_until(
        lambda: abs(stage.state().position.z_um - upper_um) < 0.11, "z was at its limit"
    )
    assert "limit" in shared_desk.window.top.message


def test_escape_halts_a_moving_stage(shared_desk):
    shared_desk.begin_long_move()
    QTest.keyClick(shared_desk.window, Qt.Key.Key_Escape)
    shared_desk.wait_for_halt()


def test_escape_halts_from_a_text_field_of_a_dialog(shared_desk):
    shared_desk.window.actions_["open_folder"].trigger()
    dialog = shared_desk.window.findChild(QFileDialog)
    shared_desk.wait_until(dialog.isVisible, "the dialog was there")
    assert not dialog.isModal()
    shared_desk.begin_long_move()
    QTest.keyClick(dialog.findChild(QLineEdit), Qt.Key.Key_Escape)
    shared_desk.wait_for_halt()


def test_escape_halts_while_a_list_hangs_open(shared_desk):
    box = shared_desk.window.live_page.stage_panel.xy_step
    box.showPopup()
    shared_desk.begin_long_move()
    QTest.keyClick(box.view(), Qt.Key.Key_Escape)
    shared_desk.wait_for_halt()
    box.hidePopup()


def test_the_stop_button_halts_on_the_way_down(shared_desk):
    shared_desk.begin_long_move()
    QTest.mousePress(shared_desk.window.top.stop, LEFT)
    shared_desk.wait_for_halt()
    QTest.mouseRelease(shared_desk.window.top.stop, LEFT)


def test_arrow_keys_in_a_list_do_not_move_the_stage(shared_desk):
    box = shared_desk.window.live_page.stage_panel.xy_step
    shared_desk.window.activateWindow()
    box.setFocus()
    shared_desk.wait_until(box.hasFocus, "the list had the focus")
    before, index = shared_desk.microscope.stage.position(), box.currentIndex()
    QTest.keyClick(box, Qt.Key.Key_Down)
    assert box.currentIndex() == index + 1
    after = shared_desk.microscope.stage.position()
    assert (after.x_um, after.y_um) == (before.x_um, before.y_um)


def test_every_button_and_slider_has_a_name_for_screen_readers(shared_desk):
    window = shared_desk.window
    for kind in (QAbstractButton, QAbstractSlider, QComboBox):
        for page in (window.top, window.live_page, window.review_page):
            for widget in page.findChildren(kind):
                inside = widget.objectName().startswith("qt_") or isinstance(widget, QScrollBar)
                if widget.isEnabledTo(page) and not inside:
                    name = widget.accessibleName() or getattr(widget, "text", str)()
                    assert name, f"{widget} in {page}"


def test_dragging_pulls_the_slide_along_under_a_turned_camera():
    steps = []
    tool = StageTool(steps.append, lambda _pixel: None)
    tool.tool, tool.pixel_um, tool.shape = Tool.MOVE, 0.5, (60, 100)
    tool.orientation = Orientation(270)
    assert tool.press((10.0, 10.0), 1.0)
    tool.drag((30.0, 10.0))
    # 20 columns to the right; the slide follows if the field goes 10 µm the other way, along y.
    assert steps == [Point(y_um=10.0)]


def test_steps_finer_than_the_stages_own_add_up(shared_desk):
    desk = shared_desk
    resolution_um = desk.microscope.stage.caps.x.resolution_um
    desk.wait_until(lambda: desk.stage_state.phase is StagePhase.IDLE, "the stage stood still")
    before_um = desk.stage_state.position.x_um
    for count in range(1, 41):
        desk.window.control.move_by(Point(x_um=resolution_um / 4))
        asked_um = before_um + count * resolution_um / 4
        desk.wait_until(
            lambda asked_um=asked_um: (
                abs(desk.stage_state.position.x_um - asked_um) <= resolution_um
                and desk.stage_state.phase is StagePhase.IDLE
            ),
            "the stage was as near as it can be",
        )
    assert desk.stage_state.position.x_um - before_um == pytest.approx(
        10 * resolution_um, abs=resolution_um
    )
