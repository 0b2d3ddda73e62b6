"""The published network as processors run it fastest: the same arithmetic, less moving of data.

Two things are taken away. Batch normalisation is folded into the convolution before it. And what
dense layers concatenate is never written side by side: a convolution of several inputs is the sum
of one convolution for each.
"""

from __future__ import annotations

import copy
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.fusion import fuse_conv_bn_eval

from models.wearif.network import MDFFEN, AtrousPyramid
from models.wearif.published import PublishedWearIF


def lean(model: PublishedWearIF) -> PublishedWearIF:
    """Return a model that fuses as this one does, up to the rounding of floats, but faster.

    Parameters
    ----------
    model : PublishedWearIF
        Left as it is: to be trained, saved or loaded into.

    Returns
    -------
    PublishedWearIF
        A copy that later changes of the weights do not reach; the model itself where it is in
        training or does not lie on the processor.
    """
    if model.training or next(model.parameters()).device.type != "cpu":
        return model
    faster = copy.deepcopy(model)
    faster.add_module("network", LeanMDFFEN(faster.network))
    return faster


class LeanMDFFEN(nn.Module):
    """`MDFFEN` with what it has learned; for inference on processors only.

    Parameters
    ----------
    network : MDFFEN
        In evaluation mode. Its parts are taken over and changed.
    """

    def __init__(self, network: MDFFEN) -> None:
        super().__init__()
        encoder, pyramid = network.encoder, network.pyramid
        width = cast("nn.Conv2d", encoder.stage1[0]).out_channels
        self._stem = _SummedConvolution(encoder.stage1, width)
        self._layers = nn.ModuleList(
            _SummedConvolution(block, width) for block in (*encoder.stage2, encoder.stage3)
        )
        if isinstance(pyramid, AtrousPyramid):
            pyramid.add_module("point", _SummedConvolution(pyramid.point, width))
            pyramid.cascade = nn.ModuleList(_SummedConvolution(b, width) for b in pyramid.cascade)
        self._pyramid = pyramid
        self._head = _SummedConvolution(network.head[0], width)
        self._maps = _SummedConvolution(nn.Sequential(network.head[1]), width)

    def forward(self, frames: Tensor) -> Tensor:
        """(N, inputs, h, w) -> (N, outputs, h, w), as `MDFFEN.forward`."""
        seen = [self._stem(frames)]
        for layer in self._layers:
            seen.append(layer(*seen))
        features = seen[-1]
        pyramid = self._pyramid
        branches = pyramid.branches(features) if isinstance(pyramid, AtrousPyramid) else [features]
        return cast("Tensor", self._maps(self._head(*branches)))


class _SummedConvolution(nn.Module):
    """A convolution block for inputs that lie apart; it takes the latest, as many as it has seen.

    Parameters
    ----------
    block : Module
        Convolution, then batch normalisation or not, then ReLU or not.
    width : int
        Channels of each input, where there are several.
    """

    def __init__(self, block: nn.Module, width: int) -> None:
        super().__init__()
        first, *rest = block.children()
        convolution = cast("nn.Conv2d", first)
        if rest and isinstance(rest[0], nn.BatchNorm2d):
            convolution = fuse_conv_bn_eval(convolution, rest[0])
        self._ends_in_relu = bool(rest)
        self._bias = convolution.bias
        parts = torch.split(convolution.weight.detach(), width, dim=1)
        self._weights = [part.contiguous(memory_format=torch.channels_last) for part in parts]
        self._padding = cast("tuple[int, ...]", convolution.padding)
        self._dilation = convolution.dilation

    def forward(self, *inputs: Tensor) -> Tensor:
        """Convolve the last inputs: (N, width, h, w) each -> (N, outputs, h, w)."""
        first, *others = zip(inputs[-len(self._weights) :], self._weights, strict=True)
        summed = self._convolved(*first, self._bias)
        for each in others:
            summed += self._convolved(*each, None)
        return summed.relu_() if self._ends_in_relu else summed

    def _convolved(self, image: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        return functional.conv2d(
            image, weight, bias, padding=self._padding, dilation=self._dilation
        )
