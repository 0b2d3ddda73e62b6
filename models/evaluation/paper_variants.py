"""The paper's ablations: what each of its tables varies, and the numbers it prints."""

from __future__ import annotations

from dataclasses import dataclass, replace

from models.training.losses import LOSS_TERMS, LossTerm
from models.wearif.picks import SHIPPED, Picks

PAPER_METRICS = ("FMI", "Qg", "Qy", "Qcb", "SCD")
"""The order of the columns of Tables 4-7."""

Printed = tuple[float, float, float, float, float]


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to build and train the published network.

    Parameters
    ----------
    key : str
        Names its folder; the same key is the same training.
    label : str
    picks : Picks
    loss_terms : tuple of {"content", "gradient", "mean_image"}
    """

    key: str
    label: str
    picks: Picks = SHIPPED
    loss_terms: tuple[LossTerm, ...] = LOSS_TERMS


@dataclass(frozen=True, slots=True)
class PaperTable:
    """One table: its rows, and what the paper prints for them.

    Parameters
    ----------
    name : str
        As it is asked for on the command line.
    title : str
    rows : tuple of (Variant, printed numbers or None)
        In the order of `PAPER_METRICS`; None for rows that the paper does not have.
    """

    name: str
    title: str
    rows: tuple[tuple[Variant, Printed | None], ...]

    @property
    def variants(self) -> tuple[Variant, ...]:
        """The rows' variants."""
        return tuple(variant for variant, _ in self.rows)

    @property
    def is_printed(self) -> bool:
        """Whether the paper has this table."""
        return any(printed is not None for _, printed in self.rows)


AS_SHIPPED = Variant("shipped", "WearIF as printed")
_AS_SHIPPED_PRINTED: Printed = (0.4258, 0.5319, 0.6707, 0.5953, 0.2573)

_CLASSIC = replace(SHIPPED, refinement="classic", multiplier="guidance")
_BARE = replace(SHIPPED, atrous=False, dense=False, pyramid="none")

GUIDED_FILTERS = PaperTable(
    "4",
    "Table 4: guided filters",
    (
        (
            Variant("bilinear", "bilinear upsampling", replace(SHIPPED, refinement="bilinear")),
            (0.0745, 0.1781, 0.1165, 0.1940, 0.0804),
        ),
        (
            Variant("frame-guided", "frame as guidance image", replace(SHIPPED, guidance="frame")),
            (0.1531, 0.2554, 0.3853, 0.3312, 0.1031),
        ),
        # The traditional filter multiplies a_k with its guidance image, here the unchanged C.
        (
            Variant("classic", "traditional guided filter", _CLASSIC),
            (0.3255, 0.4259, 0.4945, 0.5193, 0.1759),
        ),
        (AS_SHIPPED, _AS_SHIPPED_PRINTED),
    ),
)

LOSSES = PaperTable(
    "5",
    "Table 5: loss terms",
    (
        (
            Variant("no-mean-image", "without L_mse", loss_terms=("content", "gradient")),
            (0.3937, 0.4478, 0.5269, 0.4214, 0.1658),
        ),
        (
            Variant("no-gradient", "without L_grad", loss_terms=("content", "mean_image")),
            (0.3724, 0.3565, 0.4876, 0.4673, 0.1462),
        ),
        (
            Variant("no-content", "without L_con", loss_terms=("gradient", "mean_image")),
            (0.2332, 0.3027, 0.3134, 0.3012, 0.0127),
        ),
        (AS_SHIPPED, _AS_SHIPPED_PRINTED),
    ),
)

NETWORKS = PaperTable(
    "6",
    "Table 6: network structures",
    (
        (Variant("bare", "none of the three", _BARE), (0.3695, 0.4596, 0.5562, 0.4741, 0.2080)),
        (
            Variant("atrous", "atrous convolution alone", replace(_BARE, atrous=True)),
            (0.4079, 0.5204, 0.6337, 0.5398, 0.2144),
        ),
        (
            Variant("dense", "dense connection alone", replace(_BARE, dense=True)),
            (0.4146, 0.5017, 0.6038, 0.5503, 0.2136),
        ),
        (
            Variant("cc-aspp", "CC-ASPP alone", replace(_BARE, pyramid="cascaded")),
            (0.3993, 0.5013, 0.5989, 0.5374, 0.2398),
        ),
        (
            Variant(
                "aspp", "plain ASPP, the rest as printed", replace(SHIPPED, pyramid="parallel")
            ),
            None,
        ),
        (AS_SHIPPED, _AS_SHIPPED_PRINTED),
    ),
)


def _pick(key: str, label: str, **changes: object) -> tuple[Variant, None]:
    return Variant(key, label, replace(SHIPPED, **changes)), None  # type: ignore[arg-type]


PICKS = PaperTable(
    "picks",
    "What the paper leaves open",
    (
        (AS_SHIPPED, None),
        _pick("softmax-in-use", "softmax over frames in use too", selection="softmax"),
        _pick("scores", "filter acts on scores", filtered="scores", normalisation="softmax"),
        _pick("c-maximum", "C: maximum over frames", guidance="maximum"),
        _pick("c-own", "C: each frame's own d_k", guidance="own"),
        _pick("times-c", "a_k times C", multiplier="guidance"),
        _pick("times-d", "a_k times d_k", multiplier="difference"),
        _pick("times-sharpness", "a_k times log sharpness", multiplier="log sharpness"),
        _pick("relu", "W: ReLU and divide", normalisation="relu"),
        _pick("softmax", "W: softmax", normalisation="softmax"),
        _pick("layer-5", "encoder 6 sees layer 5 alone", last_layer="previous"),
        _pick("window-3", "r = 3", window=3),
        _pick("window-9", "r = 9", window=9),
        _pick("window-17", "r = 17", window=17),
        _pick("sigma-1", "Reblur with sigma 1", reblur_sigma=1.0),
        _pick("sigma-3", "Reblur with sigma 3", reblur_sigma=3.0),
        _pick(
            "scores-own-sharpness",
            "scores, own d_k, log sharpness",
            filtered="scores",
            normalisation="softmax",
            guidance="own",
            multiplier="log sharpness",
        ),
    ),
)

REFERENCES = ("mean", "soft-focus")
"""Methods without a network that the variants are seen beside, by their names as baselines."""

TABLES = (GUIDED_FILTERS, LOSSES, NETWORKS, PICKS)
