"""What of the window stays as it was left: page, cards, view of the review, what is laid over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.window.memory import Memory
from app.window.review_commands import VIEWS

if TYPE_CHECKING:
    from app.window.main_window import MainWindow

SWITCHES: Final = ("crosshair", "grid", "zebra", "auto_contrast", "fusion_layout")
"""Commands that stay switched on."""


def keep_parts(memory: Memory, window: MainWindow) -> None:
    """Keep what is open now."""
    actions, review = window.actions_, window.review_page
    memory.keep("page", window.top.page)
    memory.keep("card", str(window.live_page.cards.number))
    memory.keep("view", next(key for key in VIEWS if actions[key].isChecked()))
    memory.keep("side", review.sides.shown)
    memory.keep("switches", " ".join(key for key in SWITCHES if actions[key].isChecked()))


def restore_parts(memory: Memory, window: MainWindow) -> None:
    """Open again what was open; what is not known any more stays as it is."""
    actions, sides = window.actions_, window.review_page.sides
    number = memory.value("card")
    if number.isdecimal():
        window.live_page.cards.show_number(int(number))
    for key in memory.value("switches").split():
        if key in SWITCHES:
            actions[key].setChecked(True)
    # The side before the view: turning to a side may choose a view.
    if memory.value("side") in sides.keys:
        sides.turn_to(memory.value("side"))
    view = memory.value("view")
    if view in VIEWS:
        window.review_page.show_view(view)
    page = memory.value("page")
    if page in window.top.pages:
        actions[page].trigger()
