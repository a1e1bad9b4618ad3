"""`Folders`: the only folders whose videos clients may name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path

from whenabouts.errors import InputError
from whenabouts.video.source import shown

__all__ = ["Folders"]


class Folders:
    """Folders and everything below them, after following links. Raises InputError where one is not a directory.

    A video is named relative to its folder, and where there are several, by the name of the folder before; `name` gives
    the name that `video` takes back. No other path is understood, for then clients could try where the folders lie.
    """

    def __init__(self, roots: Sequence[Path]) -> None:
        for root in roots:
            if not root.is_dir():
                raise InputError(f"{shown(root)} is not a directory; give the folders that hold videos")
        self.roots = tuple(dict.fromkeys(root.resolve() for root in roots))
        self._labels = _distinct([root.name or "root" for root in self.roots])

    def video(self, name: str) -> Path:
        """The file of that name. Raises InputError, the same for a missing file and for one that may not be named."""
        path = self._found(name)
        if path is None:
            raise InputError(f"{name!r} is not a video in the allowed folders; the tool `videos` lists them")
        self._check_subtitles(path)
        return path

    def file(self, name: str) -> Path:
        """The file of that name, such as a picture. Raises InputError as `video`."""
        if (path := self._found(name)) is None:
            raise InputError(f"{name!r} is not a file in the allowed folders")
        return path

    def _found(self, name: str) -> Path | None:
        return next(filter(None, (self._below(place) for place in self._places(name))), None)

    def contain(self, path: Path) -> bool:
        """Whether a resolved path is in one of the folders."""
        return any(path.is_relative_to(root) for root in self.roots)

    def name(self, path: Path) -> str:
        """The name of a file in the folders; of any other, that without its folder."""
        for root, label in zip(self.roots, self._labels, strict=True):
            if path.is_relative_to(root):
                within = path.relative_to(root)
                return shown(within if len(self.roots) == 1 else Path(label, within))
        return shown(Path(path.name))

    def secrets(self) -> Iterator[tuple[str, str]]:
        """Paths that clients are not to see, each with what they see in its place."""
        for root, label in zip(self.roots, self._labels, strict=True):
            yield f"{root}/", "" if len(self.roots) == 1 else f"{label}/"
            yield str(root), label

    def _places(self, name: str) -> Iterator[Path]:
        path = Path(name)
        if path.anchor or ".." in path.parts:
            return
        head, _, rest = name.partition("/")
        if rest and len(self.roots) > 1:
            yield from (root / rest for root, label in zip(self.roots, self._labels, strict=True) if label == head)
        yield from (root / name for root in self.roots)

    def _below(self, place: Path) -> Path | None:
        try:
            path = place.resolve()
            return path if self.contain(path) and path.is_file() else None
        except (OSError, ValueError, RuntimeError):  # too long a name, a zero byte in it, links in a circle
            return None

    def _check_subtitles(self, video: Path) -> None:
        """Subtitle files beside a video are read with it, so they may not lead out of the folders either."""
        from whenabouts.evidence.subtitles import sidecars

        for path in sidecars(video):
            if not self.contain(path.resolve()):
                raise InputError(f"{self.name(path)} is a link out of the allowed folders; remove it or copy the file")


def _distinct(names: Sequence[str]) -> list[str]:
    """The names, with a number behind one that was there before.

    >>> _distinct(["videos", "old", "videos"])
    ['videos', 'old', 'videos-2']
    """
    given: list[str] = []
    for name in names:
        forms = (name if number == 1 else f"{name}-{number}" for number in count(1))
        given.append(next(form for form in forms if form not in given))
    return given
