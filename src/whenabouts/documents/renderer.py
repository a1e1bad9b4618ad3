"""What matplotlib draws on: SVG with classes for colours, texts as texts, and no fonts, settings or identifiers.

Colours stand as attributes too, so that the picture is whole by itself; a page's rules for the classes go before.
Nothing global is read or set, so that two threads may draw at once, and the same chart always gives the same bytes.
"""

from __future__ import annotations

import math
import re
from html import escape
from typing import Any
from unicodedata import east_asian_width

import numpy as np
from matplotlib.backend_bases import FigureCanvasBase, RendererBase
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.path import Path
from matplotlib.transforms import Affine2D

from whenabouts.documents.palette import LIGHT

__all__ = ["Canvas", "clean", "width_of"]

ROLES = {colour: role for role, colour in LIGHT.items()}
LETTERS = {Path.MOVETO: "M", Path.LINETO: "L", Path.CURVE3: "Q", Path.CURVE4: "C"}
UNWRITABLE = re.compile("[^\t\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # not characters of XML
NARROW = set("iljtfr.,:;'|!()[] -")
SIDE = {"left": 0.0, "center": 0.5, "right": 1.0}
ANCHOR = {"center": ' text-anchor="middle"', "right": ' text-anchor="end"', "left": ""}


def clean(text: str) -> str:
    """A text in one line, with U+FFFD for what cannot be written."""
    return UNWRITABLE.sub("\ufffd", " ".join(text.split()))


def width_of(text: str, size: float) -> float:
    """About how wide a text is in any usual font, in pixels: rather too wide."""
    return size * sum(
        1.02 if east_asian_width(c) in "WF" else 0.36 if c in NARROW else 0.78 if c.isupper() or c in "mwMW@%" else 0.6
        for c in text
    )


class Canvas(FigureCanvasBase):
    """The canvas of a figure whose unit is the pixel."""

    def __init__(self, figure: Figure) -> None:
        super().__init__(figure)
        self.renderer = Renderer(figure.bbox.width, figure.bbox.height)

    def get_renderer(self) -> Renderer:
        """What texts are measured with before anything is drawn."""
        return self.renderer


class Renderer(RendererBase):
    """Writes the elements of an SVG into `parts`."""

    def __init__(self, width: float, height: float) -> None:
        super().__init__()
        self.width, self.height = width, height
        self.parts: list[str] = []
        self.side = "left"

    def get_canvas_width_height(self) -> tuple[float, float]:
        """In pixels."""
        return self.width, self.height

    def points_to_pixels(self, points: Any) -> Any:
        """A point is a pixel."""
        return points

    def open_group(self, s: str, gid: str | None = None) -> None:
        """Take the side on which the lines of a text are aligned, which is its identifier."""
        self.side = gid if s == "text" and gid in SIDE else "left"

    def get_text_width_height_descent(self, s: str, prop: Any, ismath: Any) -> tuple[float, float, float]:
        """In pixels, whatever the font."""
        size = prop.get_size_in_points()
        return width_of(s, size), size, 0.22 * size

    def draw_path(self, gc: Any, path: Path, transform: Any, rgbFace: Any = None) -> None:
        """A filled or stroked path."""
        place = transform + Affine2D().scale(1, -1).translate(0, self.height)
        pieces = []
        for points, code in path.iter_segments(place, simplify=False):
            pieces.append("Z" if code == Path.CLOSEPOLY else LETTERS[code] + " ".join(map(_number, points)))
        if pieces:
            line = gc.get_rgb() if gc.get_linewidth() else None
            painted = _painted(fill=rgbFace, stroke=line) + (_line(gc) if line is not None and line[3] else "")
            crisp = "" if gc.get_antialiased() else ' shape-rendering="crispEdges"'
            self.parts.append(f'<path d="{"".join(pieces)}"{painted}{crisp}/>')

    def draw_markers(
        self, gc: Any, marker_path: Path, marker_trans: Any, path: Path, trans: Any, rgbFace: Any = None
    ) -> None:
        """The same small shape at every point; all that we draw are filled and have no edge."""
        corners = marker_trans.transform(marker_path.vertices) * (1, -1)
        around = Path.CURVE4 in np.array(marker_path.codes)
        steps = "".join(f"l{_number(x)} {_number(y)}" for x, y in np.diff(corners[:-1], axis=0))
        self.parts.append(f"<g{_painted(fill=rgbFace)}>")
        for x, y in trans.transform(path.vertices) * (1, -1) + (0, self.height):
            if not math.isfinite(x + y):
                continue
            if around:
                self.parts.append(f'<circle cx="{_number(x)}" cy="{_number(y)}" r="{_number(corners.max())}"/>')
            else:
                left, top = corners[0]
                self.parts.append(f'<path d="M{_number(x + left)} {_number(y + top)}{steps}z"/>')
        self.parts.append("</g>")

    def draw_text(
        self, gc: Any, x: float, y: float, s: str, prop: Any, angle: float, ismath: Any = False, mtext: Any = None
    ) -> None:
        """A text, held where it is aligned, so that another font does not move it."""
        if not s.strip():
            return
        side = mtext.get_horizontalalignment() if mtext is not None else self.side
        size = prop.get_size_in_points()
        along = SIDE[side] * width_of(s, size)
        x, y = x + along * math.cos(math.radians(angle)), y - along * math.sin(math.radians(angle))
        turned = f' transform="rotate({_number(-angle)} {_number(x)} {_number(y)})"' if angle else ""
        weight = ' font-weight="600"' if prop.get_weight() in {"bold", 600} else ""
        self.parts.append(
            f'<text x="{_number(x)}" y="{_number(y)}" font-size="{_number(size)}"{ANCHOR[side]}{weight}{turned}'
            f"{_painted(fill=gc.get_rgb())}>{escape(clean(s))}</text>"
        )


def _number(value: float) -> str:
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def _painted(**colours: Any) -> str:
    """Attributes of `fill` and `stroke`: the class of its role, and the colour itself."""
    classes, attributes = [], []
    for kind, colour in colours.items():
        if colour is None or (len(colour) > 3 and colour[3] == 0):
            attributes += [f'{kind}="none"'] if kind == "fill" else []
            continue
        plain = to_hex(colour[:3])
        classes += [f"{kind[0]}-{ROLES[plain]}"] if plain in ROLES else []
        attributes.append(f'{kind}="{plain}"')
        if len(colour) > 3 and colour[3] < 1:
            attributes.append(f'{kind}-opacity="{colour[3]:.2f}"')
    named = f' class="{" ".join(classes)}"' if classes else ""
    return f"{named} {' '.join(attributes)}"


def _line(gc: Any) -> str:
    dashes = gc.get_dashes()[1]
    dashed = f' stroke-dasharray="{" ".join(map(_number, dashes))}"' if dashes is not None else ""
    return f' stroke-width="{_number(gc.get_linewidth())}"{dashed}'
