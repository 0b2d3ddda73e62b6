"""Finding commands, remembering the window, and the sheets."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMainWindow

from app.crash_reports import CrashReports
from app.window.command_search import Entry, matching
from app.window.commands import COMMANDS, MENUS
from app.window.crash_bar import CrashBar
from app.window.language import Language
from app.window.memory import Memory
from app.window.theme import Scheme

ENTRIES = [
    Entry("zoom_in", "View", "Zoom in", "Show less", "Ctrl++"),
    Entry("capture", "Microscope", "Capture", "Focus, sweep and fuse", "F5"),
    Entry("cancel", "Microscope", "Cancel capture", "Stop", "Shift+F5"),
]


@pytest.mark.parametrize(
    ("typed", "keys"),
    [
        ("", ["zoom_in", "capture", "cancel"]),
        ("capture", ["capture", "cancel"]),
        ("CAP can", ["cancel"]),
        ("fuse", ["capture"]),
        ("f5", ["capture", "cancel"]),
        ("nothing", []),
    ],
)
def test_commands_are_found_by_parts_of_their_words(typed, keys):
    assert [entry.key for entry in matching(ENTRIES, typed)] == keys


def test_every_command_is_in_exactly_one_menu_and_has_a_key():
    named = [key for _title, keys in MENUS for key in keys if key]
    assert sorted(named) == sorted(command.key for command in COMMANDS)
    assert [command.key for command in COMMANDS if not command.shortcuts] == []


def test_a_command_is_run_from_the_palette_by_its_name(shared_desk):
    window = shared_desk.window
    window.actions_["crosshair"].setChecked(False)
    window.activateWindow()
    shared_desk.wait_until(window.isActiveWindow, "the window was active")
    QTest.keyClick(
        window,
        Qt.Key.Key_P,
        Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
    )
    shared_desk.wait_until(lambda: window.help_desk.sheet("palette") is not None, "it opened")
    palette = window.help_desk.sheet("palette")
    assert palette.isVisible()
    assert not palette.isModal()
    QTest.keyClicks(palette.typed, "crossh")
    QTest.keyClick(palette.typed, Qt.Key.Key_Return)
    assert window.actions_["crosshair"].isChecked()
    assert not palette.isVisible()
    window.actions_["crosshair"].setChecked(False)


def test_the_sheet_of_keys_lists_every_command(shared_desk):
    window = shared_desk.window
    window.activateWindow()
    shared_desk.wait_until(window.isActiveWindow, "the window was active")
    QTest.keyClick(window, Qt.Key.Key_F1)
    shared_desk.wait_until(lambda: window.help_desk.sheet("shortcuts") is not None, "it opened")
    sheet = window.help_desk.sheet("shortcuts")
    assert sheet.table.rowCount() == len(COMMANDS)
    sheet.hide()


def test_escape_in_a_sheet_stops_the_stage_and_closes_it(shared_desk):
    window = shared_desk.window
    window.actions_["about"].trigger()
    sheet = window.help_desk.sheet("about")
    assert "numpy" in sheet.text
    window.top.clear_message()
    QTest.keyClick(sheet, Qt.Key.Key_Escape)
    shared_desk.wait_until(lambda: "Halted after" in window.top.message, "the stage was stopped")
    assert not sheet.isVisible()


def test_errors_are_in_the_log(shared_desk, caplog):
    window = shared_desk.window
    window.control._report(ValueError("the reason"), "Capture")
    shared_desk.wait_until(window.error_bar.isVisible, "the error was shown")
    assert "Capture failed: the reason." in window.error_bar.text
    assert "the reason" in caplog.text
    window.error_bar.hide()


def test_a_crash_is_offered_at_the_next_start_until_it_was_seen(qapp, qtbot, tmp_path):
    reports = CrashReports(tmp_path)
    reports.write(ValueError("what went wrong"), "main")
    bar = CrashBar(reports)
    qtbot.addWidget(bar)
    bar.look()
    assert bar.isVisible()
    assert "what went wrong" in bar.details.toPlainText()
    QTest.mouseClick(bar.dismiss, Qt.MouseButton.LeftButton)
    assert not bar.isVisible()
    bar.look()
    assert not bar.isVisible()


def test_theme_language_and_layout_are_remembered(qapp, qtbot, tmp_path):
    path = tmp_path / "window.ini"
    memory = Memory(path)
    memory.scheme, memory.language = Scheme.LIGHT, Language.CHINESE
    window = QMainWindow()
    qtbot.addWidget(window)
    window.setGeometry(40, 50, 700, 500)
    memory.keep("side", "sweep")
    memory.keep_layout(window)
    again, other = Memory(path), QMainWindow()
    qtbot.addWidget(other)
    assert (again.scheme, again.language) == (Scheme.LIGHT, Language.CHINESE)
    assert again.value("side") == "sweep"
    assert again.restore_layout(other)
    assert other.size() == window.size()
    assert other.pos() == QPoint(40, 50) or other.pos() == window.pos()


def test_what_cannot_be_read_counts_as_never_set(qapp, qtbot, tmp_path):
    path = tmp_path / "window.ini"
    path.write_text("[General]\nscheme=purple\nlanguage=klingon\ngeometry=@ByteArray(xx)\n")
    memory, window = Memory(path), QMainWindow()
    qtbot.addWidget(window)
    assert memory.scheme is Scheme.DARK
    assert memory.language in Language
    assert not memory.restore_layout(window)


def test_nothing_modal_is_left(qapp):
    assert QApplication.activeModalWidget() is None
