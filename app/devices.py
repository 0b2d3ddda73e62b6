"""Which stages and cameras are there, and a profile to start from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, cast

from serial.tools.list_ports import comports

from app.profiles import (
    CameraProfile,
    MicroscopeProfile,
    Objective,
    ProfileError,
    StageProfile,
    profiles_folder,
    save_profile,
)
from drivers.errors import DeviceError
from drivers.port_probe import Finding, probe_port

OBJECTIVES: Final = (
    Objective(name="10x/0.25", magnification=10, na=0.25),
    Objective(name="20x/0.40", magnification=20, na=0.40),
    Objective(name="50x/0.80", magnification=50, na=0.80),
    Objective(name="100x/0.80", magnification=100, na=0.80),
)
"""Common ones for reflected light; the operator puts in what the turret holds."""
PIXEL_UM: Final = 3.45
"""Of the Sony IMX250 and IMX264 sensors, the commonest in Basler's cameras of 5 megapixels."""

Say = Callable[[str], None]
StageDriver = Literal["grbl", "zaber", "prior", "asi", "tango"]


class DevicesError(Exception):
    """What was asked for cannot be done; the message says why."""


@dataclass(frozen=True, slots=True)
class PortFound:
    """A serial port and what answered on it."""

    url: str
    description: str
    finding: Finding | None
    trouble: str = ""
    """Why it could not be asked."""

    def __str__(self) -> str:
        what = self.description if self.description not in ("", "n/a") else "serial port"
        if self.finding is None:
            return f"{self.url}  {what}: {self.trouble}"
        if self.finding.kind is not None:
            rate = "" if "://" in self.url else f" at {self.finding.baud} baud"
            return f"{self.url}  {what}: {self.finding.kind}{rate}: {self.finding.said!r}"
        said = f"said {self.finding.said!r}" if self.finding.said else "no answer"
        return f"{self.url}  {what}: {said}"


@dataclass(frozen=True, slots=True)
class CameraFound:
    """A camera that a profile can name."""

    driver: Literal["basler", "uvc"]
    serial: str
    name: str

    def __str__(self) -> str:
        return f"{self.driver}  {self.serial}  {self.name}"


def show_devices(urls: Sequence[str], profile_name: str, say: Say) -> None:
    """List ports and cameras with what answered; write a profile if it has a name.

    Parameters
    ----------
    urls : sequence of str
        Ports to ask on; all of this computer's if there are none.
    profile_name : str
        Of the profile to be written; none is if it is empty.
    say : callable
        Gets each line.

    Raises
    ------
    ProfileError
        The profile cannot be written.
    """
    ports = probe_ports(
        [(url, "") for url in urls] or list_ports(), lambda port: say(f"port    {port}")
    )
    if not ports:
        say("port    none")
    cameras, troubles = find_cameras()
    for camera in cameras:
        say(f"camera  {camera}")
    if not cameras:
        say("camera  none")
    for trouble in troubles:
        say(f"camera  {trouble}")
    if not profile_name:
        return
    path = write_profile(profile_name, ports, cameras)
    say(f"profile {path}")
    say("        check in it: directions, units and limits of the axes, pixel_um, objectives")


def list_ports() -> list[tuple[str, str]]:
    """Return the serial ports of this computer with their descriptions; none is opened."""
    return sorted((port.device, port.description or "") for port in comports())


def probe_ports(
    urls: Iterable[tuple[str, str]], on_found: Callable[[PortFound], None]
) -> list[PortFound]:
    """Ask on each port who is there; see `drivers.port_probe`.

    Parameters
    ----------
    urls : iterable of (str, str)
        Ports and their descriptions.
    on_found : callable
        Gets each port as soon as it has been asked.
    """
    found = []
    for url, description in urls:
        try:
            port = PortFound(url, description, probe_port(f"port {url}", url))
        except DeviceError as error:
            port = PortFound(url, description, None, error.answer)
        on_found(port)
        found.append(port)
    return found


def find_cameras() -> tuple[list[CameraFound], list[str]]:
    """Look for cameras; return them, and why some kinds could not be looked for."""
    from drivers.basler import list_cameras as list_basler
    from drivers.uvc_find import list_cameras as list_uvc

    cameras: list[CameraFound] = []
    troubles: list[str] = []
    try:
        cameras += [CameraFound("basler", each.serial, each.name) for each in list_basler()]
    except DeviceError as error:
        troubles.append(str(error))
    try:
        cameras += [CameraFound("uvc", str(each.index), each.name) for each in list_uvc()]
    except DeviceError as error:
        troubles.append(str(error))
    return cameras, troubles


def write_profile(
    name: str,
    ports: Sequence[PortFound],
    cameras: Sequence[CameraFound],
    folder: Path | None = None,
) -> Path:
    """Write a profile of the first stage and the first camera that were found.

    Raises
    ------
    ProfileError
        No stage has answered, or there is such a profile already.
    """
    stages = [port for port in ports if port.finding is not None and port.finding.kind]
    if not stages:
        raise ProfileError(f"{name}: not written: no stage has answered on any port")
    path = (folder or profiles_folder()) / f"{name}.toml"
    if path.exists():
        raise ProfileError(f"{path}: not written: there is such a profile already")
    camera = cameras[0] if cameras else CameraFound("basler", "", "the first camera found")
    profile = MicroscopeProfile(
        name=name,
        stage=_stage_profile(stages[0]),
        camera=CameraProfile(driver=camera.driver, serial=camera.serial, pixel_um=PIXEL_UM),
        objectives=OBJECTIVES,
        objective=OBJECTIVES[0].name,
    )
    save_profile(profile, path)
    return path


def _stage_profile(port: PortFound) -> StageProfile:
    finding = port.finding
    if finding is None or finding.kind is None:
        msg = f"nothing was recognised on {port.url}"
        raise ValueError(msg)
    return StageProfile(
        driver=cast("StageDriver", finding.kind),
        url=port.url,
        baud=None if "://" in port.url else finding.baud,
    )
