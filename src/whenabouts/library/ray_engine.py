"""Indexing on Ray: actors make the rows, this process writes them.

On CPUs of the same type the rows are the same, bit for bit, wherever they were made.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from whenabouts.errors import VideoError
from whenabouts.files.actors import actors
from whenabouts.library.indexing import Rows, rows_of
from whenabouts.library.run import IndexSettings

__all__ = ["RayEngine"]


@dataclass(frozen=True, slots=True)
class RayEngine:
    """An `Engine` of `workers` actors with `cpus` CPU cores each.

    address: of a running Ray cluster; by default one is started on this machine
    """

    workers: int = 2
    cpus: float = 1.0
    address: str | None = None

    def rows(self, paths: Iterable[Path], settings: IndexSettings) -> Iterator[tuple[Path, Rows | str]]:
        """Like `run.Engine.rows`; each video is yielded as soon as it is done."""
        pool = actors(_Indexer, (settings,), paths, workers=self.workers, cpus=self.cpus, address=self.address)
        with closing(pool):
            yield from pool


class _Indexer:
    """A Ray actor that holds one encoder."""

    def __init__(self, settings: IndexSettings) -> None:
        from whenabouts.encoders import load_encoder
        from whenabouts.video.isolated import isolate

        isolate()  # an actor that a video crashed would be started again for it, without end
        self._settings, self._encoder = settings, load_encoder(settings.encoder)

    def work(self, path: Path) -> Rows | str:
        """The rows of a video, or the reason why it could not be read."""
        try:
            return rows_of(path, self._encoder, fps=self._settings.fps, words=self._settings.words)
        except VideoError as error:
            return str(error)
