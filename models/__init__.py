"""The science: fusion, its training and its evaluation."""

import ctypes
import os
import sys

# Threads of torch that wait for one another must sleep: by default they spin, and where another
# program holds a core (a camera, the window) each of a frame's many steps then takes a time slice.
# It goes by the environment, which is read once, when torch is loaded; whoever has set it is heard.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

_KEPT_BYTES, _LARGEST_BYTES = 256 << 20, 32 << 20
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
"""As in malloc.h of glibc; 32 MiB is the most that the latter may be set to."""


def _keep_freed_memory() -> None:
    """Have memory that one frame has freed wait for the next.

    By default glibc gives maps as large as a frame's back to the system as soon as they are freed.
    To get them anew, filled with zeros page by page, takes up to a fifth of a fusion's CPU time.
    """
    if sys.platform != "linux":
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    # Other C libraries lack it.
    if mallopt is not None:
        mallopt(_M_TRIM_THRESHOLD, _KEPT_BYTES)
        mallopt(_M_MMAP_THRESHOLD, _LARGEST_BYTES)


_keep_freed_memory()
