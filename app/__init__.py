"""The program its user sees: commands, profiles, acquisition, captures and the window."""

import models as models  # Before torch: it says how torch's threads wait.
