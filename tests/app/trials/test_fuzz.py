"""Bad input ends in frames or in one line."""

from __future__ import annotations

import pytest

from app.trials.fuzz import fuzz, judged
from app.trials.fuzz_cases import build_case
from app.trials.fuzz_worker import CaseOutcome

for _library in ("zarr", "pylibCZIrw", "nd2", "liffile", "PIL"):
    pytest.importorskip(_library)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_bad_input_does_no_harm():
    outcomes = fuzz(range(200), 2, lambda _outcome: None)
    assert len(outcomes) == 200
    # How long a case takes on a busy machine says little; hangs are killed and are a fault.
    harm = [(each.seed, each.what, each.fault) for each in outcomes if each.fault]
    assert harm == []
    assert max(each.peak_mb for each in outcomes) < 2048
    assert 20 < sum(each.read for each in outcomes) < 180


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_seed_gives_one_case(tmp_path, seed):
    folders = [tmp_path / "a", tmp_path / "b"]
    cases = []
    for folder in folders:
        folder.mkdir()
        cases.append(build_case(seed, folder))
    assert cases[0].what == cases[1].what
    assert cases[0].path.relative_to(folders[0]) == cases[1].path.relative_to(folders[1])


def outcome(**known) -> CaseOutcome:
    given = {"seed": 0, "what": "", "read": True, "text": "", "fault": "", "seconds": 0.0}
    return CaseOutcome(**{**given, "peak_mb": 0.0, **known})


def test_what_counts_as_harm():
    assert judged(outcome()) == ""
    assert judged(outcome(fault="hangs")) == "hangs"
    assert judged(outcome(seconds=11.0)) == "took 11.0 s"
    assert judged(outcome(peak_mb=4000.0)) == "took 4000 MB"
