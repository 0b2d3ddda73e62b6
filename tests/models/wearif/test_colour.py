import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from models.wearif.colour import chroma_of, luma_of, rgb_of

unit = st.floats(0, 1, width=32)


@given(st.tuples(unit, unit, unit))
def test_there_and_back(rgb):
    image = torch.tensor(rgb).view(3, 1, 1)
    luma = luma_of(image)
    back = rgb_of(luma[0, 0], chroma_of(image, luma))
    np.testing.assert_allclose(back.numpy(), image.numpy(), atol=2e-6)


@given(unit)
def test_grey_has_neutral_chroma(value):
    image = torch.full((3, 1, 1), value)
    luma = luma_of(image)
    np.testing.assert_allclose(luma.numpy(), value, atol=1e-6)
    np.testing.assert_allclose(chroma_of(image, luma).numpy(), 0.5, atol=1e-6)
