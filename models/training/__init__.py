"""Synthetic stacks, losses and the training loop."""
