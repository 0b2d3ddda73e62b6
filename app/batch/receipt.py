"""What ``batch.json`` beside results says: of which stack, with which settings they are."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.batch.location import Location
from app.captures.fusion_record import ResultFile
from app.captures.fusion_settings import FusionSettings

RECEIPT: Final = "batch.json"


class Receipt(BaseModel):
    """Results that are complete: written last, removed before anything else changes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    schema_version: Literal[1] = 1
    source: str
    """Path or URL of the stack."""
    source_stamp: str
    """Of the stack's files, when it was fused."""
    settings: FusionSettings
    weights_sha256: str
    frames: int = Field(ge=1)
    results: tuple[ResultFile, ...]

    def answers(self, stamp: str, settings: FusionSettings, weights_sha256: str) -> bool:
        """Say whether these are the results of the same files, settings and weights.

        Weights are the same wherever their file lies and whatever it is called.
        """
        asked = settings.model_copy(update={"model": self.settings.model})
        return (self.source_stamp, self.settings, self.weights_sha256) == (
            stamp,
            asked,
            weights_sha256,
        )


def read_receipt(results: Location) -> Receipt | None:
    """Read the receipt in a folder of results; None where there is none that can be read.

    Raises
    ------
    LocationError
        It is there, but the file system does not give it.
    """
    content = results.read(RECEIPT)
    if content is None:
        return None
    try:
        return Receipt.model_validate_json(content)
    except ValidationError:
        # A power cut, or another program's file of that name: fused again, it is a receipt.
        return None
