"""The same indexing on Ray: actors make rows, this process writes them.

Rows are the same bit for bit wherever they were made, on processors of one kind.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from whenabouts.errors import VideoError
from whenabouts.files.actors import actors
from whenabouts.library.indexing import Rows, rows_of
from whenabouts.library.run import Settings

__all__ = ["RayEngine"]


@dataclass(frozen=True, slots=True)
class RayEngine:
    """`workers` actors, each with `cpus` of its own; `address` of a running cluster, else one on this machine."""

    workers: int = 2
    cpus: float = 1.0
    address: str | None = None

    def rows(self, paths: Iterable[Path], settings: Settings) -> Iterator[tuple[Path, Rows | str]]:
        """As `run.Engine`; videos come as they are done."""
        pool = actors(_Indexer, (settings,), paths, workers=self.workers, cpus=self.cpus, address=self.address)
        with closing(pool):
            yield from pool


class _Indexer:
    """One process with one encoder."""

    def __init__(self, settings: Settings) -> None:
        from whenabouts.encoders import load_encoder

        self._settings, self._encoder = settings, load_encoder(settings.encoder)

    def work(self, path: Path) -> Rows | str:
        """Rows of a video, or what was wrong."""
        try:
            return rows_of(path, self._encoder, fps=self._settings.fps, words=self._settings.words)
        except VideoError as error:
            return str(error)
