"""One page about a fusion: HTML that needs nothing else, printed on one sheet of A4."""

from __future__ import annotations

import base64
from datetime import datetime
from html import escape
from importlib.resources import files
from string import Template
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from app.captures.export.exportable import Exportable
from app.captures.export.jpeg_file import jpeg_bytes
from app.captures.export.report_words import WORDS, ReportLanguage
from app.captures.measurements import Heights, Shape, readings
from app.captures.recipe import CaptureCard, Recipe
from app.captures.scale_bar import scale_bar
from app.captures.thumbnail import shrunk

PICTURE_PX: Final = 1800
"""Of the fused image: 245 dots per inch on paper."""
MAP_PX: Final = 900
_QUALITY: Final = 90
_STOPS: Final = 17
"""Colours that the colour bar is blended from."""
_INK: Final = "#1c2126"
_DRAWN: Final = "#ffd84a"


def report_page(exported: Exportable, language: ReportLanguage = "en") -> str:
    """Return the report as HTML.

    Parameters
    ----------
    exported : Exportable
    language : str
        ``en`` or ``zh_CN``.
    """
    words, recipe = WORDS[language], exported.recipe
    page = Template((files("resources") / "report" / "report.html").read_text("utf-8"))
    now = datetime.now().astimezone()
    return page.substitute(
        language=language.replace("_", "-"),
        heading=words["title"],
        name=escape(recipe.fusion.input),
        labels=_rows(_labels(recipe, words), wide=words["notes"]),
        fused=_fused_svg(exported, words["fused"]),
        height_title=words["height"],
        height=_height_svg(exported.heights, words),
        how_title=words["how"],
        how=_rows(_how(recipe, words)),
        again=words["again"],
        made=escape(words["page"].format(date=f"{now:%Y-%m-%d %H:%M}")),
        sha256=recipe.fused_sha256,
        # Nothing in it may end the element that holds it.
        recipe=recipe.model_dump_json().replace("<", "\\u003c"),
    )


def _labels(recipe: Recipe, words: dict[str, str]) -> list[tuple[str, str]]:
    card = recipe.capture
    pixel_um = recipe.fusion.pixel_um
    pixel = "" if pixel_um is None else f"{pixel_um:.4g} µm"
    if card is None:
        return [(words["pixel"], pixel)]
    labels = card.labels.model_dump()
    told = [(words[key], labels.get(key, "")) for key in ("slide", "sample", "machine")]
    told += [(words["operator"], labels["operator"]), (words["field"], labels.get("field", ""))]
    told += [
        (words["captured"], f"{card.created.astimezone():%Y-%m-%d %H:%M}"),
        (words["microscope"], card.microscope),
        (words["objective"], card.objective),
        (words["pixel"], pixel),
    ]
    return told + ([(words["notes"], labels["notes"])] if labels["notes"] else [])


def _how(recipe: Recipe, words: dict[str, str]) -> list[tuple[str, str]]:
    fusion, card = recipe.fusion, recipe.capture
    told = [] if card is None else _sweep(card, words)
    count = str(len(fusion.frames))
    if card is not None:
        count = words["frames_of"].format(n=count, recorded=card.recorded, lost=card.lost)
    told.append((words["frames"], count))
    if fusion.excluded:
        told.append((words["excluded"], ", ".join(str(index) for index in fusion.excluded)))
    if fusion.painted:
        told.append((words["painted"], ", ".join(str(frame.index) for frame in fusion.painted)))
    told.append((words["aligned"], _alignment(recipe, words)))
    digest = (fusion.weights_sha256 or "")[:16]
    told.append((words["model"], f"{fusion.model} {digest}".strip()))
    versions = fusion.versions
    program = f"WearIF {versions.get('wearif', '')}, torch {versions.get('torch', '')}"
    return [*told, (words["software"], program)]


def _sweep(card: CaptureCard, words: dict[str, str]) -> list[tuple[str, str]]:
    def number(key: str) -> float | None:
        value = card.sweep.get(key)
        return float(value) if isinstance(value, int | float) else None

    lowest, highest, step = number("z_from_um"), number("z_to_um"), number("step_um")
    speed, exposure_ms = number("speed_um_per_s"), number("exposure_ms")
    told = []
    if lowest is not None and highest is not None:
        span = f"z {lowest:.1f} … {highest:.1f} µm"
        told.append((words["range"], span if step is None else f"{span}, Δz {step:.2f} µm"))
    if speed is not None:
        told.append((words["speed"], f"{speed:.1f} µm/s"))
    if exposure_ms is not None:
        told.append((words["exposure"], f"{exposure_ms:g} ms"))
    return told


def _alignment(recipe: Recipe, words: dict[str, str]) -> str:
    warps = [frame.warp for frame in recipe.fusion.frames if frame.warp is not None]
    if not warps:
        return words["not_aligned"]
    moved = max(float(np.hypot(warp[0][2], warp[1][2])) for warp in warps)
    return words["aligned_by"].format(px=moved)


def _rows(told: list[tuple[str, str]], wide: str = "") -> str:
    return "".join(
        f"<div{' class=wide' if name == wide else ''}><dt>{escape(name)}</dt>"
        f"<dd>{escape(value) or '–'}</dd></div>"
        for name, value in told
    )


def _fused_svg(exported: Exportable, title: str) -> str:
    rows, columns = exported.height.shape
    unit = columns / 100
    parts = [_image(exported.picture, PICTURE_PX, columns, rows)]
    parts += [_drawn(each, exported, unit) for each in exported.shapes]
    if exported.pixel_um is not None:
        parts.append(_bar(exported.pixel_um, columns, rows, unit))
    return _svg("".join(parts), columns, rows, title)


def _bar(pixel_um: float, columns: int, rows: int, unit: float) -> str:
    bar = scale_bar(pixel_um, columns)
    width, height = bar.length_px + 2 * unit, 4.2 * unit
    left, top = columns - width - 1.2 * unit, rows - height - 1.2 * unit
    return (
        f'<rect x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{height:.1f}" '
        f'rx="{unit * 0.4:.1f}" fill="#0a0c10" fill-opacity="0.65"/>'
        f'<rect x="{left + unit:.1f}" y="{top + 3.1 * unit:.1f}" width="{bar.length_px:.1f}" '
        f'height="{unit * 0.35:.2f}" fill="#fff"/>'
        f'<text x="{left + width / 2:.1f}" y="{top + 2.4 * unit:.1f}" fill="#fff" '
        f'font-size="{unit * 2:.1f}" text-anchor="middle">{escape(bar.text)}</text>'
    )


def _drawn(shape: Shape, exported: Exportable, unit: float) -> str:
    """Draw a shape and, beside its first point, its label and the value that says most."""
    values = readings(shape, exported.pixel_um, exported.heights)
    said = [shape.label] + [f"{value.value:.4g} {value.unit}" for value in values[:1]]
    x, y = shape.points[0]
    pen = f'fill="none" stroke="{_DRAWN}" stroke-width="{unit * 0.25:.2f}"'
    if shape.kind == "circle":
        radius = float(np.hypot(*np.subtract(shape.points[1], shape.points[0])))
        line = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" {pen}/>'
    else:
        points = " ".join(f"{px:.1f},{py:.1f}" for px, py in shape.points)
        kind = "polygon" if shape.kind == "polygon" else "polyline"
        line = f'<{kind} points="{points}" {pen}/>'
    return line + (
        f'<text x="{x:.1f}" y="{y - 0.8 * unit:.1f}" font-size="{unit * 2.2:.1f}" fill="{_DRAWN}" '
        f'stroke="#000" stroke-opacity="0.55" stroke-width="{unit * 0.3:.2f}" paint-order="stroke">'
        f"{escape(' '.join(word for word in said if word))}</text>"
    )


def _height_svg(heights: Heights, words: dict[str, str]) -> str:
    rows, columns = heights.values.shape
    low, high = (float(value) for value in np.percentile(heights.values, (0.5, 99.5)))
    if high <= low:
        low, high = low - 0.5, low + 0.5
    scaled = (heights.values - low) * (255 / (high - low))
    grey = np.rint(scaled).clip(0, 255).astype(np.uint8)
    colours = cv2.applyColorMap(grey, cv2.COLORMAP_CIVIDIS)[..., ::-1]
    unit = columns / 100
    left, bar = columns + 2 * unit, rows - 4 * unit
    table = cv2.applyColorMap(np.arange(256, dtype=np.uint8)[:, None], cv2.COLORMAP_CIVIDIS)
    stops = "".join(
        f'<stop offset="{place / (_STOPS - 1):.4f}" stop-color="rgb({r},{g},{b})"/>'
        for place in range(_STOPS)
        for b, g, r in [table[round(place * 255 / (_STOPS - 1)), 0]]
    )
    ticks = "".join(
        f'<text x="{left + 4 * unit:.1f}" y="{2 * unit + bar * (1 - part) + 1.1 * unit:.1f}" '
        f'font-size="{3.2 * unit:.1f}" fill="{_INK}">{low + part * (high - low):.1f}</text>'
        for part in (0, 0.25, 0.5, 0.75, 1)
    )
    named = "µm" if heights.unit == "µm" else words["frame_number"]
    body = (
        f'<defs><linearGradient id="heights" x1="0" y1="1" x2="0" y2="0">{stops}</linearGradient>'
        f"</defs>{_image(np.ascontiguousarray(colours), MAP_PX, columns, rows)}"
        f'<rect x="{left:.1f}" y="{2 * unit:.1f}" width="{3 * unit:.1f}" height="{bar:.1f}" '
        f'fill="url(#heights)"/>{ticks}'
        f'<text x="{left + 13.5 * unit:.1f}" y="{2 * unit + bar / 2 + unit:.1f}" '
        f'font-size="{3.2 * unit:.1f}" fill="{_INK}">{escape(named)}</text>'
    )
    return _svg(body, columns + 22 * unit, rows, words["height"])


def _image(picture: NDArray[Any], longest_px: int, columns: int, rows: int) -> str:
    data = base64.b64encode(jpeg_bytes(shrunk(picture, longest_px), quality=_QUALITY))
    return (
        f'<image width="{columns}" height="{rows}" preserveAspectRatio="none" '
        f'href="data:image/jpeg;base64,{data.decode("ascii")}"/>'
    )


def _svg(body: str, width: float, height: float, title: str) -> str:
    return (
        f'<svg viewBox="0 0 {width:.1f} {height:.1f}" role="img" aria-label="{escape(title)}">'
        f"{body}</svg>"
    )
