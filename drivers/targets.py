"""Where a stage shall go, axis by axis, and how errors name it."""

from __future__ import annotations

from collections.abc import Mapping

from drivers.stage import AxisName


def targets_um(x_um: float | None, y_um: float | None, z_um: float | None) -> dict[AxisName, float]:
    """Return the axes that shall move, with their targets in µm.

    Raises
    ------
    ValueError
        None of them shall.
    """
    wishes: dict[AxisName, float | None] = {"x": x_um, "y": y_um, "z": z_um}
    targets = {axis: wish for axis, wish in wishes.items() if wish is not None}
    if not targets:
        raise ValueError("move_to needs at least one axis")
    return targets


def in_words(targets: Mapping[AxisName, float]) -> str:
    """Return such as ``"move x to 10 µm, z to 5 µm"``."""
    return "move " + ", ".join(f"{axis} to {um:g} µm" for axis, um in targets.items())
