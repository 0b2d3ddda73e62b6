"""How good a fused image is.

`psnr` and `ssim` compare with a known truth. The other five need only the frames: each extends a
metric that was published for two source images to n of them, and equals the original for two.
"""

from models.evaluation.metrics.contrast import q_cb
from models.evaluation.metrics.difference_correlation import scd, scd_per_source
from models.evaluation.metrics.fidelity import GREY_WEIGHTS, grey, psnr, ssim
from models.evaluation.metrics.gradient import q_g, q_g_per_source
from models.evaluation.metrics.mutual_information import fmi, fmi_per_source
from models.evaluation.metrics.structure import q_y

__all__ = [
    "GREY_WEIGHTS",
    "fmi",
    "fmi_per_source",
    "grey",
    "psnr",
    "q_cb",
    "q_g",
    "q_g_per_source",
    "q_y",
    "scd",
    "scd_per_source",
    "ssim",
]
