"""Trained weights: load the shipped ones or a lab's own, save what a training made."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from models.wearif.model import (
    ModelConfig,
    PublishedWearIF,
    StreamingWearIF,
    WearIF,
    build_model,
)

DEFAULT_MODEL = "wearif"


class WeightsError(Exception):
    """Weights cannot be loaded; the message is one line that names the file and the reason."""


def available_models() -> tuple[str, ...]:
    """Names of the shipped models."""
    folder = files("resources") / "weights"
    names = (entry.name for entry in folder.iterdir())
    return tuple(sorted(n.removesuffix(".safetensors") for n in names if n.endswith("tensors")))


def load_model(name: str = DEFAULT_MODEL, device: str = "cpu") -> PublishedWearIF | StreamingWearIF:
    """Load a model, ready to fuse.

    Parameters
    ----------
    name : str
        A shipped model (`available_models`) or the path of a .safetensors file that
        ``wearif train`` has written.
    device : str
        Where it computes: ``cpu``, ``cuda``, ``cuda:1`` and so on, or ``auto``: on a graphics card
        that CUDA can use, if there is one.

    Raises
    ------
    WeightsError
        There is no such model, the file is not one, or there is no such device.
    """
    with _weights_file(name) as path:
        return _on_device(_load(path), device)


def load_streaming_model() -> StreamingWearIF:
    """Load the default model, which fuses frames as they arrive.

    Raises
    ------
    WeightsError
        Its file is not what was shipped.
    """
    model = load_model()
    if not isinstance(model, StreamingWearIF):
        raise WeightsError(f"the shipped {DEFAULT_MODEL} cannot fuse while frames arrive")
    return model


def weights_sha256(name: str = DEFAULT_MODEL) -> str:
    """Return the SHA-256 of the weights that `load_model` would load now.

    Raises
    ------
    WeightsError
        There is no such model, or its file cannot be read.
    """
    with _weights_file(name) as path:
        try:
            return hashlib.sha256(path.read_bytes()).hexdigest()
        except OSError as error:
            raise WeightsError(f"{path}: cannot be read ({error.strerror})") from error


def save_model(model: WearIF, path: Path, card: str) -> None:
    """Write weights as safetensors, and the model card beside them as Markdown.

    Parameters
    ----------
    path : Path
        Where to; must end in ``.safetensors``.
    card : str
        The model card: data, command, date, metrics.
    """
    state = {key: value.detach().cpu().contiguous() for key, value in model.state_dict().items()}
    partial = path.with_name(f"{path.name}.partial")
    save_file(state, partial, metadata={"wearif": json.dumps(model.config.as_dict())})
    partial.replace(path)
    path.with_suffix(".md").write_text(card, encoding="utf-8")


@contextmanager
def _weights_file(name: str) -> Iterator[Path]:
    if name in available_models():
        with as_file(files("resources") / "weights" / f"{name}.safetensors") as path:
            yield path
        return
    path = Path(name)
    if not path.is_file():
        known = ", ".join(available_models())
        raise WeightsError(f"{name}: no such model; shipped are {known}")
    yield path


def _on_device(
    model: PublishedWearIF | StreamingWearIF, device: str
) -> PublishedWearIF | StreamingWearIF:
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        return model.to(device)
    # torch compiled without CUDA answers by an assertion.
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise WeightsError(f"cannot compute on the device {device}: {reason}") from error


def _load(path: Path) -> PublishedWearIF | StreamingWearIF:
    try:
        with safe_open(path, framework="pt") as stored:
            config = ModelConfig.from_dict(json.loads(stored.metadata()["wearif"]))
            state = {key: stored.get_tensor(key) for key in stored.keys()}  # noqa: SIM118
        model = build_model(config)
        model.load_state_dict(state)
        model.weights_sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    except (SafetensorError, OSError, KeyError, TypeError, ValueError, RuntimeError) as error:
        reason = str(error).splitlines()[0]
        raise WeightsError(f"{path}: not WearIF weights ({reason})") from error
    return model.eval()
