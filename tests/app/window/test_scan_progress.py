"""How far a scan is follows from its events alone; no Qt, no microscope."""

from pathlib import Path

import pytest

from app.acquisition.events import Phase, PhaseEntered
from app.acquisition.scan_events import FieldEntered, FieldEvent, FieldFinished, ScanFinished
from app.captures.scan_record import ScanField, ScanRecord
from app.window.scan_progress import FieldStage, ScanProgress

FIELDS = tuple(ScanField(name=name, x_um=n, y_um=0) for n, name in enumerate("abc"))
RECORD = ScanRecord(microscope="bench", objective="20x", pixel_um=0.5, fields=FIELDS)


def over(number, state, **changes):
    update = {"state": state, "duration_s": 10.0, "folder": FIELDS[number].name, **changes}
    field = FIELDS[number].model_copy(update=update)
    return FieldFinished(number, field, number + 1, 3, 0.0)


def folded(*events):
    progress = ScanProgress(Path("scan"), RECORD, 0.0, expected_s=6.0)
    for now_s, event in enumerate(events):
        progress = progress.after(event, float(now_s))
    return progress


@pytest.mark.parametrize(
    ("phase", "stage"),
    [
        (Phase.AUTOFOCUS, FieldStage.FOCUSING),
        (Phase.APPROACH, FieldStage.FOCUSING),
        (Phase.SWEEP, FieldStage.SWEEPING),
        (Phase.CATCH_UP, FieldStage.FUSING),
        (Phase.EXPORT, FieldStage.FUSING),
    ],
)
def test_a_field_says_what_is_done_at_it(phase, stage):
    progress = folded(FieldEntered(1, FIELDS[1]), FieldEvent(1, PhaseEntered(phase)))
    assert [row.stage for row in progress.rows] == [FieldStage.WAITING, stage, FieldStage.WAITING]


def test_fields_that_are_over_say_what_became_of_them():
    progress = folded(
        FieldEntered(0, FIELDS[0]),
        over(0, "done", best_z_um=412.0),
        over(1, "failed", message="too high"),
        over(2, "empty", folder=None),
    )
    rows = progress.rows
    assert [r.stage for r in rows] == [FieldStage.FUSED, FieldStage.FAILED, FieldStage.EMPTY]
    assert rows[0].folder == Path("scan/a")
    assert rows[0].best_z_um == 412.0
    assert rows[1].message == "too high"
    assert rows[2].folder is None
    assert (progress.finished, progress.fused) == (3, 1)


def test_the_time_left_runs_down_and_learns():
    begun = folded(FieldEntered(0, FIELDS[0]))
    assert begun.seconds_left(0.0) == 18.0
    assert begun.seconds_left(4.0) == 14.0
    assert begun.seconds_left(60.0) == 12.0, "a slow field leaves the others their time"
    second = folded(over(0, "done"), FieldEntered(1, FIELDS[1]))
    assert second.seconds_left(1.0) == 20.0


def test_a_stopped_scan_can_be_taken_up_and_a_finished_one_cannot():
    stopped = folded(FieldEntered(0, FIELDS[0]), ScanFinished(Phase.CANCELLED, RECORD, None))
    assert stopped.can_resume
    assert stopped.seconds_left(9.0) is None
    assert {row.stage for row in stopped.rows} == {FieldStage.WAITING}
    whole = RECORD.model_copy(
        update={"fields": tuple(f.model_copy(update={"state": "done"}) for f in FIELDS)}
    )
    assert not folded(ScanFinished(Phase.DONE, whole, None)).can_resume
    assert folded().given_up().ended is Phase.CANCELLED
