import subprocess
import sys

import pytest

# In a process of its own: what others have left of the heap decides where memory comes from.
_FAULTS_PER_FRAME = """
import resource
import numpy as np
from models.wearif.fusion import StreamingFusion
from models.wearif.weights import load_model

def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

streaming = StreamingFusion(load_model())
frame = np.random.default_rng(0).integers(0, 256, (512, 910, 3), dtype=np.uint8)
for _ in range(6):
    streaming.add(frame)
before = faults()
for _ in range(8):
    streaming.add(frame)
print((faults() - before) / 8)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only there memory is asked to wait")
def test_a_frame_finds_the_memory_that_the_one_before_has_freed():
    command = [sys.executable, "-c", _FAULTS_PER_FRAME]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    # A single map of this size takes 455 pages of 4 KiB; a frame needs some twenty of them.
    assert float(said) < 455
