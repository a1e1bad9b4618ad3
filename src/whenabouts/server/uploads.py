"""Uploads: kept only where they arrive complete and are videos.

Each upload has a folder with an unguessable name, so that the client's file name never becomes a path:

    uploads/3f…/video.mp4    the bytes        uploads/3f…/name.txt    the client's file name
                                              uploads/3f…/owner.txt   the user, where the server has users

Many may arrive at once, half of them of one client. Where that is not enough, the slowest gives its place to the next.
"""

from __future__ import annotations

import asyncio
import os
import re
import secrets
import shutil
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from whenabouts.files.atomic import sync_folder
from whenabouts.server.body import read_body
from whenabouts.server.http_refusal import HTTPRefusal
from whenabouts.server.quick_tasks import QuickTasks
from whenabouts.video.suffixes import VIDEO_SUFFIXES

__all__ = ["Uploads", "safe_name", "upload_name", "upload_owner"]

MAX_UPLOADS = 64  # at once
GRACE_SECONDS = 5.0  # after which an upload can be called slow
SLOW = 100e3  # bytes a second
FREE_DISK = (
    256 << 20
)  # bytes that an upload leaves free, on a small disk a tenth of it: corrections are saved there too
PART = ".part-"


class Uploads:
    """The folder of uploads; what a killed server left incomplete is deleted.

    limit: bytes of one upload; 0 disables uploads
    """

    def __init__(self, folder: Path, limit: int, quick_tasks: QuickTasks) -> None:
        self.folder, self.limit = folder, limit
        self._quick_tasks = quick_tasks
        self._running: list[_Upload] = []
        folder.mkdir(parents=True, exist_ok=True)
        for left in folder.glob(f"{PART}*"):
            shutil.rmtree(left, ignore_errors=True)

    async def receive(
        self, client: str, name: str, body: AsyncIterator[bytes], declared: int | None, owner: str | None = None
    ) -> Path:
        """The path of a new video of a user, of `declared` bytes if known; it is on the disk then.

        Raises HTTPRefusal, DataUnavailable or what `body` raises, and then keeps nothing.
        """
        if not self.limit:
            raise HTTPRefusal(403, "uploads are disabled on this server")
        if declared is not None and declared > self.limit:
            raise HTTPRefusal(413, f"the upload is larger than {self.limit} bytes, the most allowed here")
        if declared is not None:
            await asyncio.to_thread(self._reserve, declared)
        upload = self._admit(client)
        part = self.folder / f"{PART}{secrets.token_hex(8)}"
        try:
            texts = {"name.txt": safe_name(name)} | ({"owner.txt": owner} if owner else {})
            return await self._receive(upload, part, texts, body, declared)
        finally:
            self._running.remove(upload)
            await asyncio.to_thread(shutil.rmtree, part, ignore_errors=True)

    @contextmanager
    def removing(self, video: Path) -> Iterator[None]:
        """Delete an upload, unless the block fails. Raises ValueError for a path of another file."""
        folder = video.parent
        if folder.parent != self.folder.resolve():
            raise ValueError(f"{video} is not an upload")
        deleted = folder.with_name(f"{PART}{secrets.token_hex(8)}")
        folder.rename(deleted)  # so that nobody sees it half deleted
        try:
            yield
        except BaseException:
            deleted.rename(folder)
            raise
        shutil.rmtree(deleted, ignore_errors=True)

    def _admit(self, client: str) -> _Upload:
        """Begin an upload. Where too many arrive, the slowest is given up. Raises HTTPRefusal."""
        of_client = [each for each in self._running if each.client == client]
        if len(of_client) >= MAX_UPLOADS // 2:
            _give_up_slowest(of_client, 429)
        elif len(self._running) >= MAX_UPLOADS:
            _give_up_slowest(self._running, 503)
        upload = _Upload(client)
        self._running.append(upload)
        return upload

    async def _receive(
        self, upload: _Upload, part: Path, texts: dict[str, str], body: AsyncIterator[bytes], declared: int | None
    ) -> Path:
        await asyncio.to_thread(part.mkdir, mode=0o700)
        name = texts["name.txt"]
        suffix = Path(name).suffix.lower()
        video = part / f"video{suffix if suffix in VIDEO_SUFFIXES else '.mp4'}"
        with await asyncio.to_thread(video.open, "xb") as file:
            async for chunk in read_body(upload.stream(body), self.limit):
                await asyncio.to_thread(self._append, file, chunk)
            await asyncio.to_thread(_sync, file)
        if declared is not None and upload.size != declared:
            raise HTTPRefusal(400, "the upload is incomplete; send it again")
        await self._check(video, name)
        return await asyncio.to_thread(self._keep, part, video, texts)

    def _keep(self, part: Path, video: Path, texts: dict[str, str]) -> Path:
        for name, text in texts.items():
            with (part / name).open("w", encoding="utf-8") as file:
                file.write(text)
                _sync(file)
        sync_folder(part)
        whole = self.folder / secrets.token_hex(16)
        part.rename(whole)
        sync_folder(self.folder)
        return whole / video.name

    async def _check(self, video: Path, name: str) -> None:
        try:
            await self._quick_tasks.run("facts", {"path": str(video)})
        except HTTPRefusal as refusal:
            raise HTTPRefusal(refusal.status_code, refusal.detail.replace(str(video), name)) from None

    def _append(self, file: IO[bytes], chunk: bytes) -> None:
        self._reserve(len(chunk))
        file.write(chunk)

    def _reserve(self, size: int) -> None:
        """Raises HTTPRefusal where uploads may not take `size` more bytes of the disk, which need not be full."""
        disk = shutil.disk_usage(self.folder)
        kept = min(FREE_DISK, disk.total // 10)
        if disk.free - kept < size:
            mib = max(0, disk.free - kept) >> 20
            raise HTTPRefusal(507, f"uploads may take {mib} MiB more on the disk of the server; nothing was saved")


@dataclass(eq=False, slots=True)
class _Upload:
    """One that arrives; `given_up` is set where another takes its place."""

    client: str
    size: int = 0
    began: float = field(default_factory=time.monotonic)
    given_up: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def rate(self) -> float:
        """Bytes a second; one that has just begun counts as fast."""
        seconds = time.monotonic() - self.began
        return self.size / seconds if seconds > GRACE_SECONDS else float("inf")

    async def stream(self, body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """The same body, counted, until it is given up. Raises HTTPRefusal then."""
        given_up = asyncio.ensure_future(self.given_up.wait())
        try:
            while True:
                chunk = asyncio.ensure_future(anext(body, b""))
                done, _ = await asyncio.wait({chunk, given_up}, return_when=asyncio.FIRST_COMPLETED)
                if chunk not in done:
                    chunk.cancel()
                    raise HTTPRefusal(408, "the upload was too slow while others waited; send it again")
                if not chunk.result():
                    return
                self.size += len(chunk.result())
                yield chunk.result()
        finally:
            given_up.cancel()


def _give_up_slowest(uploads: list[_Upload], status: int) -> None:
    """Raises HTTPRefusal with `status` where all are fast."""
    slowest = min((each for each in uploads if not each.given_up.is_set()), key=lambda each: each.rate, default=None)
    if slowest is None or slowest.rate > SLOW:
        raise HTTPRefusal(status, "too many uploads at once; try again in a moment", **{"Retry-After": "10"})
    slowest.given_up.set()


def _sync(file: IO[Any]) -> None:
    file.flush()
    os.fsync(file.fileno())


def upload_name(video: Path) -> str | None:
    """The client's file name of an upload; None for a file that is not a complete upload."""
    return _text(video.parent / "name.txt")


def upload_owner(video: Path) -> str | None:
    """Whose upload it is; None where the server had no users."""
    return _text(video.parent / "owner.txt")


def _text(path: Path) -> str | None:
    try:
        return path.read_text("utf-8")
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
