"""A STOP that is over before the homing begins that it was meant for."""

import time

from app.acquisition.microscope import open_microscope
from app.profiles import load_profile
from app.window.control import MicroscopeControl
from app.window.control_state import Closed, Link, Notice, StopDone
from drivers.stage import StagePhase

PATIENCE_S = 60


def wait_until(condition, what):
    end_s = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end_s, f"waited in vain until {what}"
        time.sleep(0.005)


def test_it_is_not_passed_over(tmp_path):
    told, made = [], []

    def make():
        microscope = open_microscope(load_profile("simulated"))
        begin = microscope.stage.home

        def home():
            # After the control has looked whether STOP was pressed, and before the stage begins.
            control.stop()
            wait_until(lambda: any(isinstance(event, StopDone) for event in told), "it stood")
            return begin()

        microscope.stage.home = home
        made.append(microscope)
        return microscope

    control = MicroscopeControl(make, tmp_path, told.append)
    control.connect()
    try:
        wait_until(lambda: control.state.link is Link.READY, "connected")
        state = made[0].stage.state()
        assert state.phase is not StagePhase.HOMING
        assert not state.referenced
        assert any(
            isinstance(event, Notice) and "Homing was stopped" in event.text for event in told
        )
    finally:
        control.close(30.0)
        wait_until(lambda: any(isinstance(event, Closed) for event in told), "closed")
