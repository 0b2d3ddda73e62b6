"""Ways to draw a stack: synthetic ones, and a mixture of two kinds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.training.stack_source import Sample, Seed, StackDraw
from models.training.synthetic import StackShape, draw_stack

_KIND = 7


@dataclass(frozen=True, slots=True)
class SyntheticDraw:
    """Synthetic stacks with truth; see `models.training.synthetic`."""

    shape: StackShape

    def __call__(self, seed: Seed) -> Sample:
        """Return the stack of a seed."""
        stack = draw_stack(seed, self.shape)
        return Sample(stack.luma, stack.truth)


@dataclass(frozen=True, slots=True)
class MixedDraw:
    """Stacks of two kinds.

    Parameters
    ----------
    usual, other : StackDraw
    share : float
        Of the other kind, 0 to 1.
    """

    usual: StackDraw
    other: StackDraw
    share: float

    def __call__(self, seed: Seed) -> Sample:
        """Return the stack of a seed."""
        is_other = np.random.default_rng((*seed, _KIND)).random() < self.share
        return self.other(seed) if is_other else self.usual(seed)
