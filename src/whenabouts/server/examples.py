"""Pictures that clients upload as examples, by the hash of their bytes; and what a client's `like` means here.

    pictures/3f…/picture-3f2a9c1d.jpg    the bytes        pictures/3f…/small.jpg    a thumbnail, made anew

No part of a request becomes a path: a picture is named `picture:` and its hash, a video by its id.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import secrets
import shutil
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

from whenabouts.errors import QueryError
from whenabouts.query import Example
from whenabouts.server.body import read_body
from whenabouts.server.http_refusal import HTTPRefusal
from whenabouts.server.quick_tasks import QuickTasks
from whenabouts.server.uploads import FREE_DISK
from whenabouts.server.videos import VideoFiles
from whenabouts.video.stills.picture import MAX_PICTURE_BYTES, picture_suffix

__all__ = ["Pictures", "resolved", "video_of"]

KEPT = 1000  # pictures; the oldest go
AT_ONCE = 4  # that arrive; others wait
PREFIX, THUMBNAIL, PART = "picture:", "small.jpg", ".part-"
SHA256 = re.compile("[0-9a-f]{64}")
HEAD = 32  # bytes that tell the kind of picture


class Pictures:
    """The folder of pictures; what a killed server left incomplete is deleted."""

    def __init__(self, folder: Path, quick_tasks: QuickTasks, *, enabled: bool) -> None:
        self.folder, self.enabled = folder, enabled
        self._quick_tasks = quick_tasks
        self._arriving = asyncio.Semaphore(AT_ONCE)
        folder.mkdir(parents=True, exist_ok=True)
        for left in folder.glob(f"{PART}*"):
            shutil.rmtree(left, ignore_errors=True)

    async def receive(self, body: AsyncIterator[bytes]) -> str:
        """The hash of a picture that can be decoded and is kept. Raises HTTPRefusal, and then keeps nothing."""
        if not self.enabled:
            raise HTTPRefusal(403, "uploads are disabled on this server")
        async with self._arriving:
            part = self.folder / f"{PART}{secrets.token_hex(8)}"
            try:
                return await self._receive(part, body)
            finally:
                await asyncio.to_thread(shutil.rmtree, part, ignore_errors=True)

    def thumbnail(self, sha256: str) -> Path:
        """The path of a thumbnail, whether or not there is one."""
        return self.folder / sha256 / THUMBNAIL

    async def _receive(self, part: Path, body: AsyncIterator[bytes]) -> str:
        data = bytearray()
        async for chunk in read_body(body, MAX_PICTURE_BYTES):
            data += chunk
        suffix = picture_suffix(bytes(data[:HEAD]))
        if suffix is None:
            raise HTTPRefusal(409, "this is not a picture of a kind that is read: PNG, JPEG, WebP, TIFF, GIF or BMP")
        if shutil.disk_usage(self.folder).free < FREE_DISK + len(data):
            raise HTTPRefusal(507, "the disk of the server is full; nothing was saved")
        sha256 = hashlib.sha256(data).hexdigest()
        if (self.folder / sha256).is_dir():
            return sha256
        picture = part / f"picture-{sha256[:8]}{suffix}"
        await asyncio.to_thread(part.mkdir, mode=0o700)
        await asyncio.to_thread(picture.write_bytes, data)
        try:
            request = {"path": str(picture), "out": str(part / THUMBNAIL)}
            await self._quick_tasks.run("picture_thumbnail", request)
        except HTTPRefusal as refusal:
            detail = refusal.detail.replace(str(picture), "that was sent").replace(str(part), "")
            raise HTTPRefusal(refusal.status_code, detail) from None
        await asyncio.to_thread(self._keep, part, sha256)
        return sha256

    def _keep(self, part: Path, sha256: str) -> None:
        with suppress(OSError):  # another request brought the same one meanwhile
            part.rename(self.folder / sha256)
        kept = sorted(self.folder.glob("[0-9a-f]*"), key=lambda path: path.stat().st_mtime, reverse=True)
        for old in kept[KEPT:]:
            shutil.rmtree(old, ignore_errors=True)


def resolved(like: str | None, pictures: Path, videos: VideoFiles) -> str | None:
    """A client's example with the path that it stands for; one in the same video as it is. Raises HTTPRefusal."""
    if like is None:
        return None
    try:
        example = Example.parse(like, files=False)
    except QueryError as error:
        raise HTTPRefusal(409, f"like: {error}") from None
    if example.start is not None:
        if not example.path:
            return like
        try:
            video = videos.get(example.path)
        except KeyError:
            raise HTTPRefusal(404, "like: there is no such video; write its id and a time: VIDEO@12.5") from None
        return str(Example(str(video.path), example.start, example.end))
    sha256 = example.path.removeprefix(PREFIX)
    if not example.path.startswith(PREFIX) or not SHA256.fullmatch(sha256):
        raise HTTPRefusal(403, "like: upload the picture first (POST /api/pictures), and name it as that says")
    found = next((pictures / sha256).glob("picture-*"), None)
    if found is None:
        raise HTTPRefusal(404, "like: there is no such picture; upload it again")
    return str(found)


def video_of(like: str | None) -> str | None:
    """The id of the other video that a client's example is from, if any.

    >>> video_of("0a1b2c@12.5"), video_of("@12.5"), video_of("picture:3f2a9c1d")
    ('0a1b2c', None, None)
    """
    example = Example.parse(like, files=False) if like else None
    return (example.path or None) if example is not None and example.start is not None else None
