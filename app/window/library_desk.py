"""Connects the library's page with what works behind it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Signal, Slot

from app.window.bridge import Bridge
from app.window.commands import Actions
from app.window.library_control import LibraryControl, LibraryEvent
from app.window.library_page import LibraryPage
from app.window.trouble import Trouble

CLOSE_TIMEOUT_S: Final = 5.0


class LibraryDesk(QObject):
    """``opened`` carries a path to review, ``trouble`` what went wrong.

    Parameters
    ----------
    captures : Path
        The captures folder.
    parent : QObject
    """

    opened = Signal(object)
    trouble = Signal(object)

    def __init__(self, captures: Path, parent: QObject) -> None:
        super().__init__(parent)
        self._news = Bridge(self)
        self._news.received.connect(self._on_event)
        self.control = LibraryControl(captures, self._news.post)
        self._page: LibraryPage | None = None

    def make_page(self, actions: Actions) -> LibraryPage:
        """Return the page; there is one."""
        self._page = LibraryPage(self.control, actions)
        self._page.opened.connect(self.opened)
        return self._page

    def callbacks(self, show: Callable[[], None]) -> dict[str, Callable[..., None]]:
        """Return what the commands of the library do; ``show`` opens its page."""

        def search() -> None:
            show()
            if self._page is not None:
                self._page.search()

        return {
            "page_library": show,
            "library_refresh": self.control.scan,
            "library_search": search,
        }

    def close(self) -> None:
        """Give up what is under way."""
        self.control.close(CLOSE_TIMEOUT_S)

    @Slot(object)
    def _on_event(self, event: LibraryEvent) -> None:
        if isinstance(event, Trouble):
            self.trouble.emit(event)
        elif self._page is not None:
            self._page.show_event(event)
