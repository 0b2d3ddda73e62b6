"""What OME-XML, ImageJ's and Micro-Manager's metadata say about z, pixel size and exposure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree import ElementTree as ET

from app.captures.part import PlaneIndex
from app.captures.scale import Scale, complete, even_z, length_um, positive, time_ms


def ome_scale(xml: str, planes: Sequence[PlaneIndex]) -> Scale:
    """Read the planes' PositionZ, or else PhysicalSizeZ, their ExposureTime, and PhysicalSizeX.

    Parameters
    ----------
    xml : str
        The OME-XML of the file (OME schema 2016-06).
    planes : sequence of PlaneIndex
        The frames of the stack.
    """
    pixels = ome_pixels(xml)
    if not planes or planes[0].scene >= len(pixels):
        return Scale()
    image = pixels[planes[0].scene]
    z_um: dict[PlaneIndex, float | None] = {}
    exposures_ms: dict[PlaneIndex, float | None] = {}
    for plane in image.findall("{*}Plane"):
        try:
            time, channel, z = (int(plane.get(f"The{axis}", "0")) for axis in "TCZ")
        except ValueError:
            continue
        index = PlaneIndex(planes[0].scene, time, channel, z)
        z_um[index] = length_um(plane.get("PositionZ"), plane.get("PositionZUnit"))
        unit = plane.get("ExposureTimeUnit", "s")
        exposures_ms[index] = time_ms(plane.get("ExposureTime"), unit)
    step_um = length_um(image.get("PhysicalSizeZ"), image.get("PhysicalSizeZUnit", "µm"))
    pixel_um = length_um(image.get("PhysicalSizeX"), image.get("PhysicalSizeXUnit", "µm"))
    known = complete([z_um.get(index) for index in planes])
    return Scale(
        known or even_z(step_um, len(planes)),
        positive(pixel_um),
        complete([exposures_ms.get(index) for index in planes]),
    )


def ome_pixels(xml: str) -> list[ET.Element]:
    """Return the Pixels of each Image; none where the XML is no OME-XML."""
    try:
        root = ET.fromstring(xml)
    except ET.ParseError:
        return []
    return root.findall("{*}Image/{*}Pixels")


def imagej_scale(
    metadata: Mapping[str, Any], resolution: tuple[int, int] | None, count: int
) -> Scale:
    """Read ImageJ's ``spacing`` and its resolution, both in its ``unit``.

    Parameters
    ----------
    metadata : mapping
        ImageJ's image description.
    resolution : tuple of int, optional
        XResolution as a fraction: pixels per unit.
    count : int
        How many frames the stack has.
    """
    unit = str(metadata.get("unit", "")).replace("\\u00B5", "µ")
    step_um = length_um(metadata.get("spacing"), unit)
    pixel_um = None
    if resolution and resolution[0]:
        pixel_um = length_um(resolution[1] / resolution[0], unit)
    return Scale(even_z(step_um, count), positive(pixel_um))


def micromanager_scale(frames: Sequence[Mapping[str, Any]], summary: Mapping[str, Any]) -> Scale:
    """Read what Micro-Manager keeps with each frame, else what it says of the whole.

    Parameters
    ----------
    frames : sequence of mapping
        The metadata of every frame in the stack; ``ZPositionUm``, ``PixelSizeUm`` and
        ``Exposure-ms`` or ``Exposure`` count (Micro-Manager's file formats, "Image metadata").
    summary : mapping
        Of the file; ``z-step_um`` and ``PixelSizeUm`` count.
    """
    known = complete([length_um(frame.get("ZPositionUm"), "µm") for frame in frames])
    if known is not None and len(set(known)) == 1 < len(known):
        known = None  # The focus drive was not the stage that Micro-Manager moved.
    step_um = length_um(summary.get("z-step_um"), "µm")
    first = frames[0] if frames else {}
    pixel_um = length_um(first.get("PixelSizeUm", summary.get("PixelSizeUm")), "µm")
    exposures = [time_ms(f.get("Exposure-ms", f.get("Exposure")), "ms") for f in frames]
    return Scale(known or even_z(step_um, len(frames)), positive(pixel_um), complete(exposures))
