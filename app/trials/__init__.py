"""How well the program does what it promises, tried many times against the simulated truth."""
