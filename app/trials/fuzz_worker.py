"""Open bad input, one case after another, in a process of its own: it may crash or hang."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from json import dumps
from pathlib import Path

from app.captures.layout import RESULT_NAMES
from app.captures.open_stack import open_stack
from app.captures.stack import StackError
from app.fuse import fuse_input
from app.trials.fuzz_cases import Case, build_case
from models.wearif.fusion import FusionError

ALSO_FUSED = 10
"""Every tenth case is also fused, to see that nothing half-written is left."""
_NOBODY = 65534


@dataclass(frozen=True, slots=True)
class CaseOutcome:
    """What became of one case."""

    seed: int
    what: str
    read: bool
    """False: it ended in a line."""
    text: str
    """That line, or how many frames were read."""
    fault: str
    """What ought not to be; empty where all is well."""
    seconds: float
    peak_mb: float
    """The most memory that the process has had, itself included."""


def work(lines: Iterator[str]) -> None:
    """Run the case of each seed that comes in; tell the outcome of each in a line of JSON."""
    out = os.fdopen(os.dup(1), "w")
    with tempfile.TemporaryFile() as said:
        # What libraries print by themselves would be more than one clear line.
        os.dup2(said.fileno(), 1)
        os.dup2(said.fileno(), 2)
        for line in lines:
            seed = int(line)
            said.seek(0)
            said.truncate()
            print(dumps({"started": seed}), file=out, flush=True)
            outcome = run_case(seed)
            said.seek(0)
            printed = _beside(said.read().decode(errors="replace"))
            known = asdict(outcome)
            if printed and not known["fault"]:
                known["fault"] = f"printed {printed[:200]!r}"
            print(dumps(known), file=out, flush=True)


def _beside(said: str) -> str:
    """Return what was printed, but for what libjpeg says of scans that it mends: it asks nobody."""
    lines = said.splitlines()
    return "\n".join(line for line in lines if "JPEG" not in line and line.strip())


def run_case(seed: int) -> CaseOutcome:
    """Build a case and open it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)
        case = build_case(seed, folder)
        before = _listing(folder)
        _forget_peak()
        started = time.monotonic()
        read, text, fault = _open(case, folder)
        seconds = time.monotonic() - started
        peak_mb = _peak_mb()
        if not fault and _listing(folder) != before:
            fault = "left something beside the input"
        if not fault and seed % ALSO_FUSED == 0 and case.readable and "1000" not in case.what:
            fault = _fuse_fault(case.path, folder / "results")
        _make_removable(folder)
    return CaseOutcome(seed, case.what, read, text, fault, seconds, peak_mb)


def _open(case: Case, folder: Path) -> tuple[bool, str, str]:
    try:
        with _as_nobody() if not case.readable else _as_is():
            count = sum(1 for _frame in open_stack(case.path))
    except StackError as error:
        text = str(error)
        if len(text.splitlines()) != 1:
            return False, text, "more than one line"
        return False, text, "" if str(folder) in text else "the line names no file"
    except Exception as error:  # noqa: BLE001 - whatever comes here is what is looked for
        return False, "", f"{type(error).__name__}: {error}"
    return True, f"{count} frames", ""


def _fuse_fault(path: Path, out: Path) -> str:
    """Fuse, and see that there are all results or none."""
    try:
        fuse_input(path, out)
    except (StackError, FusionError):
        left = sorted(p.name for p in out.iterdir()) if out.exists() else []
        return f"a failed fusion left {', '.join(left)}" if left else ""
    except Exception as error:  # noqa: BLE001 - whatever comes here is what is looked for
        return f"fusing: {type(error).__name__}: {error}"
    missing = set(RESULT_NAMES) - {p.name for p in out.iterdir()}
    return f"a fusion without {', '.join(sorted(missing))}" if missing else ""


@contextmanager
def _as_nobody() -> Iterator[None]:
    """Permissions do not bind the superuser."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        yield
        return
    os.seteuid(_NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@contextmanager
def _as_is() -> Iterator[None]:
    yield


def _listing(folder: Path) -> list[str]:
    return sorted(str(path) for path in folder.rglob("*"))


def _make_removable(folder: Path) -> None:
    for path in folder.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o700)


def _forget_peak() -> None:
    """Let the kernel start anew with the peak (proc(5): /proc/pid/clear_refs)."""
    clear = Path("/proc/self/clear_refs")
    if clear.exists():
        clear.write_text("5", encoding="ascii")


def _peak_mb() -> float:
    status = Path("/proc/self/status")
    if not status.exists():
        return 0.0
    (line,) = (each for each in status.read_text().splitlines() if each.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    work(iter(sys.stdin.readline, ""))
