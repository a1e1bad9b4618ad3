"""Edges that were placed, kept on disk: they belong to the times of a video, whatever was asked of it.

One small file holds those of a video, by content, for one distance of the coarse look and one encoder. A question that
ends at the same shot as one before decodes nothing. Two processes that write at once cost only the speed.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

from whenabouts.files.cache import cache_folder, keeps
from whenabouts.files.kept import keep, kept

if TYPE_CHECKING:
    from whenabouts.encoders import Encoder
    from whenabouts.video import Video

__all__ = ["PlacedEdges"]

FORMAT = 1  # increased when edges are placed in another way


class PlacedEdges:
    """Of each coarse time in seconds, where the edge lies and how far it may be off: `(time, spread)` in seconds.

    `edges` are those that are known; `write` keeps what was added to them. Nothing is read or written where nothing may
    be kept (`files.cache.keeping`).
    """

    def __init__(self, video: Video, step: float, encoder: Encoder | None) -> None:
        self.path: Path | None = None
        self.edges: dict[float, tuple[float, float]] = {}
        if keeps():
            looked = f"{encoder.name} {encoder.sha256} {encoder.size}" if encoder else "cuts alone"
            key = hashlib.sha256(f"{FORMAT} {video.sha256} {step!r} {looked}".encode()).hexdigest()
            self.path = cache_folder() / "edges" / f"{key}.json"
            self.edges = _read(self.path)
        self._read = len(self.edges)

    def write(self) -> None:
        """Replace the file at once, if there is something new."""
        if self.path is None or len(self.edges) == self._read:
            return
        keep(self.path, json.dumps([[time, *edge] for time, edge in self.edges.items()]).encode())


def _read(path: Path) -> dict[float, tuple[float, float]]:
    """The edges in a file; none where it cannot be read or holds something else than was written."""
    rows = json.loads(kept(path) or b"[]")
    return {float(time): (float(edge), float(spread)) for time, edge, spread in rows}
