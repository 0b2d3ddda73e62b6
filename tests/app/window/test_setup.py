"""Setting a microscope up, on emulated controllers."""

import cv2
import pytest

from app.acquisition.pixel_size import PixelSize
from app.devices import PortFound
from app.orientation import Orientation
from app.profiles import ProfileError, load_profile
from app.window.setup_draft import Draft, ObjectiveDraft, stage_of
from app.window.setup_sheet import SetupSheet
from drivers.port_probe import Finding
from drivers.simulated.microscope import SimulatedMicroscope


def test_a_draft_makes_the_profile_it_began_from():
    for name in ("simulated", "grbl_basler", "zaber_basler"):
        profile = load_profile(name)
        assert Draft.of(profile).profile(profile) == profile


def test_a_draft_keeps_what_it_does_not_ask_for():
    base = load_profile("grbl_basler")
    draft = Draft.of(base)
    changed = Draft(
        "Lab 3, left", "zaber", "COM7", 115200, "uvc", "0", 2.4, 8.0,
        (ObjectiveDraft("20x", 20, 0.4, 0.1234),), "20x", Orientation(90),
    )  # fmt: skip
    profile = changed.profile(base)
    assert (profile.stage.driver, profile.stage.url) == ("zaber", "COM7")
    assert profile.stage.z == base.stage.z
    assert profile.camera.orientation == Orientation(90)
    assert profile.pixel_um == pytest.approx(0.1234)
    assert changed.file_name == "lab_3_left"
    with pytest.raises(ProfileError, match="port"):
        Draft(**{**asdict(draft), "url": ""}).profile(base)


def asdict(draft):
    return {name: getattr(draft, name) for name in draft.__slots__}


def test_what_answered_fills_driver_and_port():
    port = PortFound("COM3", "USB", Finding("grbl", 115200, "Grbl 1.1h"))
    assert stage_of(port) == ("grbl", "COM3", 115200)
    assert stage_of(PortFound("COM4", "USB", None, "busy")) == ("", "COM4", None)


@pytest.fixture
def setup(qapp, qtbot, tmp_path):
    let_go = []
    profile = load_profile("grbl_basler")
    from PySide6.QtWidgets import QWidget

    parent = QWidget()
    parent.resize(1366, 768)
    qtbot.addWidget(parent)
    sheet = SetupSheet(profile, lambda: let_go.append(None), parent, tmp_path)
    sheet.let_go = let_go
    sheet.bring()
    yield sheet
    assert sheet.control.close(30)


def wait(sheet, qtbot):
    def over_and_shown():
        state = sheet.control.state
        return not state.busy and sheet._shown is state

    qtbot.waitUntil(over_and_shown, timeout=200_000)


def test_a_stage_is_tested_without_moving_it(setup, qtbot):
    with SimulatedMicroscope() as simulation:
        setup.stage.url.setText(simulation.stage_url)
        setup.stage.test.click()
        wait(setup, qtbot)
        assert setup.control.state.trouble is None
        assert "GRBL" in setup.stage.answer.text()
        assert "not homed yet" in setup.stage.answer.text()
        assert "µm/s" in setup.stage.answer.text()
    assert setup.let_go


def test_a_stage_that_is_not_there_is_told_with_what_to_do(setup, qtbot):
    setup.stage.url.setText("socket://127.0.0.1:9")
    setup.stage.test.click()
    wait(setup, qtbot)
    assert "127.0.0.1:9" in setup._status.text()
    assert "Check" in setup._status.text()


def test_the_pixel_of_a_ruling_goes_into_the_saved_profile(setup, qtbot, tmp_path):
    image = tmp_path / "ruling.png"
    columns = (255 * (1 - (abs((range_of(640) % 16) - 8) < 2))).astype("uint8")
    cv2.imwrite(str(image), columns[None, :].repeat(480, axis=0))
    setup.pixel.spacing.setValue(10)
    setup.pixel.measure_picture(str(image))
    wait(setup, qtbot)
    assert setup.control.state.pixel.pixel_um == pytest.approx(10 / 16, rel=2e-3)
    setup.saving.name.setText("Bench 1")
    used = []
    setup.used.connect(used.append)
    setup.saving.save.click()
    wait(setup, qtbot)
    saved = load_profile(tmp_path / "bench_1.toml")
    assert saved.pixel_um == pytest.approx(10 / 16, rel=2e-3)
    assert used == [saved]


def test_a_measured_turn_goes_into_the_draft(setup, qtbot):
    turned = Orientation(180, mirrored=True)
    setup.control._change(pixel=PixelSize(0.25, 0.001, "4 moves", turned))
    wait(setup, qtbot)
    assert setup.draft().orientation == turned
    assert "mirrored" in setup.camera.orientation.currentText()


def test_a_less_certain_pixel_leaves_the_table_as_it_is(setup, qtbot):
    def measure(pixel_um, sigma_um):
        setup.control._change(pixel=PixelSize(pixel_um, sigma_um, "30 pictures"))
        wait(setup, qtbot)
        profile = setup.draft().profile(setup._base)
        return pytest.approx((profile.pixel_um, profile.pixel_sigma_um))

    assert measure(0.25, 0.0001) == (0.25, 0.0001)
    assert setup.pixel.kept.isHidden()
    assert measure(0.26, 0.002) == (0.25, 0.0001)
    assert not setup.pixel.kept.isHidden()
    # Somebody who types a number knows it less well.
    names = [setup.objectives._text(row, 0) for row in range(setup.objectives.table.rowCount())]
    row = names.index(setup.objectives.current.currentText())
    setup.objectives.table.item(row, 3).setText("0.24")
    assert measure(0.26, 0.002) == (0.26, 0.002)
    assert setup.pixel.kept.isHidden()


def range_of(count):
    import numpy as np

    return np.arange(count)


def test_an_empty_picture_is_refused_in_words(setup, qtbot, tmp_path):
    image = tmp_path / "grey.png"
    cv2.imwrite(str(image), range_of(640 * 480).reshape(480, 640) * 0 + 120)
    setup.pixel.measure_picture(str(image))
    wait(setup, qtbot)
    assert "stage micrometer" in setup._status.text()


@pytest.mark.parametrize("when", ["Measuring by moving the stage", "Homing the stage"])
def test_stop_ends_the_measurement_whatever_it_is_at(setup, qtbot, when):
    control = setup.control
    control.measure_move(load_profile("simulated"), home=True)
    qtbot.waitUntil(lambda: control.state.busy == when, timeout=100_000)
    control.stop()
    wait(setup, qtbot)
    assert control.state.pixel is None
    assert "MoveStopped" in control.state.trouble.details


def test_the_window_takes_its_microscope_back_when_the_setup_closes(desk):
    window = desk.window
    window.actions_["setup"].trigger()
    sheet = window.setup_desk.sheet
    sheet.steps.setCurrentRow(1)
    sheet.camera.test.click()
    desk.wait_until(lambda: sheet.control.state.picture is not None, "the camera was tested")
    desk.wait_until(lambda: not sheet.control.state.busy, "the test was over")
    assert not desk.ready
    sheet.close()
    desk.wait_until(lambda: desk.ready, "the microscope was back")
    assert len(desk.microscopes) == 2
