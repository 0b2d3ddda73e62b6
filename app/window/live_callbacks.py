"""What the commands of `live_commands` do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from app.window.control import MicroscopeControl
from app.window.fusion_view import FusionLayout
from app.window.jog import AXES
from app.window.live_page import LivePage
from app.window.live_tools import Tool


def live_callbacks(
    control: MicroscopeControl, page: Callable[[], LivePage]
) -> dict[str, Callable[..., None]]:
    """Return what to call for each command, by its key.

    Parameters
    ----------
    control : MicroscopeControl
    page : callable
        Returns the page, which is made after the commands.
    """

    def view(**changes: bool) -> None:
        control.live.view = replace(control.live.view, **changes)

    def lay_out(side_by_side: bool) -> None:
        layout = FusionLayout.SIDE_BY_SIDE if side_by_side else FusionLayout.STACKED
        page().fusion.set_layout(layout)

    def store_place() -> None:
        page().places_panel.store_here()

    def reset_peak() -> None:
        page().strip.reset_peak()

    return {
        "snapshot": control.camera.snap,
        "auto_expose": control.camera.expose,
        "auto_white": control.camera.balance,
        "pick_white": lambda on: page().use_tool(Tool.PICK_WHITE, chosen=on),
        "move_tool": lambda on: page().use_tool(Tool.MOVE, chosen=on),
        "crosshair": lambda on: page().set_crosshair(on),
        "grid": lambda on: page().set_grid(on),
        "zebra": lambda on: view(zebra=on),
        "auto_contrast": lambda on: view(auto_contrast=on),
        "reset_peak": reset_peak,
        "save_preset": control.sweep.save_preset,
        "fusion_layout": lay_out,
        "clear_zero": control.stage.clear_zero,
        "store_place": store_place,
        **{f"{axis}_zero": partial(control.stage.set_zero, axis) for axis in AXES},
    }
