"""What the commands of the review do, by their keys."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from app.window.measuring import TOOLS, Tool
from app.window.review_commands import VIEWS
from app.window.review_page import ReviewPage


def review_callbacks(
    page: Callable[[], ReviewPage], show: Callable[[], None]
) -> dict[str, Callable[..., None]]:
    """Return what the commands of the review do, by their keys.

    Parameters
    ----------
    page : callable
        Returns the page, which is made after the commands.
    show : callable
        Brings the page to the front.
    """

    def take(tool: Tool) -> None:
        if page().measure.measuring.tool == tool:
            # The page itself has taken it.
            return
        show()
        page().measure.take(tool)
        page().sides.turn_to("measure")

    def undo() -> None:
        page().undo()

    def redo() -> None:
        page().redo()

    def delete() -> None:
        page().measure.measuring.delete()

    def copy() -> None:
        page().measure.copy_table()

    def look(key: str) -> None:
        show()
        page().show_view(key)

    return {
        **{key: partial(look, key) for key in VIEWS},
        "exclude": lambda: page().exclude_shown(),
        "brush_smaller": lambda: page().retouch_panel.enlarge(-1),
        "brush_larger": lambda: page().retouch_panel.enlarge(1),
        "retouch_clear": lambda: page().clear_retouch(),
        **{f"measure_{tool}": partial(take, tool) for tool in TOOLS},
        "undo": undo,
        "redo": redo,
        "measure_delete": delete,
        "measure_copy": copy,
    }
