"""The companion file, which makes the frames of a capture one OME-TIFF stack.

Programs that use Bio-Formats (Fiji, OMERO, QuPath) open it as one stack with z; every other
program opens the frames.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from app.captures.capture_record import CaptureRecord, FrameEntry
from app.captures.frame_file import frame_uuid
from app.captures.layout import COMPANION
from app.captures.scale import mean_step_um
from app.captures.stack import FrameFormat
from app.captures.whole_file import whole_file

if TYPE_CHECKING:
    from ome_types.model import OME


def write_companion(folder: Path, record: CaptureRecord, frame_format: FrameFormat) -> None:
    """Write the OME-XML (schema 2016-06) of a capture's stack beside its frames.

    Parameters
    ----------
    folder : Path
        The capture's.
    record : CaptureRecord
        With the z of the frames; those that are not used are not part of the stack. Nothing is
        written where none is.
    frame_format : FrameFormat
        Of all frames.

    Raises
    ------
    OSError
        The file cannot be written.
    """
    entries = _by_z([entry for entry in record.frames if entry.used])
    if not entries:
        return
    with whole_file(folder / COMPANION) as part:
        xml = _ome(folder.resolve().name, record, entries, frame_format).to_xml()
        part.write_text(f'<?xml version="1.0" encoding="UTF-8"?>\n{xml}', encoding="utf-8")


def load_writer() -> None:
    """Load all that writing takes, ahead of the first capture.

    For a tenth of a second that holds up every thread, a window's too.
    """
    record = CaptureRecord(microscope="", objective="", na=1, magnification=1, sweep={})
    frame = FrameEntry(
        index=0, file="frame.tif", t_mid_ns=0, t_sigma_ns=0, exposure_ms=0, lost_before=0, z_um=0
    )
    # Each class of the model is made ready for XML when its first object is written.
    _ome("", record, [frame], FrameFormat(1, 1, colour=False, dtype=np.dtype(np.uint8))).to_xml()


def _ome(
    name: str, record: CaptureRecord, entries: list[FrameEntry], frame_format: FrameFormat
) -> OME:
    # The model of the whole OME schema takes a second to import.
    from ome_types.model import (
        OME,
        Channel,
        Image,
        Pixels,
        Pixels_DimensionOrder,
        PixelType,
        Plane,
        TiffData,
        UnitsLength,
        UnitsTime,
    )

    samples = 3 if frame_format.colour else 1
    began_ns = min(entry.t_mid_ns for entry in entries)
    files = [
        TiffData(
            first_z=z,
            first_c=0,
            first_t=0,
            ifd=0,
            plane_count=1,
            uuid=TiffData.UUID(
                value=f"urn:uuid:{frame_uuid(record.uuid, entry.index)}",
                file_name=Path(entry.file).name,
            ),
        )
        for z, entry in enumerate(entries)
    ]
    planes = [
        Plane(
            the_z=z,
            the_c=0,
            the_t=0,
            position_z=entry.z_um,
            position_z_unit=UnitsLength.MICROMETER,
            exposure_time=entry.exposure_ms,
            exposure_time_unit=UnitsTime.MILLISECOND,
            delta_t=(entry.t_mid_ns - began_ns) * 1e-9,
            delta_t_unit=UnitsTime.SECOND,
        )
        for z, entry in enumerate(entries)
    ]
    pixels = Pixels(
        dimension_order=Pixels_DimensionOrder.XYCZT,
        type=PixelType(frame_format.dtype.name),
        size_x=frame_format.width,
        size_y=frame_format.height,
        size_z=len(entries),
        size_c=samples,
        size_t=1,
        big_endian=False,
        interleaved=frame_format.colour,
        physical_size_x=record.pixel_um,
        physical_size_y=record.pixel_um,
        physical_size_z=mean_step_um([entry.z_um for entry in entries]),
        channels=[Channel(samples_per_pixel=samples)],
        tiff_data_blocks=files,
        planes=planes,
    )
    image = Image(name=name, acquisition_date=record.created, pixels=pixels)
    return OME(uuid=f"urn:uuid:{record.uuid}", creator=f"WearIF {record.software}", images=[image])


def _by_z(entries: list[FrameEntry]) -> list[FrameEntry]:
    """Return the frames by increasing z, or as they came where z is not known of all."""
    z_um = {entry.index: entry.z_um for entry in entries if entry.z_um is not None}
    if len(z_um) < len(entries):
        return entries
    return sorted(entries, key=lambda entry: z_um[entry.index])
