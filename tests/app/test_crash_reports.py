"""What is left of a run that ended badly."""

import os
import subprocess
import sys
import threading

import pytest

from app.crash_reports import KEPT, CrashReports
from app.program_log import ProgramLog
from app.versions import versions


@pytest.fixture
def reports(tmp_path):
    reports = CrashReports(tmp_path, lambda: ["the last line of the log"])
    yield reports
    reports.close()


def test_a_run_that_ends_well_leaves_nothing(tmp_path, reports):
    before = sys.excepthook, threading.excepthook
    reports.watch(lambda error, path: None)
    assert (sys.excepthook, threading.excepthook) != before
    reports.close()
    assert list(tmp_path.iterdir()) == []
    assert (sys.excepthook, threading.excepthook) == before


def test_an_error_on_a_thread_is_reported_with_versions_and_the_end_of_the_log(tmp_path, reports):
    told = []
    reports.watch(lambda error, path: told.append((error, path)))
    thread = threading.Thread(target=lambda: 1 / 0, name="the thread that fails")
    thread.start()
    thread.join(30)
    ((error, path),) = told
    assert isinstance(error, ZeroDivisionError)
    text = path.read_text(encoding="utf-8")
    for each in ("ZeroDivisionError", "the thread that fails", "the last line of the log", "numpy"):
        assert each in text
    assert reports.unseen() == [path]
    reports.mark_seen()
    assert reports.unseen() == []
    assert len(list(tmp_path.glob("crash-*"))) == 1


def test_an_error_of_the_window_s_thread_is_reported(reports):
    told = []
    reports.watch(lambda error, path: told.append((error, path)))
    sys.excepthook(ValueError, ValueError("in a slot"), None)
    ((_error, path),) = told
    assert "in a slot" in path.read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_dead_interpreter_is_told_at_the_next_start(tmp_path):
    code = (
        "import ctypes, sys\n"
        "from pathlib import Path\n"
        "from app.crash_reports import CrashReports\n"
        "CrashReports(Path(sys.argv[1])).watch(lambda error, path: None)\n"
        "ctypes.string_at(0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], check=False, capture_output=True, timeout=280
    )
    assert done.returncode != 0
    (path,) = CrashReports(tmp_path).unseen()
    assert "Segmentation fault" in path.read_text(encoding="utf-8")


def test_last_words_of_a_program_that_runs_are_left_to_it(tmp_path, reports):
    ended = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], check=True, capture_output=True
    )
    files = [tmp_path / f"fatal-{number}.txt" for number in (os.getppid(), int(ended.stdout))]
    for file in files:
        file.touch()
    assert reports.unseen() == []
    assert [file.exists() for file in files] == [True, False]


def test_reports_do_not_pile_up(tmp_path, reports):
    for number in range(KEPT + 3):
        assert reports.write(ValueError(number), "main") is not None
    assert len(list(tmp_path.glob("crash-*"))) == KEPT


def test_a_disk_that_takes_nothing_is_borne(tmp_path, caplog):
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    assert CrashReports(blocked).write(ValueError(), "main") is None
    assert "cannot be written" in caplog.text


def test_the_log_goes_to_a_file_and_to_memory(tmp_path):
    import logging

    log = ProgramLog(tmp_path / "logs")
    heard = []
    log.memory.listener = heard.append
    log.open()
    logging.getLogger("app.window").info("the stage %s", "moved")
    logging.getLogger("app.window").debug("not this")
    log.close()
    assert "the stage moved" in log.path.read_text(encoding="utf-8")
    assert [line for line in log.memory.lines() if "not this" in line] == []
    assert heard == list(log.memory.lines())
    assert "the stage moved" in heard[0]


def test_without_a_file_the_log_stays_in_memory(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    log = ProgramLog(blocked)
    log.open()
    log.close()
    assert "cannot be written" in log.trouble


def test_versions_name_program_python_and_libraries():
    found = versions()
    assert found["WearIF"]
    assert found["Python"] == sys.version.split()[0]
    assert {"numpy", "torch", "PySide6-Essentials"} <= set(found)
