from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray


@pytest.fixture
def ordinary_user_folder() -> Iterator[Path]:
    """A folder where file permissions hold: the superuser is not bound by them."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)
        if not hasattr(os, "geteuid"):
            pytest.skip("needs POSIX permissions")
        if os.geteuid() != 0:
            yield folder
            return
        os.seteuid(65534)
        try:
            yield folder
        finally:
            os.seteuid(0)


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """One megabyte of disk, where the tests may mount it."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(folder)]
    if os.name != "posix" or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small disk needs the superuser")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.fixture(scope="session")
def picture() -> Callable[..., NDArray]:
    """Noise by seed: no two frames alike, every value possible."""

    def make(seed: int, shape: tuple[int, ...] = (6, 8, 3), dtype: type = np.uint8) -> NDArray:
        values = np.random.default_rng(seed)
        return values.integers(0, np.iinfo(dtype).max, shape, dtype=dtype, endpoint=True)

    return make


@pytest.fixture(scope="session")
def save() -> Callable[[Path, NDArray], Path]:
    """Write an RGB or grey image the way other programs do."""

    def write(path: Path, image: NDArray) -> Path:
        bgr = cv2.cvtColor(image, cv2.COLOR_RGB2BGR) if image.ndim == 3 else image
        done, data = cv2.imencode(path.suffix, bgr)
        assert done
        path.write_bytes(data.tobytes())
        return path

    return write
