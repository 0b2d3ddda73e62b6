"""Hold trained weights back towards where training began.

A score of the default model is linear in the network's last layer, and with that layer at its start
it is plain soft focus weighting. So a mixture of the layer and its start mixes the two scores. What
was learned on synthetic slides carries over to others the better, the less of it is peculiar to
them; a mixture with a start that holds for any slide keeps most of the gain and loses some of the
peculiarity (Wortsman et al., "Robust fine-tuning of zero-shot models", CVPR 2022).

``python -m models.training.anchoring WEIGHTS --share 0.8 --out ANCHORED``
"""

from __future__ import annotations

import argparse
from copy import deepcopy
from pathlib import Path

import torch

from models.wearif.model import ModelConfig, StreamingWearIF
from models.wearif.weights import load_model, save_model


def anchored(model: StreamingWearIF, share: float) -> StreamingWearIF:
    """Return the model whose score is `share` of the learned one and for the rest soft focus.

    Parameters
    ----------
    model : StreamingWearIF
    share : float
        0..1.
    """
    if not 0 <= share <= 1:
        raise ValueError(f"share of {share}: must lie within 0 and 1")
    held = deepcopy(model)
    start = StreamingWearIF(ModelConfig(model.config.name, model.config.channels))
    with torch.no_grad():
        for value, origin in zip(
            held.network.maps.parameters(), start.network.maps.parameters(), strict=True
        ):
            value.lerp_(origin.to(value), 1 - share)
    return held


def main(arguments: list[str] | None = None) -> None:
    """Read weights and their model card, write anchored ones."""
    parser = argparse.ArgumentParser(description="Mix trained weights with where they began.")
    parser.add_argument("weights", type=Path)
    parser.add_argument("--share", type=float, required=True, help="Of what was learned, 0 to 1.")
    parser.add_argument("--out", type=Path, required=True, help="A .safetensors file.")
    given = parser.parse_args(arguments)
    model = load_model(str(given.weights))
    if not isinstance(model, StreamingWearIF):
        parser.error(f"{given.weights}: only the default model can be anchored")
    card = given.weights.with_suffix(".md")
    text = card.read_text(encoding="utf-8") if card.is_file() else ""
    text += (
        f"\n## Anchored\n\nOf the learned score {given.share:.0%} was kept; the rest is soft focus "
        f"weighting:\n\n```\npython -m models.training.anchoring FOLDER/{given.weights.name} "
        f"--share {given.share:g} --out {given.out.name}\n```\n\n"
        "The validation above is that of the weights before.\n"
    )
    save_model(anchored(model, given.share), given.out, text)


if __name__ == "__main__":
    main()
