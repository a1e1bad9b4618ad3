"""A chart as SVG: for a page, whose rules colour it, or whole by itself."""

from __future__ import annotations

import logging
from html import escape
from importlib import import_module
from pathlib import Path
from threading import Lock
from types import ModuleType

from whenabouts.documents.chart import Chart
from whenabouts.documents.palette import css
from whenabouts.errors import InputError, MissingExtra
from whenabouts.files.atomic import replacing

__all__ = ["save", "svg"]

SHARP = 2  # pixels of a .png for each of the figure
KINDS = (".svg", ".png", ".pdf")

IMPORTING = Lock()


def svg(chart: Chart, *, alone: bool = False) -> str:
    """The picture, the same bytes for the same chart, with texts as texts.

    Colours are classes such as `f-one` (fill) and `s-ink` (stroke), and those of light paper where no rule knows them.
    alone: with its title, on a paper of its own, and dark where the reader's system is.

    Raises MissingExtra without matplotlib.
    """
    figure = _figures().figure
    from whenabouts.documents.renderer import clean

    drawn = figure(chart, chart.title if alone else "")
    renderer = drawn.canvas.get_renderer()
    drawn.draw(renderer)
    width, height = renderer.get_canvas_width_height()
    size = f'viewBox="0 0 {width:.0f} {height:.0f}"' + (f' width="{width:.0f}" height="{height:.0f}"' if alone else "")
    named = f"<title>{escape(clean(chart.title))}</title>"
    paper = f"<style>{css('@media (prefers-color-scheme: dark)')}</style>" if alone else ""
    paper += '<rect width="100%" height="100%" rx="8" class="f-paper" fill="#ffffff"/>' if alone else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" role="img" {size} '
        f'font-family="system-ui, sans-serif">{named}{paper}{"".join(renderer.parts)}</svg>'
    )


def save(chart: Chart, path: Path) -> None:
    """Write the picture with its title as .svg, .png or .pdf, on light paper but for the SVG, which is also dark.

    Raises InputError for another kind of file, MissingExtra without matplotlib, OSError.
    """
    kind = path.suffix.lower()
    if kind not in KINDS:
        raise InputError(f"{path} is not a kind of picture that can be drawn; choose one of: {', '.join(KINDS)}")
    if kind == ".svg":
        with replacing(path) as part:
            part.write_text(svg(chart, alone=True) + "\n", "utf-8")
    else:
        drawn, plain = _figures().figure(chart, chart.title), {"CreationDate": None} if kind == ".pdf" else {}
        with replacing(path) as part, part.open("wb") as file:
            drawn.savefig(file, format=kind[1:], facecolor="white", dpi=SHARP * drawn.dpi, metadata=plain)


def _figures() -> ModuleType:
    """What draws. The first import of matplotlib tells nobody that it found no place for its list of fonts."""
    log = logging.getLogger("matplotlib")
    with IMPORTING:
        before = log.level
        log.setLevel(logging.ERROR)
        try:
            return import_module("whenabouts.documents.figures")
        except ModuleNotFoundError as error:
            raise MissingExtra("plots", "drawing a chart") from error
        finally:
            log.setLevel(before)
