"""Videos under opaque ids: those in the allowed folders, and nothing else.

An id is a keyed hash of the video's path. It reveals nothing, it stays the same as long as the path does, and it opens
only a file that is in an allowed folder at that moment. Links that lead out of the folder are ignored, and so is a
video whose subtitle files are links out of the allowed folders.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import logging
import os
import stat
import threading
import time
from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass
from pathlib import Path

from whenabouts.evidence.subtitles import linked
from whenabouts.server.uploads import upload_name, upload_owner
from whenabouts.server.users import ANYONE, User
from whenabouts.video.source import shown
from whenabouts.video.suffixes import VIDEO_SUFFIXES

__all__ = ["UPLOADS", "Folder", "VideoFile", "VideoFiles"]

UPLOADS = "uploads"  # the id of the folder of uploads
MIN_SCAN_INTERVAL = 2.0  # seconds between two scans of a folder
SCAN_INTERVAL_FACTOR = 5.0  # of the time that the last scan took, where that is longer
log = logging.getLogger(__name__)
VIDEO_ID_TAG = (
    b"film"  # the word of whenabouts 0.1: with another one, saved annotations and jobs would lose their videos
)


@dataclass(frozen=True, slots=True)
class VideoFile:
    """A video on disk.

    folder: the id of its folder; name: its file name; within: the folders between the two
    size:   in bytes; mtime: in nanoseconds
    """

    id: str
    path: Path
    folder: str
    name: str
    within: str
    size: int
    mtime: int

    @property
    def relative_path(self) -> str:
        """The path of the video below its folder."""
        return f"{self.within}/{self.name}" if self.within else self.name

    @property
    def version(self) -> str:
        """Changes when the file does."""
        return hashlib.sha256(f"{self.id} {self.size} {self.mtime}".encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Folder:
    """An allowed folder; links in `path` have been followed."""

    id: str
    name: str
    path: Path


class VideoFiles:
    """The videos of allowed folders and of uploads, as far as one user may see them."""

    def __init__(self, folders: Iterable[Path], uploads: Path, secret: bytes) -> None:
        self._secret, self._user = secret, ANYONE
        paths = list(dict.fromkeys(Path(folder).resolve() for folder in folders))
        self.folders = [Folder(self._id(b"folder", path), shown(Path(path.name or str(path))), path) for path in paths]
        self.uploads = Folder(UPLOADS, "Uploads", uploads.resolve())
        self._lock = threading.Lock()
        self._found: dict[str, dict[str, VideoFile]] = {}
        self._next_scan: dict[str, float] = {}
        self._told: set[str] = set()

    def seen_by(self, user: User) -> VideoFiles:
        """The same, without what a user may not see: videos outside their folders, and uploads of others."""
        seen = copy(self)
        seen._user = user
        seen.folders = [folder for folder in self.folders if user.granted(folder.path)]
        return seen

    @property
    def roots(self) -> list[Path]:
        """The folders below which the user may see every video: allowed ones or parts of them, and uploads."""
        granted = [each for folder in self.folders for each in self._user.granted(folder.path)]
        if self._user.folders is None:
            return [*granted, self.uploads.path]
        return [*granted, *(video.path.parent for video in self.all(UPLOADS))]

    def has(self, id: str) -> bool:
        """Whether there is a video with this id."""
        try:
            self.get(id)
        except KeyError:
            return False
        return True

    def has_all_of(self, folder: str) -> bool:
        """Whether the user may see every video of a folder."""
        if folder == UPLOADS:
            return self._user.folders is None
        return any(each.id == folder and self._user.sees(each.path) for each in self.folders)

    def folder(self, id: str) -> Folder:
        """An allowed folder, or the folder of uploads. Raises KeyError."""
        return {each.id: each for each in (*self.folders, self.uploads)}[id]

    def all(self, folder: str | None = None) -> list[VideoFile]:
        """The videos of a folder, or of all folders, sorted by folder and name. Raises KeyError."""
        chosen = [*self.folders, self.uploads] if folder is None else [self.folder(folder)]
        links: dict[Path, bool] = {}
        videos = {
            video.path: video
            for each in reversed(chosen)
            for video in self._scanned(each).values()
            if self._sees(video, links)
        }
        return sorted(videos.values(), key=lambda video: (video.within.casefold(), video.name.casefold(), video.id))

    def get(self, id: str) -> VideoFile:
        """The video with an id, as it is now. Raises KeyError."""
        for again in (False, True):
            for folder in (*self.folders, self.uploads):
                known = (self._scanned(folder) if again else self._found.get(folder.id, {})).get(id)
                if known and (video := self._video(folder, known.path)) is not None and self._sees(video):
                    return video
        raise KeyError(id)

    def at(self, path: Path) -> VideoFile | None:
        """The video at a path; None where that is not in an allowed folder."""
        for folder in (*self.folders, self.uploads):
            if path.is_relative_to(folder.path) and (video := self._video(folder, path)) is not None:
                return video if self._sees(video) else None
        return None

    def rescan(self) -> None:
        """Scan the folders again at the next request, because a video was added or deleted."""
        with self._lock:
            self._next_scan.clear()

    def open(self, video: VideoFile) -> int:
        """A descriptor of the video's file, for reading. Raises OSError."""
        return self.open_path(video.path)

    def open_path(self, path: Path) -> int:
        """A descriptor of a regular file that is not a link, for reading. Raises OSError."""
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        descriptor = os.open(path, flags)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise OSError(f"{path} is not a regular file")
        return descriptor

    def _sees(self, video: VideoFile, links: dict[Path, bool] | None = None) -> bool:
        """Whether the user may see a video; `links` keeps which folders have links in them, for many videos."""
        if video.folder == UPLOADS:  # which have nothing beside them
            return self._user.folders is None or upload_owner(video.path) == self._user.name
        beside = linked(video.path, links)
        if not all(any(path.is_relative_to(each.path) for each in self.folders) for path in beside):
            self._tell(video)
            return False
        return self._user.sees(video.path) and all(map(self._user.sees, beside))

    def _tell(self, video: VideoFile) -> None:
        if self._user is ANYONE and video.id not in self._told:
            self._told.add(video.id)
            log.warning("%s is not shown: its subtitle file is a link out of the folders", shown(video.path))

    def _scanned(self, folder: Folder) -> dict[str, VideoFile]:
        with self._lock:
            began = time.monotonic()
            if began >= self._next_scan.get(folder.id, 0.0):
                self._found[folder.id] = {video.id: video for video in self._videos(folder)}
                took = time.monotonic() - began
                self._next_scan[folder.id] = time.monotonic() + max(MIN_SCAN_INTERVAL, SCAN_INTERVAL_FACTOR * took)
            return self._found[folder.id]

    def _videos(self, folder: Folder) -> list[VideoFile]:
        videos = []
        for place, folders, names in os.walk(folder.path):
            folders[:] = [name for name in folders if not name.startswith(".")]
            for name in names:
                if not name.startswith(".") and Path(name).suffix.lower() in VIDEO_SUFFIXES:
                    video = self._video(folder, Path(place) / name)
                    if video is not None:
                        videos.append(video)
        return videos

    def _video(self, folder: Folder, path: Path) -> VideoFile | None:
        """The video at a path; None where the path leads out of the folder or is not a regular file."""
        try:
            real = path.resolve(strict=True)
            status = real.stat()
        except (OSError, RuntimeError, ValueError):
            return None
        if not real.is_relative_to(folder.path) or not stat.S_ISREG(status.st_mode):
            return None
        within = real.parent.relative_to(folder.path)
        name = shown(Path(real.name))
        if folder is self.uploads:
            if (name_given := upload_name(real)) is None:
                return None
            name, within = name_given, Path()
        place = "" if within == Path() else shown(within).replace(os.sep, "/")
        return VideoFile(self._id(VIDEO_ID_TAG, real), real, folder.id, name, place, status.st_size, status.st_mtime_ns)

    def _id(self, tag: bytes, path: Path) -> str:
        digest = hmac.digest(self._secret, tag + b"\0" + os.fsencode(path), "sha256")
        return base64.urlsafe_b64encode(digest[:18]).decode()
