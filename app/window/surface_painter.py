"""Renders surfaces away from the window's thread, always the newest wish only."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.window.picture import Pixels
from app.window.surface import Relief, SurfaceView, natural_exaggeration, render


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """What is to be seen."""

    height: NDArray[np.float32]
    span: tuple[float, float]
    colours: Pixels
    """(H, W) or (H, W, 3), laid over it."""
    pixel_um: float | None
    """None also where heights are not in µm."""


@dataclass(frozen=True, slots=True)
class SurfaceWish:
    """How it is to be seen."""

    view: SurfaceView
    size: tuple[int, int]
    background: tuple[int, int, int]
    quick: bool
    """Half as fine, while it is being turned."""


@dataclass(frozen=True, slots=True, eq=False)
class Rendered:
    """What is seen."""

    wish: SurfaceWish
    picture: Pixels
    exaggeration: float
    """In the end; a wish for 1 is for what looks natural."""


class SurfacePainter:
    """Renders one surface on a thread that lives while it is being looked at.

    Parameters
    ----------
    tell : callable
        Gets each `Rendered`, from the thread.
    """

    def __init__(self, tell: Callable[[Rendered], None]) -> None:
        self._tell = tell
        self._changed = threading.Condition()
        self._surface: Surface | None = None
        self._wish: SurfaceWish | None = None
        self._thread: threading.Thread | None = None

    def show(self, surface: Surface) -> None:
        """Set what is to be seen."""
        with self._changed:
            self._surface = surface

    def ask(self, wish: SurfaceWish) -> None:
        """Ask for a picture, instead of the one asked for before."""
        with self._changed:
            self._wish = wish
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="surface", daemon=True)
                self._thread.start()

    def _next(self) -> tuple[Surface, SurfaceWish] | None:
        with self._changed:
            wish, self._wish = self._wish, None
            if wish is None or self._surface is None:
                # Nobody waits for more; the next wish starts another thread.
                self._thread = None
                return None
            return self._surface, wish

    def _run(self) -> None:
        reduced: tuple[Surface, Relief, float] | None = None
        while (work := self._next()) is not None:
            surface, wish = work
            if reduced is None or reduced[0] is not surface:
                relief = Relief.of(surface.height, surface.span, surface.colours, surface.pixel_um)
                reduced = surface, relief, natural_exaggeration(relief)
            _surface, relief, natural = reduced
            factor = 2 if wish.quick else 1
            size = max(2, wish.size[0] // factor), max(2, wish.size[1] // factor)
            exaggeration = natural * wish.view.exaggeration
            picture = render(relief, wish.view.exaggerated(exaggeration), size, wish.background)
            self._tell(Rendered(wish, picture, exaggeration))
