"""A hash of pixels, whatever file they lie in."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray


class PixelDigest:
    """The SHA-256 of pictures, one after the other: of their shapes, types and pixels."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()

    def add(self, image: NDArray[Any]) -> None:
        """Add a picture."""
        self._hash.update(f"{image.shape} {image.dtype.name}\n".encode())
        little_endian = image.astype(image.dtype.newbyteorder("<"), copy=False)
        self._hash.update(np.ascontiguousarray(little_endian).data)

    @property
    def sha256(self) -> str:
        """Of the pictures so far."""
        return self._hash.hexdigest()

    @classmethod
    def of(cls, images: Iterable[NDArray[Any]]) -> Self:
        """Add all of them."""
        digest = cls()
        for image in images:
            digest.add(image)
        return digest
