"""Lets threads that may be late stand back for those that may not."""

from __future__ import annotations

import os
import sys
import threading
from typing import Final

BEHIND: Final = 10
"""How nice: a tenth of the share of a busy processor that a thread of niceness 0 gets.

A thread that waits with Python's lock in hand makes all others wait: so not the nicest.
"""


def stand_back() -> None:
    """Take processor time after the program's other threads; so will the threads begun from here.

    Linux alone gives threads of one program priorities without being asked for privileges, and
    offers no way back: for threads of one purpose. Elsewhere nothing changes.
    """
    if sys.platform == "linux":
        thread = threading.get_native_id()
        # Only a privileged program may become less nice than it was started.
        nice = max(BEHIND, os.getpriority(os.PRIO_PROCESS, thread))
        os.setpriority(os.PRIO_PROCESS, thread, nice)
