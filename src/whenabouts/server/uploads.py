"""Uploads: kept only where they arrive complete and are videos.

Each upload has a folder with an unguessable name, so that the client's file name never becomes a path:

    uploads/3f…/video.mp4    the bytes        uploads/3f…/name.txt    the client's file name
"""

from __future__ import annotations

import asyncio
import os
import re
import secrets
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

from whenabouts.server.body import read_body
from whenabouts.server.http_refusal import HTTPRefusal
from whenabouts.server.quick_tasks import QuickTasks
from whenabouts.video.suffixes import VIDEO_SUFFIXES

__all__ = ["Uploads", "safe_name", "upload_name"]

MAX_UPLOADS = 8  # at once
FREE_DISK = 256 << 20  # bytes that an upload leaves free
PART = ".part-"


class Uploads:
    """The folder of uploads; what a killed server left incomplete is deleted."""

    def __init__(self, folder: Path, limit: int) -> None:
        self.folder, self.limit = folder, limit
        self._running = 0
        folder.mkdir(parents=True, exist_ok=True)
        for left in folder.glob(f"{PART}*"):
            shutil.rmtree(left, ignore_errors=True)

    async def receive(
        self, name: str, body: AsyncIterator[bytes], declared: int | None, quick_tasks: QuickTasks
    ) -> Path:
        """The path of a new video, of `declared` bytes if known. Raises HTTPRefusal and then keeps nothing."""
        if not self.limit:
            raise HTTPRefusal(403, "uploads are disabled on this server")
        if declared is not None and declared > self.limit:
            raise HTTPRefusal(
                413, f"the upload is larger than {self.limit} bytes, the most allowed here", Connection="close"
            )
        if self._running >= MAX_UPLOADS:
            raise HTTPRefusal(503, "too many uploads at once; try again in a moment", **{"Retry-After": "10"})
        self._running += 1
        part = self.folder / f"{PART}{secrets.token_hex(8)}"
        try:
            part.mkdir(mode=0o700)
            name = safe_name(name)
            suffix = Path(name).suffix.lower()
            video = part / f"video{suffix if suffix in VIDEO_SUFFIXES else '.mp4'}"
            size = await self._write(video, body)
            if declared is not None and size != declared:
                raise HTTPRefusal(400, "the upload is incomplete; send it again")
            await self._check(video, name, quick_tasks)
            (part / "name.txt").write_text(name, "utf-8")
            whole = self.folder / secrets.token_hex(16)
            part.rename(whole)
            return whole / video.name
        except OSError as error:
            raise HTTPRefusal(
                503, f"the upload cannot be stored: {(error.strerror or 'disk error').lower()}"
            ) from error
        finally:
            self._running -= 1
            shutil.rmtree(part, ignore_errors=True)

    def remove(self, video: Path) -> None:
        """Delete an upload. Raises ValueError for a path of another file."""
        folder = video.parent
        if folder.parent != self.folder.resolve():
            raise ValueError(f"{video} is not an upload")
        deleted = folder.with_name(f"{PART}{secrets.token_hex(8)}")
        folder.rename(deleted)  # so that nobody sees it half deleted
        shutil.rmtree(deleted, ignore_errors=True)

    async def _write(self, path: Path, body: AsyncIterator[bytes]) -> int:
        size = 0
        with path.open("xb") as file:
            async for chunk in read_body(body, self.limit):
                size += len(chunk)
                if shutil.disk_usage(self.folder).free < FREE_DISK:
                    raise HTTPRefusal(503, "the disk of the server is full")
                await asyncio.to_thread(file.write, chunk)
            file.flush()
            await asyncio.to_thread(os.fsync, file.fileno())
        return size

    async def _check(self, video: Path, name: str, quick_tasks: QuickTasks) -> None:
        try:
            await quick_tasks.run("facts", {"path": str(video)})
        except HTTPRefusal as refusal:
            raise HTTPRefusal(refusal.status_code, refusal.detail.replace(str(video), name)) from None


def upload_name(video: Path) -> str | None:
    """The client's file name of an upload; None for a file that is not a complete upload."""
    try:
        return (video.parent / "name.txt").read_text("utf-8")
    except (OSError, ValueError):
        return None


def safe_name(name: str) -> str:
    r"""A name that is safe to show: the last part of a path, without control characters, at most 200 characters.

    >>> safe_name("C:\\videos\\../a\x00b.mp4")
    'ab.mp4'
    """
    last = re.split(r"[/\\]", name)[-1]
    clean = "".join(letter for letter in last if letter.isprintable()).strip()[-200:]
    return clean if clean.strip(".") else "video"
