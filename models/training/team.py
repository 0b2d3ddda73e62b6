"""Several processes that learn together, as torchrun starts them: one per GPU, or on processors."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar, cast

import torch
from torch import Tensor, distributed

Told = TypeVar("Told")


@dataclass(frozen=True, slots=True)
class Team:
    """One process among those that learn together, or alone.

    Parameters
    ----------
    rank : int
        0 to ``size - 1``; rank 0 writes.
    size : int
    device : torch.device
        Where this process computes.
    """

    rank: int
    size: int
    device: torch.device

    @property
    def leads(self) -> bool:
        """Whether this process validates, writes and reports."""
        return self.rank == 0

    def average(self, tensors: Sequence[Tensor]) -> None:
        """Replace floating-point tensors by their mean over the team, in place.

        One message for all: the network is so small that its gradients fit into half a megabyte.
        """
        if self.size == 1:
            return
        together = torch.cat([tensor.detach().reshape(-1) for tensor in tensors])
        distributed.all_reduce(together)
        together /= self.size
        parts = torch.split(together, [tensor.numel() for tensor in tensors])
        with torch.no_grad():
            for tensor, part in zip(tensors, parts, strict=True):
                tensor.copy_(part.view_as(tensor))

    def told_by_leader(self, value: Told | None) -> Told:
        """Return rank 0's value on every rank, when all have come here.

        The other ranks' values do not matter.
        """
        told = [value]
        if self.size > 1:
            distributed.broadcast_object_list(told, src=0)
        return cast("Told", told[0])


@contextmanager
def joined_team(device: torch.device) -> Iterator[Team]:
    """Join the team that torchrun has started, or work alone.

    Parameters
    ----------
    device : torch.device
        Kind of device; each process of a machine takes the GPU of its local rank.
    """
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size == 1:
        yield Team(0, 1, device)
        return
    backend = "gloo"
    if device.type == "cuda":
        backend = "nccl"
        device = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
        torch.cuda.set_device(device)
    distributed.init_process_group(backend)
    try:
        yield Team(distributed.get_rank(), size, device)
    finally:
        distributed.destroy_process_group()
