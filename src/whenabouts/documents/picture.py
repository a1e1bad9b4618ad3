"""A chart as a value that a notebook shows and a file keeps."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from whenabouts.documents.chart import Chart
from whenabouts.documents.draw import save, svg

__all__ = ["Picture"]


@dataclass(frozen=True)
class Picture:
    """A chart that is drawn when it is looked at. Raises MissingExtra then without matplotlib."""

    chart: Chart

    @property
    def svg(self) -> str:
        """With its title, on a paper that is light or dark as the reader's system is."""
        return svg(self.chart, alone=True)

    def save(self, path: Path | str) -> None:
        """Write an .svg, .png or .pdf file. Raises InputError, OSError."""
        save(self.chart, Path(path))

    def _repr_svg_(self) -> str:
        return self.svg
