"""What an operator has set at one microscope, kept from one day to the next."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.captures.capture_record import CaptureLabels
from app.captures.reason import reason
from app.captures.whole_file import whole_file
from app.profiles import profiles_folder

Finite = Annotated[float, Field(allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
REMEMBERED = 20
"""How many texts of each label are offered again."""
ONCE = {"field": "", "notes": ""}
"""Labels that say something about one capture only: the next one starts without them."""


class SettingsError(Exception):
    """Settings cannot be read or written; the message names the file and the reason."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Place(_Model):
    """A stored position of the stage."""

    name: str = Field(min_length=1, max_length=60)
    x_um: Finite
    y_um: Finite
    z_um: Finite


class SweepPreset(_Model):
    """How to sweep with one objective."""

    step_fraction: Annotated[float, Field(gt=0, le=1)]
    """Distance between frames as a share of the depth of field."""
    exposure_ms: Positive
    gain_db: Finite
    fps: Positive


class OperatorSettings(_Model):
    """Stored positions, presets by the name of their objective, and labels."""

    schema_version: Literal[1] = 1
    places: tuple[Place, ...] = ()
    presets: dict[str, SweepPreset] = {}
    labels: CaptureLabels = CaptureLabels()
    """Of the next capture."""
    used_labels: dict[str, tuple[str, ...]] = {}
    """What captures were labelled with, by label, the last text first."""

    def with_place(self, place: Place) -> OperatorSettings:
        """Return the settings with a position stored, in place of one of the same name."""
        others = tuple(each for each in self.places if each.name != place.name)
        return self.model_copy(update={"places": (*others, place)})

    def without_place(self, name: str) -> OperatorSettings:
        """Return the settings without a position."""
        return self.model_copy(
            update={"places": tuple(each for each in self.places if each.name != name)}
        )

    def with_preset(self, objective: str, preset: SweepPreset) -> OperatorSettings:
        """Return the settings with the preset of an objective."""
        return self.model_copy(update={"presets": {**self.presets, objective: preset}})

    def with_label(self, label: str, text: str) -> OperatorSettings:
        """Return the settings with one label of the next capture changed."""
        labels = CaptureLabels.model_validate({**self.labels.model_dump(), label: text})
        return self.model_copy(update={"labels": labels})

    def after_capture(self) -> OperatorSettings:
        """Return the settings once a capture has got the labels: they are offered from now on."""
        used = dict(self.used_labels)
        for label, text in self.labels.model_dump(exclude={"notes"}).items():
            if text:
                others = (each for each in used.get(label, ()) if each != text)
                used[label] = (text, *others)[:REMEMBERED]
        labels = self.labels.model_copy(update=ONCE)
        return self.model_copy(update={"labels": labels, "used_labels": used})

    def free_name(self, stem: str) -> str:
        """Return a name that no position has yet: the stem and a number."""
        taken = {place.name for place in self.places}
        number = 1
        while f"{stem} {number}" in taken:
            number += 1
        return f"{stem} {number}"


def settings_folder() -> Path:
    """Return where the operator's settings lie; it need not exist."""
    return profiles_folder().parent / "operator"


def settings_file(folder: Path, microscope: str) -> Path:
    """Return the file of one microscope; its name may hold anything."""
    return folder / f"{re.sub(r'[^A-Za-z0-9._-]+', '_', microscope)}.json"


def load_settings(path: Path) -> OperatorSettings:
    """Read settings; those of a new microscope are empty.

    Raises
    ------
    SettingsError
        The file cannot be read, or does not hold settings.
    """
    try:
        return OperatorSettings.model_validate_json(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return OperatorSettings()
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {reason(error)}.") from error
    except (UnicodeDecodeError, ValidationError) as error:
        raise SettingsError(
            f"{path}: does not hold stored positions and presets. Delete or repair it; until then "
            "there are none."
        ) from error


def save_settings(path: Path, settings: OperatorSettings) -> None:
    """Replace the settings, all at once.

    Raises
    ------
    SettingsError
        The file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(path) as part:
            part.write_text(settings.model_dump_json(indent=1), encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"{path}: cannot be written: {reason(error)}.") from error
