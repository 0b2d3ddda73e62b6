"""Install WearIF beside its source and run it: needs nothing but Python 3.11 or later.

    python3 app/install.py              install into .venv
    python3 app/install.py demo         the same, then run `wearif demo`
    python3 app/install.py test         the same with the test tools, then run the tests

Anything else is handed to `wearif`. On Debian and Ubuntu the system libraries that Qt and OpenCV
load are installed with apt where they are missing; Windows and macOS bring them.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"

LIBRARIES = {
    "libGL.so.1": "libgl1",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libEGL.so.1": "libegl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libfontconfig.so.1": "libfontconfig1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
"""Shared library that a wheel loads but does not bring, and the Debian package that has it."""


def main(arguments: Sequence[str]) -> int:
    """Install, then run what was asked for; returns its exit status."""
    if sys.version_info < (3, 11):  # noqa: UP036  (the one file that an older Python may meet)
        print(f"WearIF needs Python 3.11 or later; this is {sys.version.split()[0]}")
        return 2
    testing = arguments[:1] == ["test"]
    try:
        install_system_packages()
        install(".[dev]" if testing else ".[exports]")
    except subprocess.CalledProcessError as error:
        print(f"install: this failed with exit status {error.returncode}: {shlex.join(error.cmd)}")
        return 1
    if testing:
        # Most tests of devices wait for motions most of the time: more processes than cores.
        spread = ["-n", "4", "--dist", "loadfile"]
        return run(["python", "-m", "pytest", *spread, *arguments[1:]], QT_QPA_PLATFORM="offscreen")
    return run(["wearif", *arguments]) if arguments else 0


def install_system_packages() -> None:
    """Bring what is missing with apt, where there is apt."""
    if not shutil.which("apt-get"):
        return
    missing = [package for library, package in LIBRARIES.items() if not loads(library)]
    if importlib.util.find_spec("ensurepip") is None:
        missing.append("python3-venv")
    if not missing:
        return
    command = ["apt-get", "install", "-y", "--no-install-recommends", *missing]
    if hasattr(os, "geteuid") and os.geteuid() != 0:
        if not shutil.which("sudo"):
            print(f"install: as root, run this first: {shlex.join(command)}")
            raise subprocess.CalledProcessError(1, command)
        command = ["sudo", *command]
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run([*command[: command.index("apt-get")], "apt-get", "update"], check=True)
    subprocess.run(command, check=True, env=quiet)


def loads(library: str) -> bool:
    """Whether the system's loader finds a shared library."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def install(what: str) -> None:
    """Install the project into its own virtual environment, in the versions that were tested."""
    if not program("python").exists():
        subprocess.run([sys.executable, "-m", "venv", str(ENVIRONMENT)], check=True)
    pip = [str(program("python")), "-m", "pip", "--disable-pip-version-check", "install"]
    pins = ROOT / ".ci" / "constraints.txt"
    subprocess.run([*pip, "--constraint", str(pins), what], check=True, cwd=ROOT)


def program(name: str) -> Path:
    """Path of a program of the virtual environment."""
    if sys.platform == "win32":
        return ENVIRONMENT / "Scripts" / f"{name}.exe"
    return ENVIRONMENT / "bin" / name


def run(command: Sequence[str], **variables: str) -> int:
    """Run a program of the virtual environment in the foreground; returns its exit status."""
    whole = [str(program(command[0])), *command[1:]]
    return subprocess.run(whole, check=False, cwd=ROOT, env={**os.environ, **variables}).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
