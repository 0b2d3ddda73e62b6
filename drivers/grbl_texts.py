"""What the numbers of Grbl's errors, alarms and settings mean, in words for the operator.

Numbers: Grbl 1.1 documentation (error, alarm and setting code tables) and grblHAL's additions.
"""

from __future__ import annotations

_ERRORS = {
    1: "a command word has no letter",
    2: "a number is missing or malformed",
    3: "unknown $ command",
    4: "a value is negative that must not be",
    5: "homing is switched off ($22)",
    6: "the step pulse is too short ($0)",
    7: "the stored settings could not be read and were reset",
    8: "only possible while the controller is idle",
    9: "locked by an alarm or by a motion under way",
    10: "soft limits need homing to be switched on ($22)",
    11: "the line is too long",
    12: "the step rate is higher than the controller can make",
    13: "the safety door is open",
    14: "the stored line is too long",
    15: "the target lies beyond the controller's travel",
    16: "the jog command is malformed",
    17: "laser mode needs a PWM output",
    20: "unsupported G-code",
    21: "two commands of the same group in one line",
    22: "the speed is missing",
    23: "a value must be a whole number",
    24: "two commands of the line use the same axis words",
    25: "a word occurs twice in the line",
    26: "axis words are missing",
    27: "the line number is out of range",
    28: "a value that the command needs is missing",
    29: "no such work coordinate system",
    30: "machine coordinates need a straight move",
    31: "axis words that no command uses",
    32: "an arc without axis words in its plane",
    33: "the target of the motion is not valid",
    34: "the radius of the arc is not valid",
    35: "an arc without offsets in its plane",
    36: "words that no command uses",
    37: "tool length offset on an unsupported axis",
    38: "the tool number is too large",
    45: "homing is not finished",
    46: "the stage has to be homed first",
    79: "not allowed while a critical alarm stands",
}

_ALARMS = {
    1: "a limit switch was hit",
    2: "a motion would have left the travel",
    3: "reset during a motion",
    4: "the probe was not in its starting state",
    5: "the probe touched nothing",
    6: "reset during homing",
    7: "the safety door was opened during homing",
    8: "homing could not back off the limit switch",
    9: "homing found no limit switch",
    10: "emergency stop, or homing found no second switch of a paired axis",
    11: "the stage has to be homed first",
    12: "a limit switch is pressed",
    13: "the probe protection has tripped",
    14: "spindle failure",
    15: "homing could not square a paired axis",
    16: "the power-on self-test has failed",
    17: "a motor driver reports a fault",
}


def error_text(code: int) -> str:
    """Return what ``error:code`` means."""
    return _ERRORS.get(code, "an error that is not in Grbl's table")


def alarm_text(code: int) -> str:
    """Return what ``ALARM:code`` means."""
    return _ALARMS.get(code, "an alarm that is not in Grbl's table")
