from __future__ import annotations

import pytest

from app.acquisition.microscope import Microscope
from app.acquisition.repeat_stress import Footprint, growth, repeat
from models.wearif.model import StreamingWearIF

MIB = 1024**2


def test_growth_of_each_kind_is_seen() -> None:
    def grows(memory: float, threads: int = 0, handles: int = 0) -> bool:
        steps = range(100)
        return not growth(
            [
                Footprint(int(200 * MIB + n * memory), 5 + n * threads, 9 + n * handles)
                for n in steps
            ]
        ).none

    assert not grows(0)
    assert not grows(0.1 * MIB)
    assert grows(1 * MIB)
    assert grows(0, threads=1)
    assert grows(0, handles=1)


def test_what_grows_in_the_beginning_alone_does_not_count() -> None:
    footprints = [Footprint(min(n, 19) * 50 * MIB, min(n, 5), min(n, 7)) for n in range(100)]
    assert growth(footprints).none


@pytest.mark.slow
def test_captures_in_a_row_leave_nothing_behind(
    microscope: Microscope, model: StreamingWearIF
) -> None:
    footprints = repeat(microscope, model, 10, (410.0, 425.0), lambda *_: None)
    found = growth(footprints)
    assert found.last.threads <= found.first.threads
    assert found.last.handles <= found.first.handles
    assert found.memory_bytes_per_capture < 4 * MIB
