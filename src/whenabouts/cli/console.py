"""rich's console, on which nothing but its own colours and bars commands the terminal."""

from __future__ import annotations

from collections.abc import Iterable

import rich.console
from rich.segment import Segment

from whenabouts.printable import visible

__all__ = ["Console"]


class Console(rich.console.Console):
    """As rich's, with texts as `visible` shows them."""

    def render(
        self, renderable: rich.console.RenderableType, options: rich.console.ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """The segments of anything that can be printed."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=visible(segment.text))
