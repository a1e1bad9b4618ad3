"""A chart as SVG: for a page, whose rules colour it, or whole by itself."""

from __future__ import annotations

import logging
from html import escape
from importlib import import_module
from threading import Lock
from types import ModuleType

from whenabouts.documents.chart import Chart
from whenabouts.documents.palette import css
from whenabouts.errors import MissingExtra

__all__ = ["svg"]

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
