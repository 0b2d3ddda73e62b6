import csv

import pytest

from app.batch.job import Outcome
from app.batch.location import Location
from app.batch.tally import FAILURES, SUMMARY, Tally, write_tally


def test_it_counts_and_tells_the_time_left():
    now_s = [100.0]
    tally = Tally(10, lambda: now_s[0])
    assert str(tally) == "0 of 10: 0 fused, 0 there before"
    tally.add(Outcome("a", "a", "there"))
    assert tally.left_s is None
    now_s[0] = 120.0
    tally.add(Outcome("b", "b", "fused"))
    assert tally.left_s == pytest.approx(160)
    tally.add(Outcome("c", "c", "failed", "why"))
    assert tally.left_s == pytest.approx(70)
    assert str(tally) == "3 of 10: 1 fused, 1 there before, 1 failed; 70 s left"


def test_the_table_has_all_and_the_list_what_failed(tmp_path):
    out = Location(str(tmp_path))
    bad = Outcome("b, 磨粒", "r/b", "failed", "b: cannot be read")
    write_tally(out, [bad, Outcome("a", "r/a", "fused", frames=7, seconds=1.234)])
    with (tmp_path / SUMMARY).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["source"], row["state"], row["frames"], row["seconds"]) for row in rows] == [
        ("a", "fused", "7", "1.23"),
        ("b, 磨粒", "failed", "0", "0.00"),
    ]
    assert (tmp_path / FAILURES).read_text(encoding="utf-8") == "b, 磨粒\tb: cannot be read\n"
    write_tally(out, [])
    assert not (tmp_path / FAILURES).exists()


def test_no_spreadsheet_program_runs_a_name(tmp_path):
    write_tally(Location(str(tmp_path)), [Outcome("=a", "@b", "failed", "-c")])
    with (tmp_path / SUMMARY).open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert [row[key] for key in ("source", "result", "reason")] == ["'=a", "'@b", "'-c"]
