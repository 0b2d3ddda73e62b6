"""What holds for all tests."""

from hypothesis import settings

import models as models  # Before torch, as in the program: it says how torch's threads wait.

# The same cases on every run: a change that breaks nothing is not stopped by an unlucky draw.
settings.register_profile("repeatable", derandomize=True)
settings.load_profile("repeatable")
