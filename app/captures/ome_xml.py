"""The OME-XML of results and exports (schema 2016-06), and the recipe in it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from app.captures.recipe import RECIPE_NAME, CaptureCard, Recipe
from app.captures.scale import mean_step_um
from app.captures.stack import FrameFormat

if TYPE_CHECKING:
    from ome_types.model import OME, Instrument, Plane


def ome_xml(
    name: str,
    frame_format: FrameFormat,
    recipe: Recipe,
    *,
    description: str,
    z_um: tuple[float | None, ...] | None = None,
) -> str:
    """Describe a picture, or a stack of them, as an OME-TIFF's first page carries it.

    Parameters
    ----------
    name : str
        Of the image.
    frame_format : FrameFormat
        Of a page.
    recipe : Recipe
        Goes along as a comment of the namespace `RECIPE_NAME`.
    description : str
    z_um : tuple, optional
        Of each page; a single page without it.
    """
    xml = _ome(name, frame_format, recipe, description, z_um).to_xml()
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{xml}'


def recipe_text(xml: str) -> str | None:
    """Return the recipe in an OME-XML; None if it holds none."""
    try:
        root = ET.fromstring(xml)
    except ET.ParseError:
        return None
    for annotation in root.findall(".//{*}CommentAnnotation"):
        if annotation.get("Namespace") == RECIPE_NAME:
            return annotation.findtext("{*}Value")
    return None


def _ome(
    name: str,
    frame_format: FrameFormat,
    recipe: Recipe,
    description: str,
    z_um: tuple[float | None, ...] | None,
) -> OME:
    # The model of the whole OME schema takes a second to import.
    from ome_types.model import (
        OME,
        AnnotationRef,
        Channel,
        CommentAnnotation,
        Experimenter,
        ExperimenterRef,
        Image,
        InstrumentRef,
        ObjectiveSettings,
        Pixels,
        Pixels_DimensionOrder,
        PixelType,
        StructuredAnnotations,
        TiffData,
    )

    pages = 1 if z_um is None else len(z_um)
    samples = 3 if frame_format.colour else 1
    pixels = Pixels(
        id="Pixels:0",
        dimension_order=Pixels_DimensionOrder.XYCZT,
        type=PixelType("float" if frame_format.dtype.kind == "f" else frame_format.dtype.name),
        size_x=frame_format.width,
        size_y=frame_format.height,
        size_z=pages,
        size_c=samples,
        size_t=1,
        big_endian=False,
        interleaved=frame_format.colour,
        physical_size_x=recipe.fusion.pixel_um,
        physical_size_y=recipe.fusion.pixel_um,
        physical_size_z=mean_step_um(z_um or ()),
        channels=[Channel(id="Channel:0:0", samples_per_pixel=samples)],
        tiff_data_blocks=[TiffData(ifd=0, plane_count=pages)],
        planes=_planes(z_um),
    )
    note = CommentAnnotation(
        id="Annotation:0", namespace=RECIPE_NAME, value=recipe.model_dump_json()
    )
    image = Image(
        id="Image:0",
        name=name,
        description=description,
        pixels=pixels,
        annotation_refs=[AnnotationRef(id=note.id)],
    )
    ome = OME(
        creator=f"WearIF {recipe.fusion.versions.get('wearif', '')}".strip(),
        images=[image],
        structured_annotations=StructuredAnnotations(comment_annotations=[note]),
    )
    card = recipe.capture
    if card is None:
        return ome
    image.acquisition_date = card.created
    ome.instruments = [_instrument(card)]
    image.instrument_ref = InstrumentRef(id="Instrument:0")
    image.objective_settings = ObjectiveSettings(id="Objective:0:0")
    if card.labels.operator:
        ome.experimenters = [Experimenter(id="Experimenter:0", user_name=card.labels.operator)]
        image.experimenter_ref = ExperimenterRef(id="Experimenter:0")
    return ome


def _planes(z_um: tuple[float | None, ...] | None) -> list[Plane]:
    from ome_types.model import Plane, UnitsLength

    return [
        Plane(the_z=page, the_c=0, the_t=0, position_z=z, position_z_unit=UnitsLength.MICROMETER)
        for page, z in enumerate(z_um or ())
        if z is not None
    ]


def _instrument(card: CaptureCard) -> Instrument:
    from ome_types.model import Instrument, Microscope, Objective

    objective = Objective(
        id="Objective:0:0",
        model=card.objective,
        lens_na=card.na,
        nominal_magnification=card.magnification,
    )
    microscope = Microscope(model=card.microscope)
    return Instrument(id="Instrument:0", microscope=microscope, objectives=[objective])
