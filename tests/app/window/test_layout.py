"""What keeps its place and its size while the window changes."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QPushButton, QToolButton, QWidget

from app.window.card_stack import CardStack
from app.window.linked import Linked
from app.window.picture_canvas import PictureCanvas
from app.window.side_tabs import SideTabs
from app.window.theme import Scheme, apply_theme


@pytest.fixture
def pair(qapp, qtbot):
    """Two pictures of one size in rooms of different shape."""
    window = QWidget()
    qtbot.addWidget(window)
    canvases = (PictureCanvas(), PictureCanvas())
    row = QHBoxLayout(window)
    for stretch, canvas in zip((2, 1), canvases, strict=True):
        row.addWidget(canvas, stretch)
    linked = Linked(*canvases)
    window.resize(900, 400)
    window.show()
    for canvas in canvases:
        canvas.show_picture(np.zeros((90, 160, 3), np.uint8))
    qtbot.waitUntil(lambda: touches(canvases[0]) and touches(canvases[1]))
    return window, canvases, linked


def touches(canvas):
    """Whether the whole picture is seen, and as large as it can be."""
    height, width = canvas.shape
    rect = canvas.visible_rect
    shares = rect.width() / width, rect.height() / height
    return min(shares) == pytest.approx(1, abs=0.02) and max(shares) >= 1


def test_linked_pictures_that_were_whole_stay_whole_and_large_after_resizes(pair, qtbot):
    window, canvases, _linked = pair
    for size in ((1400, 900), (500, 700), (900, 400), (1300, 500)):
        window.resize(*size)
        qtbot.waitUntil(lambda: all(touches(canvas) for canvas in canvases))


def test_linked_pictures_that_were_zoomed_stay_zoomed(pair, qtbot):
    _window, canvases, _linked = pair
    canvases[0].zoom(4.0)
    qtbot.waitUntil(lambda: canvases[1].visible_rect.width() < 80)
    assert not canvases[1].fitted
    canvases[0].fit()
    qtbot.waitUntil(lambda: touches(canvases[1]))
    assert canvases[1].fitted


def test_a_card_takes_the_room_that_it_needs_not_that_of_the_highest(qapp, qtbot):
    low, high = QWidget(), QWidget()
    low.setMinimumHeight(40)
    high.setMinimumHeight(400)
    cards = CardStack((low, high))
    qtbot.addWidget(cards)
    cards.set_names(("Low", "High"))
    cards.show()
    assert cards.minimumSizeHint().height() < 200
    cards.show_number(1)
    assert cards.current is high
    assert not low.isVisible()
    assert cards.minimumSizeHint().height() > 400
    cards.show_number(7)
    assert cards.number == 1


def test_the_foot_of_a_column_stays_in_sight_where_the_column_scrolls(qapp, qtbot):
    tabs, column, foot = SideTabs(), QWidget(), QWidget()
    column.setMinimumHeight(900)
    foot.setFixedHeight(40)
    qtbot.addWidget(tabs)
    tabs.add("frames", lambda: "Frames", column, foot)
    tabs.resize(tabs.width(), 300)
    tabs.show()
    qtbot.waitUntil(lambda: foot.isVisible() and foot.visibleRegion().boundingRect().height() == 40)
    assert foot.mapTo(tabs, foot.rect().bottomLeft()).y() < 300


def tab_order(window):
    """The buttons that the tab key passes, by their texts."""
    passed, each = [], window.nextInFocusChain()
    while each is not window:
        if isinstance(each, QAbstractButton):
            passed.append(each.text())
        each = each.nextInFocusChain()
    return passed


def test_the_tab_key_passes_all_names_before_what_they_stand_for(qapp, qtbot):
    cards = CardStack((QPushButton("first"), QPushButton("second")))
    cards.set_names(("One", "Two"))
    qtbot.addWidget(cards)
    assert tab_order(cards) == ["One", "Two", "first", "second"]
    tabs = SideTabs()
    qtbot.addWidget(tabs)
    for title, text in (("A", "first"), ("B", "second"), ("C", "third")):
        tabs.add(title, lambda title=title: title, QPushButton(text))
    assert tab_order(tabs) == ["A", "B", "C", "first", "second", "third"]


def test_the_tab_key_does_not_stop_at_pictures(pair):
    _window, canvases, _linked = pair
    for each in (*canvases, *(canvas.viewport() for canvas in canvases)):
        assert not each.focusPolicy() & Qt.FocusPolicy.TabFocus


@pytest.mark.parametrize("scheme", Scheme)
@pytest.mark.parametrize("style", ["", "tool", "quiet", "page", "tab"])
@pytest.mark.parametrize("checked", [False, True])
def test_it_is_seen_which_button_the_keys_go_to(qapp, qtbot, scheme, style, checked):
    apply_theme(qapp, scheme)
    try:
        window = QWidget()
        qtbot.addWidget(window)
        button, other = QToolButton(), QPushButton("other")
        button.setObjectName(style)
        button.setText("Auto")
        button.setCheckable(True)
        button.setChecked(checked)
        row = QHBoxLayout(window)
        row.addWidget(button)
        row.addWidget(other)
        window.show()
        window.activateWindow()
        other.setFocus()
        qtbot.waitUntil(other.hasFocus)
        before = button.grab().toImage()
        button.setFocus()
        qtbot.waitUntil(button.hasFocus)
        assert button.grab().toImage() != before
    finally:
        apply_theme(qapp)
