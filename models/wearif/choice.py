"""The operator's choice of frames, and how far it is felt; see `models.wearif.retouch`."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

WINDOW: Final = 9
"""Side of the guided filter's window, in pixels of the frame."""
REACH: Final = WINDOW - 1
"""Two means in a row over that window: how far a choice is felt, in pixels."""

Choice = NDArray[np.uint16]
"""(H, W): 0 where the fusion decides, 1 + k where the operator wants frame k."""
