"""`Filters`: which videos of a library are searched, by their files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from fnmatch import fnmatch
from glob import escape
from pathlib import Path

from whenabouts.errors import QueryError
from whenabouts.evidence.subtitles import linked
from whenabouts.library.store import Library

__all__ = ["Chosen", "Filters", "chosen"]


@dataclass(frozen=True, slots=True)
class Filters:
    """Which videos are searched.

    path:              pattern of whole paths, such as `*/2024/*`; of those below `folders`, where these are given
    folders:           only what is below one of them, after following links, with all of its subtitle files
    since, until:      dates of files (ISO)
    shortest, longest: durations in seconds
    language:          of the audio track, as the file states it
    """

    path: str | None = None
    folders: tuple[Path, ...] | None = None
    since: str | None = None
    until: str | None = None
    shortest: float | None = None
    longest: float | None = None
    language: str | None = None

    @property
    def patterns(self) -> list[str]:
        """Patterns of whole paths, one of which must match."""
        if self.folders is None or self.path is None:
            return [self.path or "*"]
        below = self.path if self.path.startswith(("*", "/")) else f"/{self.path}"
        return [escape(str(folder)) + below for folder in self.folders]


@dataclass(frozen=True, slots=True)
class Chosen:
    """The videos that pass the filters and whose file is known.

    paths:    those of each, by sha256
    unquoted: videos of which another file, with the same content, is not below the folders; the words of a video are
              those that lay beside the file that was indexed first, which may be that one
    """

    paths: dict[str, list[str]]
    unquoted: frozenset[str] = frozenset()


def chosen(library: Library, filters: Filters) -> Chosen:
    """What of a library passes the filters. Raises QueryError, LibraryError."""
    videos, inside = library.videos(), _Inside(filters.folders)
    low, high = _stamp(filters.since), _stamp(filters.until, whole_day=True)
    paths: dict[str, list[str]] = {}
    unquoted = set()
    for path, row in sorted(library.places().items()):
        video = videos.get(row["sha256"])
        if video is None:
            continue
        if not inside(Path(path)):
            unquoted.add(row["sha256"])
            continue
        if not any(fnmatch(path, pattern) for pattern in filters.patterns):
            continue
        if (low and row["mtime"] < low) or (high and row["mtime"] > high):
            continue
        if filters.shortest is not None and video["duration"] < filters.shortest:
            continue
        if filters.longest is not None and video["duration"] > filters.longest:
            continue
        if filters.language and video["language"] != filters.language:
            continue
        paths.setdefault(row["sha256"], []).append(path)
    return Chosen(paths, frozenset(unquoted & paths.keys()))


class _Inside:
    """Whether a file and its subtitle files are below some folders. Each folder is looked into once, not each file."""

    def __init__(self, folders: Iterable[Path] | None) -> None:
        self._roots = None if folders is None else [folder.resolve() for folder in folders]
        self._real: dict[Path, Path] = {}
        self._links: dict[Path, bool] = {}

    def __call__(self, path: Path) -> bool:
        if self._roots is None:
            return True
        place = path.parent
        if place not in self._real:
            self._real[place] = place.resolve()
        words = linked(path, self._links)
        real = path.resolve() if self._links[place] else self._real[place] / path.name
        return all(any(each.is_relative_to(root) for root in self._roots) for each in (real, *words))


def _stamp(date: str | None, *, whole_day: bool = False) -> int | None:
    """Nanoseconds since 1970 of an ISO date or time; with `whole_day`, a date without a time is the end of its day."""
    if date is None:
        return None
    try:
        moment = datetime.fromisoformat(date)
        if whole_day and len(date) == len("2024-12-31"):
            moment += timedelta(days=1)
        return int(moment.timestamp() * 1e9)
    except (ValueError, OverflowError, OSError) as error:
        raise QueryError(f"{date!r} is not a date; write it as 2024-12-31") from error
