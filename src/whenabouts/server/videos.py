"""Videos under opaque ids: what lies in allowed folders, and nothing else.

An id is a keyed hash of the video's path. It tells nothing, it stays the same as long as the video stays where it is,
and it opens nothing that is not found in an allowed folder at that moment: links that lead out of it are passed over.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import stat
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from whenabouts.server.uploads import name_of
from whenabouts.video.source import shown
from whenabouts.video.suffixes import is_video

__all__ = ["UPLOADS", "Folder", "VideoFile", "VideoFiles"]

UPLOADS = "uploads"  # the id of the folder of uploads
FRESH = 2.0  # seconds for which a look into a folder counts
PATIENCE = 5.0  # times as long as a look took is waited before the next


@dataclass(frozen=True, slots=True)
class VideoFile:
    """A video as it lies on disk; `name` and `within` are what people see, `mtime` is in nanoseconds."""

    id: str
    path: Path
    folder: str
    name: str
    within: str
    size: int
    mtime: int

    @property
    def version(self) -> str:
        """Changes when the file does."""
        return hashlib.sha256(f"{self.id} {self.size} {self.mtime}".encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Folder:
    """An allowed folder, resolved."""

    id: str
    name: str
    path: Path


class VideoFiles:
    """The videos of allowed folders and of uploads."""

    def __init__(self, folders: Iterable[Path], uploads: Path, secret: bytes) -> None:
        self._secret = secret
        paths = list(dict.fromkeys(Path(folder).resolve() for folder in folders))
        self.folders = [Folder(self._id("folder", path), shown(Path(path.name or str(path))), path) for path in paths]
        self.uploads = Folder(UPLOADS, "Uploads", uploads.resolve())
        self._lock = threading.Lock()
        self._found: dict[str, dict[str, VideoFile]] = {}
        self._next: dict[str, float] = {}

    def folder(self, id: str) -> Folder:
        """An allowed folder, or that of uploads. Raises KeyError."""
        return {each.id: each for each in (*self.folders, self.uploads)}[id]

    def all(self, folder: str | None = None) -> list[VideoFile]:
        """The videos of a folder, or of all, by place and name. Raises KeyError."""
        chosen = [*self.folders, self.uploads] if folder is None else [self.folder(folder)]
        videos = {video.path: video for each in reversed(chosen) for video in self._look(each).values()}
        return sorted(videos.values(), key=lambda video: (video.within.casefold(), video.name.casefold(), video.id))

    def get(self, id: str) -> VideoFile:
        """A video as it is now. Raises KeyError."""
        for again in (False, True):
            for folder in (*self.folders, self.uploads):
                known = (self._look(folder) if again else self._found.get(folder.id, {})).get(id)
                if known and (video := self._video(folder, known.path)) is not None:
                    return video
        raise KeyError(id)

    def of(self, path: Path) -> VideoFile | None:
        """The video at a path, where it is allowed."""
        for folder in (*self.folders, self.uploads):
            if path.is_relative_to(folder.path) and (video := self._video(folder, path)) is not None:
                return video
        return None

    def look_again(self) -> None:
        """Something was taken in or removed: the next look counts."""
        with self._lock:
            self._next.clear()

    def open(self, video: VideoFile) -> int:
        """A descriptor of the video's file, to read. Raises OSError."""
        return self.open_path(video.path)

    def open_path(self, path: Path) -> int:
        """A descriptor of an ordinary file that is no link, to read. Raises OSError."""
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        descriptor = os.open(path, flags)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise OSError(f"{path} is no file")
        return descriptor

    def _look(self, folder: Folder) -> dict[str, VideoFile]:
        with self._lock:
            began = time.monotonic()
            if began >= self._next.get(folder.id, 0.0):
                self._found[folder.id] = {video.id: video for video in self._videos(folder)}
                took = time.monotonic() - began
                self._next[folder.id] = time.monotonic() + max(FRESH, PATIENCE * took)
            return self._found[folder.id]

    def _videos(self, folder: Folder) -> list[VideoFile]:
        videos = []
        for place, folders, names in os.walk(folder.path):
            folders[:] = [name for name in folders if not name.startswith(".")]
            for name in names:
                if not name.startswith(".") and is_video(Path(name)):
                    video = self._video(folder, Path(place) / name)
                    if video is not None:
                        videos.append(video)
        return videos

    def _video(self, folder: Folder, path: Path) -> VideoFile | None:
        """The video at a path, unless it leads out of the folder, is none or is gone."""
        try:
            real = path.resolve(strict=True)
            told = real.stat()
        except (OSError, RuntimeError, ValueError):
            return None
        if not real.is_relative_to(folder.path) or not stat.S_ISREG(told.st_mode):
            return None
        within = real.parent.relative_to(folder.path)
        name = shown(Path(real.name))
        if folder is self.uploads:
            if (name_given := name_of(real)) is None:
                return None
            name, within = name_given, Path()
        place = "" if within == Path() else shown(within).replace(os.sep, "/")
        return VideoFile(self._id("video", real), real, folder.id, name, place, told.st_size, told.st_mtime_ns)

    def _id(self, kind: str, path: Path) -> str:
        digest = hmac.digest(self._secret, kind.encode() + b"\0" + os.fsencode(path), "sha256")
        return base64.urlsafe_b64encode(digest[:18]).decode()
