"""Fuses any number of stacks again, on this computer or on a cluster."""
