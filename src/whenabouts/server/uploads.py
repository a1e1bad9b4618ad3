"""Uploads: bytes as they come, kept only where they are whole and a video.

Each upload has a folder with an unguessable name, so that nothing a client calls its video ever becomes a path:

    uploads/3f…/video.mp4    the bytes        uploads/3f…/name.txt    what the client called it
"""

from __future__ import annotations

import asyncio
import os
import re
import secrets
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

from whenabouts.server.arriving import arriving
from whenabouts.server.desk import Desk
from whenabouts.server.refusal import Refusal
from whenabouts.video.suffixes import VIDEO_SUFFIXES

__all__ = ["Uploads", "name_of", "tidied"]

AT_ONCE = 8
SPARE = 256 << 20  # bytes of disk that an upload leaves free
PART = ".part-"


class Uploads:
    """The folder of uploads; what a killed server left half done is swept."""

    def __init__(self, folder: Path, limit: int) -> None:
        self.folder, self.limit = folder, limit
        self._running = 0
        folder.mkdir(parents=True, exist_ok=True)
        for left in folder.glob(f"{PART}*"):
            shutil.rmtree(left, ignore_errors=True)

    async def take(self, name: str, body: AsyncIterator[bytes], declared: int | None, desk: Desk) -> Path:
        """The path of a new video. Raises Refusal; then nothing is kept."""
        if not self.limit:
            raise Refusal(403, "this server takes no uploads")
        if declared is not None and declared > self.limit:
            raise Refusal(413, f"the body may have {self.limit} bytes at most", Connection="close")
        if self._running >= AT_ONCE:
            raise Refusal(503, "too many uploads at once; try again in a moment", **{"Retry-After": "10"})
        self._running += 1
        part = self.folder / f"{PART}{secrets.token_hex(8)}"
        try:
            part.mkdir(mode=0o700)
            name = tidied(name)
            suffix = Path(name).suffix.lower()
            video = part / f"video{suffix if suffix in VIDEO_SUFFIXES else '.mp4'}"
            size = await self._write(video, body)
            if declared is not None and size != declared:
                raise Refusal(400, "the upload broke off; send it again")
            await self._probe(video, name, desk)
            (part / "name.txt").write_text(name, "utf-8")
            whole = self.folder / secrets.token_hex(16)
            part.rename(whole)
            return whole / video.name
        except OSError as error:
            raise Refusal(503, f"the upload cannot be kept: {(error.strerror or 'disk error').lower()}") from error
        finally:
            self._running -= 1
            shutil.rmtree(part, ignore_errors=True)

    def remove(self, video: Path) -> None:
        """Delete an upload by its path."""
        folder = video.parent
        if folder.parent != self.folder.resolve():
            raise ValueError(f"{video} is no upload")
        gone = folder.with_name(f"{PART}{secrets.token_hex(8)}")
        folder.rename(gone)  # nobody sees it half deleted
        shutil.rmtree(gone, ignore_errors=True)

    async def _write(self, path: Path, body: AsyncIterator[bytes]) -> int:
        size = 0
        with path.open("xb") as file:
            async for chunk in arriving(body, self.limit):
                size += len(chunk)
                if shutil.disk_usage(self.folder).free < SPARE:
                    raise Refusal(503, "the disk of the server is full")
                await asyncio.to_thread(file.write, chunk)
            file.flush()
            await asyncio.to_thread(os.fsync, file.fileno())
        return size

    async def _probe(self, video: Path, name: str, desk: Desk) -> None:
        try:
            await desk.ask("facts", {"path": str(video)})
        except Refusal as refusal:
            raise Refusal(refusal.status_code, refusal.detail.replace(str(video), name)) from None


def name_of(video: Path) -> str | None:
    """What its client called an upload; None for what is no whole upload."""
    try:
        return (video.parent / "name.txt").read_text("utf-8")
    except (OSError, ValueError):
        return None


def tidied(name: str) -> str:
    r"""A name fit to show: the last part of a path, without control characters, not too long.

    >>> tidied("C:\\videos\\../a\x00b.mp4")
    'ab.mp4'
    """
    last = re.split(r"[/\\]", name)[-1]
    clean = "".join(letter for letter in last if letter.isprintable()).strip()[-200:]
    return clean if clean.strip(".") else "video"
