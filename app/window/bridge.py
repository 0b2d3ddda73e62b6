"""Brings what plain threads have to tell into the window's thread."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from shiboken6 import isValid


class Bridge(QObject):
    """Lives in the window's thread; one for each subsystem.

    `post` may be called from any thread. ``received`` then fires in the window's thread, in the
    order of posting. Only small things go this way: pictures have their own boxes, because a
    queue of them would grow without bound while the window is busy.
    """

    received = Signal(object)

    def post(self, item: object) -> None:
        """Hand over one item and return at once; dropped once the window has gone."""
        if isValid(self):
            self.received.emit(item)
