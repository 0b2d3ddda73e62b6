"""Keeps full garbage collections short while the microscope works."""

from __future__ import annotations

import gc


def set_aside() -> None:
    """Collect once more, and let later collections pass over all that is loaded by now.

    A full collection looks at every object there is and holds up every thread meanwhile: with
    torch, Qt and the OME model loaded for more than a tenth of a second.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
