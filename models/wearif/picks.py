"""What the paper's ablations change in the published network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Picks:
    """One reading of the published network; the defaults are the shipped one.

    Parameters
    ----------
    atrous, dense : bool
        Encoder layers 2-5: dilated or not; each fed by all earlier layers or by the last one
        (Table 6).
    pyramid : {"cascaded", "parallel", "none"}
        CC-ASPP, the plain ASPP of Table 2 with the same rates, or the encoder's features as they
        are (Table 6).
    last_layer : {"all", "previous"}
        What encoder layer 6 sees of a dense encoder: layers 1-5 or layer 5.
    refinement : {"convolutional", "classic", "bilinear"}
        How weights come to full resolution: Table 3, the guided filter with box means, or no
        guided filter (Table 4).
    window : int
        Side of the guided filter's window in small pixels, odd.
    reblur_sigma : float
        Of the Gaussian in Reblur, pixels.
    guidance : {"sum", "maximum", "own", "frame"}
        The guidance image: the frames' Reblur differences aggregated, each frame's own, or the
        frame itself (Table 4).
    multiplier : {"frame", "guidance", "difference", "log sharpness"}
        What a_k is multiplied with at full resolution (Table 3, step 5).
    filtered : {"weights", "scores"}
        What the guided filter acts on: weights, after the frames were set against each other at
        low resolution, or scores, before.
    selection : {"argmax", "softmax"}
        How low-resolution weights come from scores in use; training takes softmax.
    normalisation : {"absolute", "relu", "softmax"}
        How W_k is made to sum to 1 over the frames.
    """

    atrous: bool = True
    dense: bool = True
    pyramid: Literal["cascaded", "parallel", "none"] = "cascaded"
    last_layer: Literal["all", "previous"] = "all"
    refinement: Literal["convolutional", "classic", "bilinear"] = "convolutional"
    window: int = 5
    reblur_sigma: float = 1.5
    guidance: Literal["sum", "maximum", "own", "frame"] = "sum"
    multiplier: Literal["frame", "guidance", "difference", "log sharpness"] = "frame"
    filtered: Literal["weights", "scores"] = "weights"
    selection: Literal["argmax", "softmax"] = "argmax"
    normalisation: Literal["absolute", "relu", "softmax"] = "absolute"

    def __post_init__(self) -> None:
        if self.window < 1 or self.window % 2 == 0:
            raise ValueError(f"window of {self.window} pixels: the side must be odd")


SHIPPED = Picks()
