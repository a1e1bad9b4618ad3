"""Answers, clips and exported files that clients can read again, by addresses of their own."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from mimetypes import guess_type
from pathlib import Path
from threading import Lock
from urllib.parse import quote

from whenabouts.errors import InputError

__all__ = ["TEMPLATES", "Resource", "Resources"]

SCHEME = "whenabouts://"
OCTETS = "application/octet-stream"
TEMPLATES = {
    f"{SCHEME}answers/{{id}}": ("answers", "A finished answer of `find` or `search`, as JSON.", "application/json"),
    f"{SCHEME}clips/{{name}}": ("clips", "A clip that `clip` wrote.", "video/mp4"),
    f"{SCHEME}files/{{name}}": ("files", "A file that `export` wrote.", OCTETS),
}
MAX_KEPT = 200  # resources
MAX_CHARS = 32 << 20  # of all answers
MAX_FILE = 64 << 20  # bytes of a file that is read in one piece


@dataclass(frozen=True, slots=True)
class Resource:
    """One of them; its content is a text, or that of the file at a path."""

    uri: str
    name: str
    title: str
    type: str
    content: str | Path

    @property
    def size(self) -> int | None:
        """Bytes; None where the file is gone."""
        if isinstance(self.content, str):
            return len(self.content.encode())
        try:
            return self.content.stat().st_size
        except OSError:
            return None


class Resources:
    """The newest answers and files of one server, in memory until it ends."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Resource] = OrderedDict()
        self._chars = 0
        self._lock = Lock()

    def answer(self, title: str, text: str) -> Resource:
        """Keep an answer; the same answer has the same address."""
        identity = hashlib.sha256(f"{title}\n{text}".encode()).hexdigest()[:16]
        return self._keep(Resource(f"{SCHEME}answers/{identity}", identity, title, "application/json", text))

    def clip(self, path: Path) -> Resource:
        """Keep the address of a clip."""
        uri = f"{SCHEME}clips/{quote(path.name)}"
        return self._keep(Resource(uri, path.name, path.name, "video/mp4", path))

    def file(self, path: Path) -> Resource:
        """Keep the address of an exported file."""
        uri = f"{SCHEME}files/{quote(path.name)}"
        return self._keep(Resource(uri, path.name, path.name, guess_type(path.name)[0] or OCTETS, path))

    def all(self) -> list[Resource]:
        """All of them, newest first."""
        with self._lock:
            return list(reversed(self._kept.values()))

    def read(self, uri: str) -> tuple[Resource, str | bytes]:
        """The resource at an address, and its content. Raises InputError."""
        with self._lock:
            found = self._kept.get(uri)
        if found is None:
            raise InputError(f"{uri!r} is not a resource of this server, or no longer; list the resources")
        if isinstance(found.content, str):
            return found, found.content
        if found.size is None:
            raise InputError(f"{found.name} is gone; call the tool that wrote it again")
        if found.size > MAX_FILE:
            raise InputError(f"{found.name} is larger than {MAX_FILE >> 20} MiB; take it from its folder")
        return found, found.content.read_bytes()

    def _keep(self, resource: Resource) -> Resource:
        with self._lock:
            before = self._kept.pop(resource.uri, None)
            self._kept[resource.uri] = resource
            self._chars += _chars(resource) - (_chars(before) if before else 0)
            while len(self._kept) > MAX_KEPT or (self._chars > MAX_CHARS and len(self._kept) > 1):
                self._chars -= _chars(self._kept.popitem(last=False)[1])
        return resource


def _chars(resource: Resource) -> int:
    return len(resource.content) if isinstance(resource.content, str) else 0
