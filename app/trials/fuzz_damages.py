"""What may happen to a sound file on its way: cut, flipped, overwritten, repeated."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

Lot = np.random.Generator


def damage(path: Path, lot: Lot) -> str:
    """Damage one file, in a folder any one; say how and which."""
    files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    target = files[int(lot.integers(len(files)))]
    data = bytearray(target.read_bytes())
    name = str(lot.choice(sorted(_DAMAGES)))
    target.write_bytes(_DAMAGES[name](data, lot))
    return f"{name} in {target.name}"


def _truncated(data: bytearray, lot: Lot) -> bytearray:
    return data[: int(lot.integers(len(data) + 1))]


def _flipped(data: bytearray, lot: Lot) -> bytearray:
    for at in lot.integers(0, 8 * max(len(data), 1), int(lot.integers(1, 64))):
        data[at // 8] ^= 1 << (at % 8)
    return data


def _flipped_start(data: bytearray, lot: Lot) -> bytearray:
    """Headers are where damage hurts most."""
    for at in lot.integers(0, 8 * min(len(data), 512), int(lot.integers(1, 12))):
        data[at // 8] ^= 1 << (at % 8)
    return data


def _overwritten(data: bytearray, lot: Lot) -> bytearray:
    at, length = int(lot.integers(len(data) + 1)), int(lot.integers(1, 200))
    data[at : at + length] = lot.bytes(len(data[at : at + length]))
    return data


def _zeroed(data: bytearray, lot: Lot) -> bytearray:
    at, length = int(lot.integers(len(data) + 1)), int(lot.integers(1, 2000))
    data[at : at + length] = bytes(len(data[at : at + length]))
    return data


def _maxed(data: bytearray, lot: Lot) -> bytearray:
    """Largest numbers in places that may be sizes."""
    at = int(lot.integers(max(1, min(len(data), 600)))) // 2 * 2
    data[at : at + 4] = b"\xff\xff\xff\x7f"[: len(data[at : at + 4])]
    return data


def _shifted(data: bytearray, lot: Lot) -> bytearray:
    at = int(lot.integers(len(data) + 1))
    return data[:at] + bytearray(lot.bytes(int(lot.integers(1, 20)))) + data[at:]


def _shortened(data: bytearray, lot: Lot) -> bytearray:
    at = int(lot.integers(len(data) + 1))
    return data[:at] + data[at + int(lot.integers(1, 100)) :]


def _repeated(data: bytearray, _lot: Lot) -> bytearray:
    return data + data


_DAMAGES: dict[str, Callable[[bytearray, Lot], bytearray]] = {
    "truncated": _truncated,
    "flipped bits": _flipped,
    "flipped bits at the start": _flipped_start,
    "a block overwritten": _overwritten,
    "a block zeroed": _zeroed,
    "a largest number": _maxed,
    "bytes inserted": _shifted,
    "bytes missing": _shortened,
    "itself once more": _repeated,
}
