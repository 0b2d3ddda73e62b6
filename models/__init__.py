"""The science: fusion, its training and its evaluation."""

import os

# Threads of torch that wait for one another must sleep: by default they spin, and where another
# program holds a core (a camera, the window) each of a frame's many steps then takes a time slice.
# It goes by the environment, which is read once, when torch is loaded; whoever has set it is heard.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
