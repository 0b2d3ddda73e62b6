"""The library, the export sheet and drops in a window whose microscope is not needed."""

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from app.captures.capture_record import read_record
from app.captures.export.plan import MARKED, TABLE
from app.captures.image_file import read_image
from app.captures.layout import FUSED, FUSIONS, MEASUREMENTS, RESULT_NAMES, capture_folders
from app.captures.library import relabel
from app.captures.measurement_file import read_measurements
from app.window.export_work import ExportWish

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def library(opened, fused_capture):
    """The library's page, with two captures."""
    for name, slide in (("one", "S-1"), ("two", "S-2")):
        fused_capture(opened.captures / name)
        relabel(opened.captures / name, {"slide": slide})
    page = opened.window.library_page
    opened.window.actions_["page_library"].trigger()
    opened.wait_until(lambda: len(page.model.shown) == 2, "the captures were listed")
    return page


def names(page):
    return [entry.name for entry in page.model.shown]


def choose(desk, page, name):
    row = page.model.row_of(desk.captures / name)
    page.table.selectRow(row)
    assert [entry.name for entry in page.chosen] == [name]


def test_captures_are_listed_with_thumbnails_sorted_and_searched(opened, library):
    page = library
    assert page.isVisible()
    entry = page.model.shown[0]
    opened.wait_until(lambda: page.model.thumbnail(entry) is not None, "a thumbnail came")
    icon = page.model.data(page.model.index(0, 0), Qt.ItemDataRole.DecorationRole)
    assert icon.pixmap(84, 56).toImage().pixelColor(40, 20).alpha() == 255
    page.table.sortByColumn(2, Qt.SortOrder.DescendingOrder)
    assert [entry.labels.slide for entry in page.model.shown] == ["S-2", "S-1"]
    QTest.keyClicks(page.filters.search, "s-1")
    opened.wait_until(lambda: names(page) == ["one"], "one capture was found")
    page.filters.search.clear()
    assert len(page.model.shown) == 2
    choice = page.filters.choices["slide"]
    choice.setCurrentIndex(choice.findText("S-2"))
    opened.wait_until(lambda: names(page) == ["two"], "the other one was found")


def test_an_empty_list_says_what_fills_it(opened, library):
    page = library
    assert page.table.isVisible()
    page.filters.search.setText("there is no such word")
    opened.wait_until(lambda: not page.model.shown, "nothing was found")
    assert not page.table.isVisible()
    seen = [each.text() for each in page.findChildren(QLabel) if each.isVisible()]
    assert "Nothing found" in seen
    page.filters.search.clear()
    opened.wait_until(page.table.isVisible, "the captures were back")


def test_labels_are_typed_and_saved_for_all_that_are_chosen(opened, library):
    page = library
    page.table.selectAll()
    assert len(page.chosen) == 2
    assert page.labels.lines["slide"].text() == ""
    QTest.keyClicks(page.labels.lines["machine"], "Gearbox 3")
    QTest.keyClicks(page.labels.notes, "cutting wear")
    QTest.mouseClick(page.labels.save, LEFT)
    opened.wait_until(
        lambda: {entry.labels.machine for entry in page.model.shown} == {"Gearbox 3"},
        "the labels were saved",
    )
    labels = [read_record(folder).labels for folder in capture_folders(opened.captures)]
    assert sorted(label.slide for label in labels) == ["S-1", "S-2"]
    assert {label.notes for label in labels} == {"cutting wear"}
    assert len(page.chosen) == 2


@pytest.mark.slow
def test_a_capture_is_fused_again_and_both_are_seen(opened, library):
    page = library
    choose(opened, page, "one")
    page.sides.turn_to("fusions")
    panel = page.fusions
    opened.wait_until(lambda: panel.list.count() == 1, "the first fusion was listed")
    panel.frames.setValue(2)
    QTest.mouseClick(panel.fuse, LEFT)
    assert panel.stop.isVisible()
    opened.wait_until(lambda: panel.list.count() == 2, "the second fusion was listed")
    opened.wait_until(lambda: not panel.stop.isVisible(), "there was nothing left to stop")
    assert (opened.captures / "one" / FUSIONS).is_dir()
    QTest.mouseClick(panel.compare, LEFT)
    opened.wait_until(page.pair.isVisible, "both were shown")
    assert [canvas.shape for canvas in page.canvases] == [(64, 64), (64, 64)]
    page.pair.heights.setChecked(True)
    page.pair.heights.setChecked(False)
    page.canvases[0].zoom(4)
    assert page.canvases[1].visible_rect.width() == pytest.approx(
        page.canvases[0].visible_rect.width(), rel=0.01
    )
    QTest.mouseClick(page.pair.back, LEFT)
    assert page.table.isVisible()


def review(desk, name):
    window = desk.window
    window.open_path(desk.captures / name)
    desk.wait_until(lambda: window.review_page.subject is not None, "the review began")
    return window.review_page


def drag(canvas, start, end):
    view = canvas.viewport()
    QTest.mousePress(view, LEFT, pos=canvas.place_of(*start))
    QTest.mouseMove(view, canvas.place_of(*end))
    QTest.mouseRelease(view, LEFT, pos=canvas.place_of(*end))


@pytest.mark.slow
def test_what_is_measured_is_kept_listed_undone_and_there_again(opened, library):
    page = review(opened, "one")
    window, panel = opened.window, page.measure
    canvas = page.overview.fused.canvas
    window.actions_["measure_ruler"].trigger()
    assert page.sides.shown == "measure"
    drag(canvas, (10, 10), (50, 10))
    assert panel.table.rowCount() == 1
    # 40 pixels of 0.5 µm, as well as the screen's pixels can tell.
    told = panel.measuring.readings(panel.measuring.shapes[0])[0]
    assert told.value == pytest.approx(20, abs=1)
    assert told.unit == "µm"
    window.actions_["measure_polygon"].trigger()
    for corner in ((10, 20), (50, 20), (50, 50), (10, 50)):
        QTest.mouseClick(canvas.viewport(), LEFT, pos=canvas.place_of(*corner))
    QTest.mouseDClick(canvas.viewport(), LEFT, pos=canvas.place_of(10, 50))
    assert [shape.kind for shape in panel.measuring.shapes] == ["ruler", "polygon"]
    window.actions_["undo"].trigger()
    window.actions_["redo"].trigger()
    window.actions_["measure_text"].trigger()
    QTest.mouseClick(canvas.viewport(), LEFT, pos=canvas.place_of(30, 30))
    QTest.keyClicks(panel.name, "sphere")
    QTest.keyClick(panel.name, Qt.Key.Key_Return)
    assert panel.table.item(2, 2).text() == "sphere"
    window.actions_["measure_profile"].trigger()
    drag(canvas, (5, 40), (60, 40))
    assert panel.plot.isVisible()
    window.actions_["measure_copy"].trigger()
    assert QApplication.clipboard().text().splitlines()[2].startswith("2,polygon,")

    capture = opened.captures / "one"
    opened.wait_until(lambda: len(read_measurements(capture).shapes) == 4, "all were kept")
    kept = read_measurements(capture)
    assert kept.shapes == panel.measuring.shapes
    assert kept.pixel_um == 0.5
    before = page.subject
    window.open_path(capture)
    opened.wait_until(lambda: page.subject is not before, "it was opened again")
    assert panel.measuring.shapes == kept.shapes
    assert panel.table.rowCount() == 4


@pytest.mark.slow
def test_an_export_lists_its_files_and_replaces_nothing_unasked(opened, library, tmp_path):
    page = review(opened, "one")
    window = opened.window
    window.actions_["measure_ruler"].trigger()
    drag(page.overview.fused.canvas, (10, 10), (50, 10))
    sheet = window.export_sheet
    window.actions_["export"].trigger()
    assert sheet.isVisible()
    assert not sheet.isModal()
    assert window.top.stop.isEnabled()
    sheet.place.setText(str(tmp_path))
    sheet.name.setText("out")
    listed = {sheet.files.item(row, 0).text() for row in range(sheet.files.rowCount())}
    assert listed == {*RESULT_NAMES, MARKED, TABLE, MEASUREMENTS}
    assert not sheet.replace.isVisible()
    QTest.mouseClick(sheet.export, LEFT)
    opened.wait_until(lambda: "8 files written" in window.top.message, "it was exported")
    folder = tmp_path / "out"
    assert {path.name for path in folder.iterdir()} == listed
    assert (read_image(folder / MARKED) != read_image(folder / FUSED)).any()
    assert "length_um" in (folder / TABLE).read_text(encoding="utf-8-sig")

    untouched = (folder / FUSED).read_bytes()
    assert (read_image(opened.captures / "one" / FUSED) == read_image(folder / FUSED)).all()
    window.actions_["export"].trigger()
    sheet.name.setText("out")
    assert sheet.replace.isVisible()
    assert not sheet.export.isEnabled()
    sheet.replace.setChecked(True)
    assert sheet.export.isEnabled()
    sheet.name.setText("out2")
    sheet.name.setText("out")
    assert not sheet.export.isEnabled()
    sheet.hide()
    window.review_control.export(ExportWish(folder))
    opened.wait_until(lambda: "already" in window.error_bar.text, "it was refused")
    assert (folder / FUSED).read_bytes() == untouched


@pytest.mark.slow
def test_a_folder_that_is_dropped_is_fused_and_remembered(opened, library):
    window, folder = opened.window, opened.captures / "two" / "frames"
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(folder))])
    at, actions = QPointF(300, 300), Qt.DropAction.CopyAction
    none = Qt.KeyboardModifier.NoModifier
    for place in (window.library_page.table.viewport(), window.library_page.canvases[0].viewport()):
        enter = QDragEnterEvent(at.toPoint(), actions, data, LEFT, none)
        QApplication.sendEvent(place, enter)
        assert enter.isAccepted()
        move = QDragMoveEvent(at.toPoint(), actions, data, LEFT, none)
        QApplication.sendEvent(place, move)
        assert move.isAccepted()
    QApplication.sendEvent(place, QDropEvent(at, actions, data, LEFT, none))
    opened.wait_until(lambda: window.review_page.subject is not None, "it was fused")
    assert window.review_page.subject.stack.name == "frames"
    window.actions_["page_library"].trigger()
    menu = window.library_page.filters.recent.menu()
    opened.wait_until(lambda: len(menu.actions()) == 1, "it was remembered")
    assert menu.actions()[0].data() == folder


def test_what_is_no_file_is_not_taken(opened):
    data = QMimeData()
    data.setText("words")
    enter = QDragEnterEvent(
        QPointF(5, 5).toPoint(),
        Qt.DropAction.CopyAction,
        data,
        LEFT,
        Qt.KeyboardModifier.NoModifier,
    )
    enter.ignore()
    QApplication.sendEvent(opened.window, enter)
    assert not enter.isAccepted()
