"""The review by mouse and keys."""

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest

from app.captures.layout import RETOUCH
from app.captures.open_stack import open_stack
from app.captures.retouch_record import load_edits
from app.window.compare_view import Seen
from app.window.overview import NEVER, HeightsAs

LEFT = Qt.MouseButton.LeftButton
COUNT, SHAPE = 5, (72, 100)


@pytest.fixture
def review(opened, capture):
    """A window that reviews a small capture; the microscope behind it does not matter."""
    opened.capture = capture
    opened.window.open_path(capture.folder)
    opened.wait_until(lambda: opened.window.review_page.subject is not None, "the stack was open")
    opened.wait_until(lambda: opened.window.review_control.maps.complete, "all maps were there")
    return opened


def shown(desk, index):
    page = desk.window.review_page
    desk.wait_until(lambda: page.shown_index == index, f"frame {index} was shown")


def stroke(desk, canvas, points):
    """Paint along points of the picture, (column, row)."""
    places = [canvas.place_of(*point) for point in points]
    QTest.mousePress(canvas.viewport(), LEFT, pos=places[0])
    for place in places[1:]:
        QTest.mouseMove(canvas.viewport(), place)
    QTest.mouseRelease(canvas.viewport(), LEFT, pos=places[-1])


def test_the_filmstrip_chooses_frames_and_shows_how_sharp_they_are(review):
    page = review.window.review_page
    QTest.mouseClick(page.strip, LEFT, pos=page.strip.place_of(4).toPoint())
    assert page.slider.value() == 4
    shown(review, 4)
    review.window.actions_["previous_frame"].trigger()
    assert page.slider.value() == 3
    curve = page.strip.sharpness
    assert [index for index, _share in curve] == list(range(COUNT))
    assert max(share for _index, share in curve) == 1
    sharpest = max(curve, key=lambda point: point[1])[0]
    assert review.window.review_control.maps.sketches[sharpest].sharpness == max(
        sketch.sharpness for sketch in review.window.review_control.maps.sketches.values()
    )


def test_a_click_tells_from_which_frame_and_which_z_a_pixel_was_taken(review):
    page = review.window.review_page
    canvas = page.overview.fused.canvas
    QTest.mouseClick(canvas.viewport(), LEFT, pos=canvas.place_of(90, 36))
    assert len(page.side.curve.points) == COUNT
    z, share = max(page.side.curve.points, key=lambda point: point[1])
    assert f"z {z:.2f}" in page.side.taken
    assert f"frame {int(z / 2) + 1} ({100 * share:.0f} %)" in page.side.taken
    QTest.mouseMove(canvas.viewport(), canvas.place_of(90, 36))
    confidence = page.subject.fusion.confidence[36, 90]
    expected = "never in focus" if confidence == 0 else f"{100 * confidence:.0f} %"
    assert page.side.values["confidence"].text() == expected


def test_of_frames_without_z_it_is_said_that_heights_count_frames(review, tmp_path):
    side = review.window.review_page.side
    assert "z is not known" not in side.about
    folder = tmp_path / "imported"
    folder.mkdir()
    for index in range(COUNT):
        cv2.imwrite(str(folder / f"{index}.png"), review.capture[index])
    review.window.open_path(folder)
    review.wait_until(lambda: "z is not known: heights count frames" in side.about, "it was said")
    assert side.about.splitlines()[1].endswith(" frames")


def test_heights_are_shown_in_colour_as_contours_and_by_confidence(review):
    overview, subject = review.window.review_page.overview, review.window.review_page.subject
    pictures = []
    for way in HeightsAs:
        overview.heights_as.setCurrentIndex(way)
        pictures.append(overview.heights.canvas.grab().toImage())
        assert (overview.contours.contours is not None) == (way is HeightsAs.CONTOURS)
        assert overview.confidence_bar.isVisible() == (way is HeightsAs.CONFIDENCE)
    assert len({bytes(picture.constBits()) for picture in pictures}) == 3
    never = np.argwhere(subject.confidence == 0)
    assert len(never)
    row, column = never[len(never) // 2].tolist()
    at = overview.heights.canvas.place_of(column, row)
    assert pictures[HeightsAs.CONFIDENCE].pixelColor(at).getRgb()[:3] == NEVER


def test_an_edge_is_swiped_over_two_pictures(review):
    window, view = review.window, review.window.review_page.compare
    window.actions_["review_compare"].trigger()
    assert view.isVisible()
    view.sides[0].setCurrentIndex(Seen.FUSED)
    view.sides[1].setCurrentIndex(Seen.FIXED_FRAME)
    view.numbers[1].setValue(1)
    frame = review.capture[0]
    canvas = view.canvas

    def seen(column):
        at = canvas.place_of(column, 36)
        return canvas.grab(QRect(at, at)).toImage().pixelColor(0, 0).getRgb()[:3]

    differs = np.abs(window.review_page.subject.fused[36].astype(int) - frame[36]).sum(axis=1)
    column = 60 + int(differs[60:95].argmax())
    review.wait_until(lambda: seen(column) == tuple(frame[36, column]), "the frame was seen")
    start = QPoint(canvas.place_of(int(canvas.edge), 20))
    end = canvas.place_of(97, 20)
    QTest.mousePress(canvas.viewport(), LEFT, pos=start)
    QTest.mouseMove(canvas.viewport(), (start + end) / 2)
    QTest.mouseMove(canvas.viewport(), end)
    QTest.mouseRelease(canvas.viewport(), LEFT, pos=end)
    assert canvas.edge == pytest.approx(97, abs=2)
    assert seen(column) == tuple(window.review_page.subject.fused[36, column])
    # The picture stayed where it was, and so does the edge on the screen when it is enlarged.
    before = canvas.visible_rect.width()
    share = (canvas.edge - canvas.visible_rect.left()) / before
    window.actions_["zoom_in"].trigger()
    assert canvas.visible_rect.width() < before
    rect = canvas.visible_rect
    assert (canvas.edge - rect.left()) / rect.width() == pytest.approx(share, abs=0.01)


def test_another_model_is_fused_when_it_is_to_be_compared(review):
    view = review.window.review_page.compare
    review.window.actions_["review_compare"].trigger()
    view.sides[1].setCurrentIndex(Seen.OTHER_MODEL)
    review.wait_until(lambda: view._other is not None, "the other model had fused")
    assert view._other.shape == (*SHAPE, 3)


def test_the_surface_is_turned_by_mouse_and_keys(review):
    page = review.window.review_page
    review.window.actions_["review_surface"].trigger()
    canvas = page.surface.canvas
    review.wait_until(lambda: canvas.picture is not None, "the surface was rendered")
    first, before = canvas.picture, canvas.view
    middle = canvas.rect().center()
    QTest.mousePress(canvas, LEFT, pos=middle)
    QTest.mouseMove(canvas, middle + QPoint(50, 20))
    QTest.mouseRelease(canvas, LEFT, pos=middle + QPoint(50, 20))
    assert canvas.view != before
    review.wait_until(lambda: canvas.picture is not first, "it was turned")
    turned = canvas.view
    QTest.keyClick(canvas, Qt.Key.Key_Right)
    assert canvas.view.azimuth_deg == pytest.approx((turned.azimuth_deg + 10) % 360)
    page.fit()
    assert canvas.view == before
    page.surface.cover.setCurrentIndex(1)
    assert page.surface.bar.isVisible()
    # What is low is blue, what is high is yellow; the texture is neither.
    review.wait_until(
        lambda: np.ptp(canvas.picture.astype(int), axis=2).max() > 150, "heights were coloured"
    )


def test_a_frame_is_left_out_and_taken_in_again(review):
    page = review.window.review_page
    before = page.subject.fused
    page.slider.setValue(2)
    QTest.mouseClick(page.side.leaves_out, LEFT, pos=QPoint(8, page.side.leaves_out.height() // 2))
    review.wait_until(lambda: page.subject.edits.excluded == {2}, "it was left out")
    assert not np.array_equal(page.subject.fused, before)
    overlay = page.overview.weights.canvas
    review.wait_until(lambda: not overlay.overlay.any(), "its weights were shown as none")
    assert page.side.leaves_out.isChecked()
    assert load_edits(open_stack(review.capture.folder)).excluded == {2}
    review.window.actions_["exclude"].trigger()
    review.wait_until(lambda: not page.subject.edits.excluded, "it was taken in again")
    np.testing.assert_array_equal(page.subject.fused, before)
    assert not page.side.leaves_out.isChecked()


def test_the_brush_takes_from_a_frame_and_can_be_undone(review):
    window, page = review.window, review.window.review_page
    before = page.subject.fused
    window.actions_["review_retouch"].trigger()
    assert page.sides.shown == "retouch"
    page.slider.setValue(4)
    shown(review, 4)
    for _ in range(20):
        window.actions_["brush_smaller"].trigger()
    assert page.retouch_panel.radius == 3
    for _ in range(4):
        window.actions_["brush_larger"].trigger()
    assert page.retouch_panel.radius == 12
    canvas = page.retouch.fused.canvas
    rect = canvas.visible_rect
    stroke(review, canvas, [(30, 36), (50, 36), (70, 36)])
    review.wait_until(page.retouch_panel.undo.isEnabled, "it was painted")
    assert canvas.visible_rect == rect
    core = np.s_[32:41, 34:66]
    np.testing.assert_array_equal(page.subject.fused[core], page.subject.stack[4][core])
    assert (page.subject.edits.choice[core] == 5).all()
    review.wait_until((review.capture.folder / RETOUCH).exists, "it was saved")
    assert canvas.overlay is not None
    painted = page.subject.fused

    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    review.wait_until(page.retouch_panel.redo.isEnabled, "it was undone")
    np.testing.assert_array_equal(page.subject.fused, before)
    QTest.mouseClick(page.retouch_panel.redo, LEFT)
    review.wait_until(page.retouch_panel.undo.isEnabled, "it was done again")
    np.testing.assert_array_equal(page.subject.fused, painted)

    QTest.mouseClick(page.retouch_panel.gives_back, LEFT)
    stroke(review, page.retouch.frame.canvas, [(30, 36), (70, 36)])
    review.wait_until(lambda: not page.subject.edits.choice[36, 50], "it was given back")
    review.wait_until(lambda: not page.retouch_panel.redo.isEnabled(), "the stroke was over")
    review.wait_until(
        lambda: np.array_equal(page.subject.fused[core], before[core]), "it looked as before"
    )
    QTest.mouseClick(page.retouch_panel.undo, LEFT)
    review.wait_until(lambda: page.subject.edits.choice[36, 50] == 5, "it was undone")
    QTest.mouseClick(page.retouch_panel.clear, LEFT)
    review.wait_until(lambda: not page.subject.edits.choice.any(), "all was taken back")
    np.testing.assert_array_equal(page.subject.fused, before)


def test_weights_and_heights_follow_the_brush(review):
    window, page = review.window, review.window.review_page
    window.actions_["review_retouch"].trigger()
    page.slider.setValue(4)
    shown(review, 4)
    stroke(review, page.retouch.fused.canvas, [(50, 36)])
    review.wait_until(page.retouch_panel.undo.isEnabled, "it was painted")
    window.actions_["review_overview"].trigger()
    assert page.sides.shown == "frames"
    canvas = page.overview.heights.canvas
    QTest.mouseClick(canvas.viewport(), LEFT, pos=canvas.place_of(50, 36))
    assert max(page.side.curve.points, key=lambda point: point[1]) == (8.0, pytest.approx(1.0))
    assert page.subject.heights[36, 50] == pytest.approx(8.0, abs=1e-3)
    overlay = page.overview.weights.canvas
    review.wait_until(lambda: overlay.overlay[36, 50] == 255, "the weights followed")


def test_views_and_columns_turn_together(review):
    window, page = review.window, review.window.review_page
    for key, side in (
        ("review_retouch", "retouch"),
        ("review_compare", "frames"),
        ("review_overview", "frames"),
    ):
        window.actions_[key].trigger()
        assert page.sides.shown == side
        assert [
            k
            for k in ("review_overview", "review_compare", "review_retouch")
            if window.actions_[k].isChecked()
        ] == [key]
    page.sides.turn_to("retouch")
    assert page.retouch.isVisible()
    page.sides.turn_to("measure")
    assert page.overview.isVisible()
    page.sides.turn_to("frames")
    assert page.overview.isVisible()
    assert window.top.stop.isVisible()
