"""The live page on a simulated microscope, by clicks and keys."""

import cv2
import numpy as np
import pytest
import tifffile
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.acquisition.operator_settings import load_settings, settings_file
from app.acquisition.sweep_setup import RangeMode
from app.captures.snapshot import SNAPSHOTS
from app.window.live_tools import Tool
from drivers.stage import StagePhase

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def page(shared_desk):
    return shared_desk.window.live_page


def here(desk):
    now = desk.microscope.stage.state().position
    return np.array([now.x_um, now.y_um, now.z_um])


def wait_at(desk, start, step=(0, 0, 0)):
    wanted = start + np.array(step)

    def there():
        state = desk.microscope.stage.state()
        return state.phase is StagePhase.IDLE and np.allclose(here(desk), wanted, atol=1.1)

    desk.wait_until(there, f"the stage was at {wanted}")


def pixel_on(page, column, row):
    return page.live.canvas.place_of(column, row)


def wait_for_picture(desk, page):
    desk.wait_until(lambda: page.live.canvas.shape is not None, "a picture came")
    desk.wait_until(lambda: page.strip.hold.value is not None, "it was measured")
    desk.wait_until(lambda: page.tool.shape is not None, "the mouse knows its size")


def test_exposure_and_sharpness_are_told(shared_desk, page):
    wait_for_picture(shared_desk, page)
    assert "exposed" in page.strip.exposure.text() or "scale" in page.strip.exposure.text()
    assert "%" in page.strip.focus.text()
    shared_desk.window.actions_["reset_peak"].trigger()
    assert page.strip.hold.value is None or page.strip.hold.share == 1.0


@pytest.mark.parametrize(("key", "field"), [("zebra", "zebra"), ("auto_contrast", "auto_contrast")])
def test_the_view_is_changed_by_a_command(shared_desk, key, field):
    action = shared_desk.window.actions_[key]
    action.setChecked(True)
    assert getattr(shared_desk.window.control.live.view, field)
    action.setChecked(False)
    assert not getattr(shared_desk.window.control.live.view, field)


def test_a_double_click_centres(shared_desk, page):
    wait_for_picture(shared_desk, page)
    before, pixel_um = here(shared_desk), shared_desk.window.control.state.pixel_um
    viewport = page.live.canvas.viewport()
    QTest.mouseDClick(viewport, LEFT, pos=pixel_on(page, 178, 66))
    wait_at(shared_desk, before, [50.5 * pixel_um, -29.5 * pixel_um, 0])


def test_dragging_moves_the_slide_only_with_its_tool(shared_desk, page):
    wait_for_picture(shared_desk, page)
    viewport, action = page.live.canvas.viewport(), shared_desk.window.actions_["move_tool"]
    pixel_um, before = shared_desk.window.control.state.pixel_um, here(shared_desk)
    start, end = pixel_on(page, 100, 100), pixel_on(page, 160, 60)

    def drag():
        QTest.mousePress(viewport, LEFT, pos=start)
        QTest.mouseMove(viewport, (start + end) / 2)
        QTest.mouseMove(viewport, end)
        QTest.mouseRelease(viewport, LEFT, pos=end)

    drag()
    assert page.live.canvas.visible_rect.left() < 0
    np.testing.assert_allclose(here(shared_desk), before)
    page.live.canvas.fit()
    action.setChecked(True)
    assert page.tool.tool is Tool.MOVE
    drag()
    wait_at(shared_desk, before, [-60 * pixel_um, 40 * pixel_um, 0])
    action.setChecked(False)
    assert page.tool.tool is Tool.LOOK


def test_a_click_on_the_substrate_balances_the_colours(shared_desk, page):
    wait_for_picture(shared_desk, page)
    control, actions = shared_desk.window.control, shared_desk.window.actions_
    page.cards.show_card(page.camera_panel)
    camera = shared_desk.microscope.camera
    before = camera.settings.white_balance
    actions["pick_white"].setChecked(True)
    QTest.mouseClick(page.live.canvas.viewport(), LEFT, pos=pixel_on(page, 60, 60))
    assert not actions["pick_white"].isChecked()
    shared_desk.wait_until(lambda: camera.settings.white_balance != before, "colours changed")
    shared_desk.wait_until(lambda: not control.state.camera_busy, "the balance was found")
    image = control.live.newest.image
    shared_desk.wait_until(lambda: control.live.newest.image is not image, "the camera ran again")
    assert not shared_desk.window.error_bar.isVisible(), shared_desk.window.error_bar.text
    red, green, blue = (
        float(np.median(control.live.newest.image[40:80, 40:80, c])) for c in range(3)
    )
    assert red == pytest.approx(green, rel=0.06)
    assert blue == pytest.approx(green, rel=0.06)


def test_exposure_is_set_by_hand_and_found_by_a_button(shared_desk, page):
    control, camera = shared_desk.window.control, shared_desk.microscope.camera
    page.cards.show_card(page.camera_panel)
    shared_desk.wait_until(page.camera_panel.exposure.isEnabled, "the field was ready")
    page.camera_panel.exposure.setValue(1.5)
    shared_desk.wait_until(lambda: camera.settings.exposure_ms == 1.5, "it was set")
    shared_desk.window.actions_["auto_expose"].trigger()
    shared_desk.wait_until(lambda: camera.settings.exposure_ms > 2, "it was found")
    shared_desk.wait_until(lambda: not control.state.camera_busy, "it was over")
    found_ms = camera.settings.exposure_ms
    shared_desk.wait_until(
        lambda: page.camera_panel.exposure.value() == pytest.approx(found_ms, abs=1e-3),
        "the field showed it",
    )
    assert not shared_desk.window.error_bar.isVisible(), shared_desk.window.error_bar.text


def test_a_snapshot_has_its_scale(shared_desk, page):
    wait_for_picture(shared_desk, page)
    shared_desk.window.actions_["snapshot"].trigger()
    folder = shared_desk.captures / SNAPSHOTS
    shared_desk.wait_until(
        lambda: len(list(folder.glob("*.png"))) == 1 if folder.is_dir() else False, "it was there"
    )
    shared_desk.wait_until(lambda: "Snapshot" in shared_desk.window.top.message, "it was told")
    (tiff,) = folder.glob("*.ome.tif")
    assert tifffile.imread(tiff).shape == (192, 256, 3)
    (png,) = folder.glob("*.png")
    picture = cv2.imread(str(png))
    assert picture.shape == (192, 256, 3)
    # The bar is white on a dark ground, and nothing else is.
    assert (picture[150:, 150:] > 250).all(axis=2).any()


def test_going_to_numbers_counted_from_a_zero_of_ones_own(shared_desk, page):
    page.cards.show_card(page.places_panel)
    panel = page.places_panel
    shared_desk.wait_until(panel.go.isEnabled, "it was ready")
    start = here(shared_desk)
    for axis in "xyz":
        shared_desk.window.actions_[f"{axis}_zero"].trigger()
    shared_desk.wait_until(lambda: page.stage_panel._axes["x"].text() == "0.0", "x was 0")
    for axis, value in zip("xyz", (120.0, -40.0, 6.0), strict=True):
        panel.fields[axis].setValue(value)
    shared_desk.wait_until(lambda: not panel._reason.isVisible(), "it was possible")
    QTest.mouseClick(panel.go, LEFT)
    wait_at(shared_desk, start, [120, -40, 6])
    shared_desk.window.actions_["clear_zero"].trigger()
    shared_desk.wait_until(lambda: page.stage_panel._axes["x"].text() != "120.0", "zero was gone")


def test_a_position_outside_the_limits_is_refused_with_its_reason(shared_desk, page):
    page.cards.show_card(page.places_panel)
    panel = page.places_panel
    shared_desk.wait_until(panel.go.isEnabled, "it was ready")
    before = here(shared_desk)
    panel.fields["z"].setValue(99_999)
    shared_desk.wait_until(panel._reason.isVisible, "the reason was there")
    assert "limits" in panel._reason.text()
    QTest.mouseClick(panel.go, LEFT)
    shared_desk.wait_until(lambda: "limits" in shared_desk.window.top.message, "it was told")
    np.testing.assert_allclose(here(shared_desk), before)
    panel.fields["z"].setValue(0)


def test_a_stored_position_is_gone_to_kept_and_forgotten(shared_desk, page):
    page.cards.show_card(page.places_panel)
    panel, control = page.places_panel, shared_desk.window.control
    shared_desk.wait_until(panel.store.isEnabled, "it was ready")
    stored = here(shared_desk)
    panel.names.setEditText("Big chunk")
    QTest.mouseClick(panel.store, LEFT)
    path = settings_file(shared_desk.settings, control.state.microscope)
    shared_desk.wait_until(path.exists, "it was kept")
    assert [place.name for place in load_settings(path).places] == ["Big chunk"]
    page.stage_panel.jog("x_right", 2.0, repeated=False)
    wait_at(shared_desk, stored, [100, 0, 0])
    shared_desk.wait_until(panel.go_to_place.isEnabled, "it was ready")
    QTest.mouseClick(panel.go_to_place, LEFT)
    wait_at(shared_desk, stored)
    QTest.mouseClick(panel.delete, LEFT)
    shared_desk.wait_until(lambda: not load_settings(path).places, "it was forgotten")


def test_the_strip_moves_z_by_its_speeds(shared_desk, page):
    page.cards.show_card(page.stage_panel)
    shared_desk.wait_until(page.stage_panel.strip[0].isEnabled, "it was ready")
    start = here(shared_desk)
    QTest.mouseClick(page.stage_panel.strip[0], LEFT)
    wait_at(shared_desk, start, [0, 0, 50])
    QTest.mouseClick(page.stage_panel.strip[5], LEFT)
    wait_at(shared_desk, start)
    QTest.mouseClick(page.stage_panel.strip[3], LEFT)
    shared_desk.wait_until(lambda: abs(here(shared_desk)[2] - start[2] + 0.5) < 0.11, "z was finer")


def test_space_halts_a_moving_stage_even_from_a_button(shared_desk, page):
    button = page.stage_panel._buttons["x_right"]
    page.cards.show_card(page.stage_panel)
    shared_desk.window.activateWindow()
    button.setFocus()
    shared_desk.wait_until(button.hasFocus, "the button had the focus")
    shared_desk.begin_long_move()
    QTest.keyClick(button, Qt.Key.Key_Space)
    shared_desk.wait_for_halt()


def test_space_is_a_letter_in_a_text_field(shared_desk, page):
    page.cards.show_card(page.places_panel)
    field = page.places_panel.names.lineEdit()
    shared_desk.window.activateWindow()
    field.setFocus()
    shared_desk.wait_until(field.hasFocus, "the field had the focus")
    field.clear()
    QTest.keyClicks(field, "a b")
    assert field.text() == "a b"
    field.clear()


def test_enter_clicks_the_button_that_has_the_focus(shared_desk, page):
    button = shared_desk.window.top._pages["page_review"]
    shared_desk.window.activateWindow()
    button.setFocus()
    shared_desk.wait_until(button.hasFocus, "the button had the focus")
    QTest.keyClick(button, Qt.Key.Key_Return)
    review = shared_desk.window.review_page
    shared_desk.wait_until(review.isVisible, "the page was opened")
    shared_desk.window.actions_["page_live"].trigger()


def test_an_impossible_sweep_is_refused_with_its_reason(shared_desk, page):
    panel = page.sweep_panel
    page.cards.show_card(panel)
    QTest.mouseClick(panel.modes[RangeMode.ENDS], LEFT)
    shared_desk.wait_until(lambda: "bottom" in panel.reason.text(), "the reason was there")
    assert panel.reason.isVisible()
    assert not page.capture_panel.capture.isEnabled()
    shared_desk.window.actions_["capture"].trigger()
    assert not shared_desk.window.control.state.capturing
    QTest.mouseClick(panel.modes[RangeMode.AUTO], LEFT)
    shared_desk.wait_until(page.capture_panel.capture.isEnabled, "it was possible again")
    assert not panel.reason.isVisible()


def test_the_plan_follows_range_and_step(shared_desk, page):
    panel, sweep = page.sweep_panel, shared_desk.window.control.sweep
    page.cards.show_card(panel)
    QTest.mouseClick(panel.modes[RangeMode.AROUND], LEFT)
    panel.half.setValue(30)
    shared_desk.wait_until(lambda: panel.diagram._plan is not None, "there was a plan")
    plan = sweep.preview(shared_desk.window.control.stage_state()).plan
    assert plan.z_to_um - plan.z_from_um == pytest.approx(60)
    frames = panel.facts["frames"].text()
    panel.step.setValue(25)
    shared_desk.wait_until(lambda: panel.facts["frames"].text() != frames, "it was planned anew")
    finer = sweep.preview(shared_desk.window.control.stage_state()).plan
    assert finer.step_um == pytest.approx(plan.step_um / 2, rel=0.1)
    assert panel.facts["disk"].text()
    panel.step.setValue(50)
    sweep.clear_range()


def test_the_page_is_no_wider_than_a_small_screen(shared_desk):
    for card in range(4):
        shared_desk.window.live_page.cards._group.button(card).click()
        QApplication.processEvents()
        assert shared_desk.window.minimumSizeHint().width() <= 1366
        assert shared_desk.window.minimumSizeHint().height() <= 768


def test_another_objective_changes_pixel_and_plan_and_takes_its_preset(desk):
    window, control = desk.window, desk.window.control
    panel = window.live_page.sweep_panel
    window.live_page.cards.show_card(panel)
    desk.wait_until(lambda: panel.objective.count() == 3, "the turret was known")
    control.camera.configure(exposure_ms=3.0)
    desk.wait_until(lambda: control.state.camera.settings.exposure_ms == 3.0, "it was set")
    window.actions_["save_preset"].trigger()
    before_um = control.state.pixel_um
    panel.objective.setCurrentText("10x/0.25")
    desk.wait_until(lambda: control.state.pixel_um == pytest.approx(2 * before_um), "it was 10x")
    desk.wait_until(
        lambda: desk.microscope.simulation.settings.magnification == 10, "the turret was turned"
    )
    control.camera.configure(exposure_ms=5.0)
    desk.wait_until(lambda: control.state.camera.settings.exposure_ms == 5.0, "it was set")
    panel.objective.setCurrentText("20x/0.40")
    desk.wait_until(lambda: control.state.camera.settings.exposure_ms == 3.0, "the preset was set")
    assert control.state.pixel_um == pytest.approx(before_um)
    newest = control.live.newest
    desk.wait_until(lambda: control.live.newest is not newest, "pictures came again")
    assert not window.error_bar.isVisible(), window.error_bar.text


def test_the_picture_can_be_shown_pixel_for_pixel(shared_desk, page):
    wait_for_picture(shared_desk, page)
    canvas = page.live.canvas
    shared_desk.window.actions_["one_to_one"].trigger()
    assert canvas.visible_rect.width() == pytest.approx(canvas.viewport().width(), abs=3)
    shared_desk.window.actions_["zoom_in"].trigger()
    zoomed = canvas.visible_rect.width()
    shared_desk.window.actions_["fit"].trigger()
    assert canvas.visible_rect.width() > zoomed or canvas.visible_rect.width() >= 256
    assert canvas.place_of(0, 0) != QPoint(0, 0)
