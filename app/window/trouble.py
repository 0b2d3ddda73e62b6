"""Says what went wrong in words an operator can act on."""

from __future__ import annotations

import traceback
from dataclasses import dataclass

from drivers.errors import DeviceError
from drivers.stage import StagePhase, StageState


@dataclass(frozen=True, slots=True)
class Trouble:
    """An error as the window shows it."""

    title: str
    """What happened."""
    stage: str
    """What the stage is doing now; empty where the stage has nothing to do with it."""
    remedy: str
    """What to do; may be empty."""
    details: str
    """For whoever has to find the cause."""
    can_reconnect: bool = False


def describe(error: BaseException, attempted: str, stage: StageState | None) -> Trouble:
    """Describe an error.

    Parameters
    ----------
    error : BaseException
    attempted : str
        What the operator had asked for, such as "Capture".
    stage : StageState, optional
        As it is now, after the error.
    """
    details = "".join(traceback.format_exception(error)).strip()
    if isinstance(error, DeviceError):
        title = _sentence(f"{attempted} failed: {error.attempted}: {error.answer}")
        details = f"{error.device}\n\n{details}"
        remedy = error.remedy
    else:
        title = _sentence(f"{attempted} failed: {error}")
        remedy = ""
    lost = stage is None or stage.phase is StagePhase.DISCONNECTED
    return Trouble(title, stage_sentence(stage), remedy, details, can_reconnect=lost)


def stage_trouble(stage: StageState) -> Trouble:
    """Describe a stage that went away or stopped itself while nobody asked it anything."""
    if stage.phase is StagePhase.ALARM:
        title, remedy = "The stage has stopped itself.", "Look at the stage, then home it."
    else:
        title = "The connection to the stage is lost."
        remedy = "Check its cable and its power, then connect again."
    details = f"{stage.phase.value}: {stage.alarm or 'no words from the controller'}"
    lost = stage.phase is StagePhase.DISCONNECTED
    return Trouble(title, stage_sentence(stage), remedy, details, can_reconnect=lost)


def stage_sentence(stage: StageState | None) -> str:
    """Say in a sentence what the stage is doing."""
    if stage is None:
        return "The stage is not connected."
    z = f"{stage.position.z_um:.1f}" if stage.position is not None else ""
    alarm = stage.alarm or "alarm"
    sentences = {
        StagePhase.DISCONNECTED: "The stage does not answer: nobody knows whether it moves.",
        StagePhase.IDLE: f"The stage stands still at z {z} µm." if z else "The stage stands still.",
        StagePhase.MOVING: "The stage is moving.",
        StagePhase.HOMING: "The stage is homing.",
        StagePhase.STOPPING: "The stage is stopping.",
        StagePhase.ALARM: f"The stage has stopped itself at z {z} µm: {alarm}."
        if z
        else f"The stage has stopped itself: {alarm}.",
    }
    return sentences[stage.phase]


def _sentence(text: str) -> str:
    text = " ".join(text.split())
    return text if text.endswith((".", "!", "?")) else f"{text}."
