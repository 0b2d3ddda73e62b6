"""The window as a whole, on simulated microscopes of its own."""

import cv2
import numpy as np
import pytest
import tifffile
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.captures.capture import Capture
from app.captures.layout import FUSED, HEIGHT, WEIGHTS, capture_folders
from app.window.export_work import ExportWish
from drivers.simulated.faults import FaultScript
from drivers.stage import StagePhase

LEFT = Qt.MouseButton.LeftButton


def test_it_opens_at_once_and_says_that_it_connects(opened):
    assert opened.window.isVisible()
    opened.window._tick()
    assert "connecting" in opened.window.top._doing.text()
    assert opened.window.top.stop.isVisible()
    assert not opened.ready


@pytest.mark.slow
def test_a_capture_grows_is_reviewed_and_exported(desk, tmp_path):
    window, page = desk.window, desk.window.review_page
    grown = []
    canvas = window.live_page.fusion.canvas
    show = canvas.show_picture
    canvas.show_picture = lambda pixels: (grown.append(pixels), show(pixels))
    QTest.mouseClick(window.live_page.capture_panel.capture, LEFT)
    desk.wait_until(window.live_page.capture_panel.cancel.isVisible, "it had begun")
    assert not window.live_page.capture_panel.capture.isVisible()
    desk.wait_until(window.live_page.fusion.isVisible, "the fused picture grew")
    assert window.size().height() == 768
    desk.wait_until(lambda: page.subject is not None, "the review began")
    assert not window.error_bar.isVisible(), window.error_bar.text
    assert len(grown) >= 2
    assert not np.array_equal(grown[0], grown[-1])
    assert window.top.stop.isVisible()

    overlays = [overlay_of(desk, index) for index in (0, len(page.subject.stack) - 1)]
    assert overlays[0].shape == (192, 256)
    assert not np.array_equal(*overlays)

    maps = window.review_control.maps
    desk.wait_until(lambda: maps.complete, "all weight maps were there")
    place = page.overview.fused.canvas.place_of(100, 50)
    QTest.mouseClick(page.overview.fused.canvas.viewport(), LEFT, pos=place)
    QTest.mouseMove(page.overview.fused.canvas.viewport(), place)
    weights = [weight for _z, weight in page.side.curve.points]
    assert len(weights) == len(page.subject.stack)
    # Each of them is rounded to 1/255.
    assert sum(weights) == pytest.approx(1, abs=len(weights) / 510)
    assert page.side.values["height"].text().endswith("µm")

    page.overview.weights.canvas.zoom(3)
    widths = {round(canvas.visible_rect.width()) for canvas in page.canvases}
    assert max(widths) - min(widths) <= 2
    assert max(widths) < 256

    folder = tmp_path / "export"
    window.review_control.export(ExportWish(folder))
    desk.wait_until(lambda: "written" in window.top.message, "the results were written")
    assert cv2.imread(str(folder / FUSED)).shape == (192, 256, 3)
    assert tifffile.imread(folder / WEIGHTS).shape == (len(weights), 192, 256)
    assert tifffile.imread(folder / HEIGHT).shape == (192, 256)


def overlay_of(desk, index):
    page = desk.window.review_page
    page.slider.setValue(index)
    desk.wait_until(lambda: page.shown_index == index, f"frame {index} was shown")
    return page.overview.weights.canvas.overlay


@pytest.mark.slow
def test_a_range_set_by_hand_is_swept_and_closing_keeps_the_capture(desk):
    window = desk.window
    for action, key, z_um in (
        ("set_bottom", Qt.Key.Key_PageDown, 450),
        ("set_top", Qt.Key.Key_PageUp, 500),
    ):
        QTest.keyClick(window.live_page, key, Qt.KeyboardModifier.ShiftModifier)
        desk.wait_until(
            lambda z_um=z_um: abs(desk.stage_state.position.z_um - z_um) < 0.11, f"z was {z_um}"
        )
        window.actions_[action].trigger()
    low_um, high_um = window.control.state.z_range.span_um(None)
    window.actions_["capture"].trigger()
    desk.wait_until(lambda: window.control.progress.recorded >= 12, "frames were on disk")
    progress = window.control.progress
    assert progress.focus is None
    assert (progress.plan.z_from_um, progress.plan.z_to_um) == (low_um, high_um)

    window.close()
    desk.wait_until(lambda: window.closed, "the window was closed")
    assert desk.truly_rests()
    folders = capture_folders(desk.captures)
    assert len(folders) == 1
    assert len(Capture(folders[0])) >= 1


@pytest.mark.slow
def test_cancelling_keeps_what_was_captured_and_the_live_picture_comes_back(desk):
    window, control = desk.window, desk.window.control
    desk.wait_until(lambda: desk.stage_state.phase is StagePhase.IDLE, "the stage stood still")
    control.sweep.set_half(120)
    window.actions_["capture"].trigger()
    desk.wait_until(lambda: control.progress.recorded >= 8, "frames were on disk")
    QTest.mouseClick(window.live_page.capture_panel.cancel, LEFT)
    desk.wait_until(lambda: not control.state.capturing, "the capture was over")
    assert desk.truly_rests()
    (folder,) = capture_folders(desk.captures)
    kept = Capture(folder)
    assert kept.record.state == "cancelled"
    assert 8 <= len(kept.record.frames) < control.progress.plan.total_frames
    newest = control.live.newest
    desk.wait_until(lambda: control.live.newest is not newest, "live pictures came again")
    assert not window.error_bar.isVisible(), window.error_bar.text


def test_a_lost_stage_is_told_and_stop_stays_within_reach(desk):
    window = desk.window
    desk.microscope.simulation.firmware.inject(FaultScript(close_at_s=0.0))
    desk.wait_until(window.error_bar.isVisible, "the error was told")
    assert "stage" in window.error_bar.text
    assert window.error_bar.reconnect.isVisible()
    assert window.top.stop.isVisible()
    assert window.top.stop.isEnabled()
    QTest.mouseClick(window.error_bar._details_button, LEFT)
    assert window.error_bar._details.isVisible()
    QApplication.processEvents()
    assert window.size().height() == 768
    assert QApplication.activeModalWidget() is None
    QTest.mouseClick(window.error_bar.reconnect, LEFT)
    desk.wait_until(lambda: len(desk.microscopes) == 2 and desk.ready, "it was connected again")
    desk.wait_until(lambda: not window.error_bar.isVisible(), "the error was gone")


def test_an_unhomed_stage_asks_before_it_moves(desk):
    window = desk.window
    desk.microscope.simulation.firmware.inject(FaultScript(reset_at_s=(0.0,)))
    desk.wait_until(window.homing_bar.isVisible, "homing was offered")
    assert not desk.ready
    QTest.mouseClick(window.homing_bar.begin, LEFT)
    assert desk.stage_state.phase is not StagePhase.HOMING
    QTest.mouseClick(window.homing_bar.confirm, LEFT)
    desk.wait_until(lambda: desk.ready, "the stage was homed")
    assert not window.homing_bar.isVisible()


def test_a_homed_stage_may_be_homed_again(desk):
    window = desk.window
    window.actions_["home"].trigger()
    ticks = desk.window.control.stage_state().position
    desk.wait_until(lambda: desk.stage_state.position != ticks, "time went on")
    assert window.homing_bar.isVisible()
    QTest.mouseClick(window.homing_bar.refuse, LEFT)
    desk.wait_until(lambda: not window.homing_bar.isVisible(), "the question was gone")
    assert desk.stage_state.phase is not StagePhase.HOMING
