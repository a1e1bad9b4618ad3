"""`Folders`: the only folders whose videos clients may name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from whenabouts.errors import InputError
from whenabouts.video.source import shown

__all__ = ["Folders"]


class Folders:
    """Folders and everything below them, after following links. Raises InputError where one is not a directory.

    A video is named by its absolute path, or relative to a folder; `name` gives the name that `video` takes back.
    """

    def __init__(self, roots: Sequence[Path]) -> None:
        for root in roots:
            if not root.is_dir():
                raise InputError(f"{shown(root)} is not a directory; give the folders that hold videos")
        self.roots = tuple(dict.fromkeys(root.resolve() for root in roots))

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
        return next(filter(None, (self._below(root, name) for root in self.roots)), None)

    def _below(self, root: Path, name: str) -> Path | None:
        try:
            path = (root / name).resolve()
            return path if self.contain(path) and path.is_file() else None
        except (OSError, ValueError, RuntimeError):  # too long a name, a zero byte in it, links in a circle
            return None

    def contain(self, path: Path) -> bool:
        """Whether a resolved path is in one of the folders."""
        return any(path.is_relative_to(root) for root in self.roots)

    def name(self, path: Path) -> str:
        """The name of a file: its path relative to the folder where there is only one, else its absolute path."""
        [root, *more] = self.roots
        return shown(path if more or not path.is_relative_to(root) else path.relative_to(root))

    def _check_subtitles(self, video: Path) -> None:
        """Subtitle files beside a video are read with it, so they may not lead out of the folders either."""
        from whenabouts.evidence.subtitles import sidecars

        for path in sidecars(video):
            if not self.contain(path.resolve()):
                raise InputError(f"{self.name(path)} is a link out of the allowed folders; remove it or copy the file")
