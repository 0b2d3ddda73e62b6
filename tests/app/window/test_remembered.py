"""What of the window is as it was left when it is opened again."""

import pytest
from PySide6.QtCore import QCoreApplication, QEvent

from app.window.application import place
from app.window.main_window import MainWindow
from app.window.memory import Memory
from app.window.surroundings import Surroundings
from app.window.theme import Scheme


def no_microscope():
    raise AssertionError("nobody asked to connect")


@pytest.fixture
def open_window(qapp, tmp_path, qtbot):
    """Opens a window that remembers, and closes it as an operator does."""
    windows = []

    def make():
        memory = Memory(tmp_path / "window.ini")
        window = MainWindow(no_microscope, tmp_path / "captures", Surroundings(memory))
        place(window, qapp, memory)
        window.show()
        windows.append(window)
        return window

    def close(window):
        window.close()
        qtbot.waitUntil(lambda: window.closed and not window.isVisible(), timeout=60_000)
        windows.remove(window)
        window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    yield make, close
    for window in windows.copy():
        close(window)


def test_it_opens_as_it_was_left(open_window):
    make, close = open_window
    window = make()
    assert window.top.page == "page_live"
    # The screen without a screen is 800 pixels square.
    window.resize(window.width(), 700)
    page = window.live_page
    page.cards.show_card(page.camera_panel)
    for key in ("grid", "zebra", "review_compare", "theme_light", "page_library"):
        window.actions_[key].trigger()
    close(window)

    again = make()
    assert again.height() == 700
    assert again.top.page == "page_library"
    assert again.library_page.isVisible()
    assert again.live_page.cards.current is again.live_page.camera_panel
    checked = [key for key in ("grid", "zebra", "crosshair") if again.actions_[key].isChecked()]
    assert checked == ["grid", "zebra"]
    assert again.live_page.grid.shown
    assert again.actions_["review_compare"].isChecked()
    assert again.actions_[f"theme_{Scheme.LIGHT.value}"].isChecked()
    again.actions_["theme_dark"].trigger()


def test_the_side_of_the_review_is_kept_with_its_view(open_window):
    make, close = open_window
    window = make()
    window.actions_["page_review"].trigger()
    window.review_page.sides.turn_to("measure")
    close(window)
    again = make()
    assert again.top.page == "page_review"
    assert again.review_page.sides.shown == "measure"
    assert again.actions_["review_overview"].isChecked()


@pytest.mark.parametrize(
    ("key", "value"),
    [("page", "page_gone"), ("card", "99"), ("card", "x"), ("view", "?"), ("side", "elsewhere")],
)
def test_what_an_older_version_kept_does_no_harm(open_window, tmp_path, key, value):
    memory = Memory(tmp_path / "window.ini")
    memory.keep(key, value)
    del memory
    window = open_window[0]()
    assert window.top.page == "page_live"
    assert window.live_page.cards.number == 0
    assert window.review_page.sides.shown == "frames"
