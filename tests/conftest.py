"""What holds for all tests."""

import models as models  # Before torch, as in the program: it says how torch's threads wait.
