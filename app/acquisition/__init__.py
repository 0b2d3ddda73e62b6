"""Conducts the hardware: autofocus, sweep plan, sweep, z tagging, capture."""
