"""The same indexing on Ray: actors on many machines make rows, one process writes them.

All machines must see the files under the same paths. A worker that dies is started again and its film with it; rows are
the same bit for bit wherever they were made, on processors of one kind.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from whenabouts.errors import MissingExtra, WhenaboutsError
from whenabouts.library.indexing import Rows, rows_of
from whenabouts.library.run import Settings

__all__ = ["RayEngine"]


@dataclass(frozen=True, slots=True)
class RayEngine:
    """`workers` actors, each with `cpus` of its own; `address` of a running cluster, else one on this machine."""

    workers: int = 2
    cpus: float = 1.0
    address: str | None = None

    def rows(self, paths: Sequence[Path], settings: Settings) -> Iterator[tuple[Path, Rows | str]]:
        """As `run.Engine`; films come as they are done."""
        try:
            import ray
        except ImportError as error:
            raise MissingExtra("ray", "indexing on Ray") from error
        if not ray.is_initialized():
            ray.init(address=self.address, log_to_driver=False, include_dashboard=False)
        maker = ray.remote(num_cpus=self.cpus, max_restarts=-1, max_task_retries=-1)(_Worker)
        actors: list[Any] = [maker.remote(settings) for _ in range(min(self.workers, len(paths)))]
        queue = list(paths)
        under_way: dict[Any, tuple[Any, Path]] = {}
        try:
            while queue or under_way:
                for actor in actors:
                    if queue and all(actor is not busy for busy, _ in under_way.values()):
                        path = queue.pop(0)
                        under_way[actor.rows.remote(str(path))] = actor, path
                done, _ = ray.wait(list(under_way))
                for reference in done:
                    _, path = under_way.pop(reference)
                    yield path, ray.get(reference)
        finally:
            for actor in actors:
                ray.kill(actor)


class _Worker:
    """One process with one encoder."""

    def __init__(self, settings: Settings) -> None:
        from whenabouts.encoders import load_encoder

        self._settings, self._encoder = settings, load_encoder(settings.encoder)

    def rows(self, path: str) -> Rows | str:
        """Rows of a film, or what was wrong."""
        try:
            return rows_of(Path(path), self._encoder, fps=self._settings.fps, words=self._settings.words)
        except WhenaboutsError as error:
            return str(error)
