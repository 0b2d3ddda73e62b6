"""Controllers that a laboratory declares in a TOML file instead of writing code.

`docs/controllers.md` explains the file to its authors; `drivers.declared` speaks by it.
"""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from drivers.stage import AxisName
from drivers.toml_file import TomlError, read_toml

_NUMBER: Final = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_SHORT: Final = {"state": r"\S+", "text": r".+", "version": r".+"}
"""What ``<name>`` stands for in a reply; any other name is a number."""

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Decimals = Annotated[int, Field(ge=0, le=6)]
AXIS_NAMES: Final = ("x", "y", "z")
_PLACEHOLDER: Final = re.compile(r"\{(\w*)\}")


class DeclarationError(Exception):
    """A controller's file cannot be used; the message is one line: file, field, reason."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _pattern(text: object) -> object:
    """Write out ``<name>`` as a named group."""
    if not isinstance(text, str):
        return text

    def written_out(short: re.Match[str]) -> str:
        return f"(?P<{short[1]}>{_SHORT.get(short[1], _NUMBER)})"

    return re.sub(r"(?<!\?P)<(\w+)>", written_out, text)


Reply = Annotated[re.Pattern[str], BeforeValidator(_pattern)]


class Framing(_Model):
    """How lines are told apart."""

    baud: Annotated[int, Field(gt=0)]
    send_end: Annotated[str, Field(min_length=1)]
    receive_end: Annotated[str, Field(min_length=1)]


class Request(_Model):
    """One request and the shape of its answer."""

    send: Annotated[str, Field(min_length=1)]
    """Placeholders in braces are filled in; which ones depends on the table."""
    reply: Reply | None = None
    """What the whole answer looks like; absent where the controller never answers."""
    timeout_s: Positive = 1.0

    @field_validator("send")
    @classmethod
    def _ascii(cls, text: str) -> str:
        if text.isascii():
            return text
        msg = f"{text!r} has characters that are not ASCII"
        raise ValueError(msg)

    @property
    def placeholders(self) -> set[str]:
        """The names in braces."""
        return set(_PLACEHOLDER.findall(self.send))

    @property
    def groups(self) -> set[str]:
        """The names in the answer's pattern."""
        return set() if self.reply is None else set(self.reply.groupindex)

    def allow(self, table: str, placeholders: set[str], groups: set[str]) -> None:
        """Raise unless only these placeholders occur, and all of these groups."""
        strange = self.placeholders - placeholders
        if strange:
            known = ", ".join(f"{{{each}}}" for each in sorted(placeholders)) or "none"
            msg = f"{table}.send has {{{strange.pop()}}}; it may have {known}"
            raise ValueError(msg)
        missing = groups - self.groups
        if missing:
            msg = f"{table}.reply must say where <{min(missing)}> is"
            raise ValueError(msg)


class StatusRequest(_Model):
    """How the controller says whether it moves."""

    send: str = ""
    """Empty where the answer to ``position.send`` has the state in it."""
    reply: Reply | None = None
    moving: re.Pattern[str]
    """The states in which it moves."""
    unreferenced: re.Pattern[str] | None = None
    """The states in which its position cannot be trusted."""
    alarm: re.Pattern[str] | None = None
    """The states in which it waits for a person."""
    timeout_s: Positive = 1.0

    @property
    def request(self) -> Request | None:
        """The question; None where the answer to the position's says it."""
        if not self.send:
            return None
        return Request(send=self.send, reply=self.reply, timeout_s=self.timeout_s)


class SpeedRequests(Request):
    """How a speed is set and read back."""

    decimals: Decimals = 0
    read_back: Request | None = None
    """Absent where the controller does not say; its speed is then believed."""


class MoveRequest(Request):
    """How an absolute move is begun."""

    decimals: Decimals = 0


class HomeRequest(Request):
    """How the search for the reference switches is begun."""

    axes: tuple[AxisName, ...] = ("z", "x", "y")
    """In which order, where each axis is told by itself."""


class Stop(_Model):
    """What halts all axes."""

    send: Annotated[str, Field(min_length=1)]
    line_end: bool = True
    """Whether a line end follows; not so for single bytes that act at once."""


class NoticePattern(_Model):
    """An unasked line that matters."""

    line: re.Pattern[str]
    means: Literal["alarm", "position lost"]


class Axis(_Model):
    """The facts of one axis, in the controller's own directions."""

    letter: str
    """What replaces ``{axis}``."""
    um_per_unit: Positive
    um_per_s_per_unit: Positive | None = None
    """µm/s for one unit of speed; ``um_per_unit`` if not given."""
    lower_um: Finite | None = None
    upper_um: Finite | None = None
    """The controller's travel, counted from its own zero."""
    slowest_um_per_s: Positive
    fastest_um_per_s: Positive
    acceleration_um_per_s2: Positive
    resolution_um: Positive

    @property
    def speed_unit_um_per_s(self) -> float:
        """µm/s for one unit of speed."""
        return self.um_per_s_per_unit or self.um_per_unit

    @model_validator(mode="after")
    def _ordered(self) -> Axis:
        lower, upper = self.lower_um, self.upper_um
        if lower is not None and upper is not None and lower >= upper:
            msg = f"lower_um {lower:g} must be below upper_um {upper:g}"
            raise ValueError(msg)
        if self.slowest_um_per_s >= self.fastest_um_per_s:
            msg = "slowest_um_per_s must be below fastest_um_per_s"
            raise ValueError(msg)
        return self


class Axes(_Model):
    """The three axes."""

    x: Axis
    y: Axis
    z: Axis

    def axis(self, name: AxisName) -> Axis:
        """Return the facts of one axis."""
        return {"x": self.x, "y": self.y, "z": self.z}[name]


class Controller(_Model):
    """A declared controller."""

    name: Annotated[str, Field(min_length=1)]
    framing: Framing
    refusal: Reply | None = None
    """What a refusal looks like; a group ``text`` in it is quoted."""
    identify: Request
    setup: tuple[Request, ...] = ()
    """Sent once after the identification; nothing of it may move anything."""
    check: Request | None = None
    """Asked after every request that has no answer of its own."""
    position: Request
    status: StatusRequest
    limits: Request | None = None
    speed: SpeedRequests
    move: MoveRequest
    stop: Annotated[tuple[Stop, ...], Field(min_length=1)]
    home: HomeRequest | None = None
    clear_alarm: Request | None = None
    notices: tuple[NoticePattern, ...] = ()
    axes: Axes

    @model_validator(mode="after")
    def _requests_fit(self) -> Controller:
        self._require_reply("identify", self.identify)
        self.identify.allow("identify", set(), set())
        self._require_reply("position", self.position)
        by_axis = "axis" in self.position.placeholders
        self.position.allow("position", {"axis"}, {"value"} if by_axis else set(AXIS_NAMES))
        self.speed.allow("speed", {"axis", "speed"}, set())
        if "speed" not in self.speed.placeholders:
            msg = "speed.send must say where {speed} goes"
            raise ValueError(msg)
        if self.speed.read_back is not None:
            self._require_reply("speed.read_back", self.speed.read_back)
            self.speed.read_back.allow("speed.read_back", {"axis"}, {"value"})
        self._check_status()
        self._check_move()
        if self.limits is not None:
            self._require_reply("limits", self.limits)
            self.limits.allow("limits", {"axis"}, {"lower", "upper"})
        if self.check is not None:
            self._require_reply("check", self.check)
        if self.home is not None:
            self.home.allow("home", {"axis"}, set())
        for number, request in enumerate(self.setup):
            request.allow(f"setup.{number}", set(), set())
        return self

    def _check_status(self) -> None:
        request = self.status.request
        if request is not None:
            self._require_reply("status", request)
            request.allow("status", {"axis"}, {"state"})
        elif "state" not in self.position.groups:
            msg = "status.send is missing, and position.reply has no group (?P<state>...)"
            raise ValueError(msg)

    def _check_move(self) -> None:
        fields = self.move.placeholders
        if fields not in ({"axis", "target"}, set(AXIS_NAMES)):
            msg = "move.send must have {axis} and {target}, or {x}, {y} and {z}"
            raise ValueError(msg)

    @staticmethod
    def _require_reply(table: str, request: Request) -> None:
        if request.reply is None:
            msg = f"{table}.reply is missing"
            raise ValueError(msg)


def shipped_controllers() -> Path:
    """Return where the declarations lie that come with the program."""
    return Path(str(files("resources"))) / "controllers"


def load_controller(path_or_name: Path | str, own_folder: Path | None = None) -> Controller:
    """Read a controller's file.

    Parameters
    ----------
    path_or_name : Path or str
        A TOML file, or the name of an own or shipped controller, such as ``"example"``.
    own_folder : Path, optional
        Where own files lie; one of the same name goes before a shipped one.

    Raises
    ------
    DeclarationError
        No such file, or a field of it is wrong.
    """
    path = _resolve(path_or_name, own_folder)
    try:
        return Controller.model_validate(read_toml(path))
    except TomlError as error:
        raise DeclarationError(str(error)) from error
    except ValidationError as error:
        raise DeclarationError(f"{path}: {_reasons(error)}") from error


def _resolve(path_or_name: Path | str, own_folder: Path | None) -> Path:
    if isinstance(path_or_name, Path) or path_or_name.endswith(".toml"):
        return Path(path_or_name)
    known: dict[str, Path] = {}
    for folder in filter(None, (shipped_controllers(), own_folder)):
        known.update({path.stem: path for path in sorted(folder.glob("*.toml"))})
    if path_or_name not in known:
        raise DeclarationError(
            f"{path_or_name}: no such controller; there are {', '.join(known)}; or give a file"
        )
    return known[path_or_name]


def _reasons(error: ValidationError) -> str:
    """Say in one line which fields are wrong and why."""
    reasons = []
    for each in error.errors():
        field = ".".join(str(part) for part in each["loc"])
        reason = " ".join(each["msg"].removeprefix("Value error, ").split())
        reasons.append(f"{field}: {reason}" if field else reason)
    return "; ".join(reasons)
