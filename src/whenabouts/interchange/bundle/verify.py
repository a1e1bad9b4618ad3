"""Check a bundle. It may come from anybody: nothing is unpacked, names lead nowhere, and sizes are bounded."""

from __future__ import annotations

import hashlib
import json
import stat
import struct
import zipfile
import zlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from whenabouts.errors import AnnotationError, InputError
from whenabouts.interchange.bundle.manifest import (
    MANIFEST,
    MAX_DIRECTORY,
    MAX_ENTRIES,
    MAX_ENTRY,
    MAX_MANIFEST,
    MAX_TOTAL,
    PREDICTIONS,
    Entry,
    Manifest,
)
from whenabouts.interchange.bundle.pictures import unlike
from whenabouts.prediction import Prediction
from whenabouts.video import Video

__all__ = ["Verification", "read_bundle", "verify"]

CHUNK = 1 << 20  # bytes in memory at a time
UNREADABLE = (
    *(zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError),
    *(NotImplementedError, RuntimeError, ValueError, OverflowError),
)
LOCAL, CENTRAL, END, LOCATOR = 30, 46, 22, 20  # bytes of the fixed parts of a zip
LEVELS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


@dataclass(frozen=True, slots=True)
class Verification:
    """What was found: the digest, the manifest where it can be read, and all that is wrong, one sentence each."""

    digest: str | None
    manifest: Manifest | None
    problems: tuple[str, ...]

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems


def verify(path: Path, *, digest: str | None = None, video: Video | None = None) -> Verification:
    """Check every entry against the manifest, the manifest against a `digest` that was kept, and all with the video.

    Nothing is written, and at most 16 MB are held; with a video the answers and two pictures too. Raises InputError for
    a file that is not there, VideoError.
    """
    if not path.is_file():
        raise InputError(f"{path} is not a file")
    try:
        if (why := _directory(path)) is not None:
            return Verification(None, None, (why,))
        with zipfile.ZipFile(path) as archive:
            found, manifest, problems = _examined(archive, path)
    except UNREADABLE:
        return Verification(None, None, ("it is not a zip that can be read",))
    if digest is not None and digest.strip().lower() != found:
        problems.append(f"the manifest is not the one of the digest: its own is {found}")
    if video is not None and manifest is not None and manifest.video.get("sha256") != video.sha256:
        problems.append(f"the video is another one: its sha256 is {video.sha256}")
    elif video is not None and manifest is not None and not problems:
        try:
            problems += unlike(path, manifest, _predictions(path, manifest), video)
        except InputError as error:
            problems.append(str(error))
    return Verification(found, manifest, tuple(problems))


def read_bundle(path: Path) -> tuple[Manifest, list[Prediction]]:
    """The manifest and the answers of a bundle that is sound. Raises InputError for any other."""
    checked = verify(path)
    if not checked.sound or checked.manifest is None:
        raise InputError(f"{path}: {checked.problems[0]}")
    return checked.manifest, _predictions(path, checked.manifest)


def _predictions(path: Path, manifest: Manifest) -> list[Prediction]:
    try:
        with zipfile.ZipFile(path) as archive:
            rows = json.loads(archive.open(PREDICTIONS).read(manifest.entries[PREDICTIONS].bytes))
        return [Prediction.from_dict(row) for row in rows]
    except (*UNREADABLE, KeyError, TypeError, RecursionError, AnnotationError) as error:
        raise InputError(f"{path}: its {PREDICTIONS} cannot be read") from error


def _examined(archive: zipfile.ZipFile, path: Path) -> tuple[str | None, Manifest | None, list[str]]:
    """The digest, the manifest and what is wrong."""
    every = archive.infolist()
    problems = [f"{_shown(name)} is there {n} times" for name, n in Counter(i.filename for i in every).items() if n > 1]
    problems += [why for info in every if (why := _odd(info))]
    if MANIFEST not in archive.namelist():
        return None, None, [*problems, f"it has no {MANIFEST}"]
    content = _content(archive, MANIFEST, MAX_MANIFEST)
    if content is None:
        return None, None, [*problems, f"its {MANIFEST} cannot be read"]
    digest = hashlib.sha256(content).hexdigest()
    try:
        manifest = Manifest.from_bytes(content)
    except InputError as error:
        return digest, None, [*problems, f"its {MANIFEST} is not understood: {error}"]
    if sum(entry.bytes for entry in manifest.entries.values()) > MAX_TOTAL:
        return digest, manifest, [*problems, f"it holds more than the {MAX_TOTAL >> 30} GB that a bundle may have"]
    names = {info.filename for info in every}
    problems += [f"{_shown(name)} was added" for name in sorted(names - manifest.entries.keys() - {MANIFEST})]
    problems += [f"{_shown(name)} was removed" for name in sorted(manifest.entries.keys() - names)]
    for name in sorted(manifest.entries.keys() & names):
        if not _same(archive, name, manifest.entries[name]):
            problems.append(f"{_shown(name)} was changed")
    if not problems and _between(every, path):
        problems.append("it has bytes that belong to no entry")
    return digest, manifest, problems


def _odd(info: zipfile.ZipInfo) -> str:
    """Why an entry is none that a bundle has; empty for one that may be."""
    name, said = info.orig_filename, _shown(info.filename)
    parts = name.split("/")
    if name.startswith("/") or "\\" in name or ":" in name or "\0" in name or {"", ".", ".."} & set(parts):
        return f"{said} is not the name of a file in a bundle"
    if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG):
        return f"{said} is a link or no plain file"
    if info.flag_bits & 1 or info.compress_type not in LEVELS:
        return f"{said} is encrypted or packed in a way that is not read"
    return ""


def _content(archive: zipfile.ZipFile, name: str, most: int) -> bytes | None:
    try:
        with archive.open(name) as file:
            content = file.read(most + 1)
    except UNREADABLE:
        return None
    return content if len(content) <= most else None


def _same(archive: zipfile.ZipFile, name: str, entry: Entry) -> bool:
    """Whether an entry is as the manifest says; never more is unpacked than that says, and a chunk held at a time."""
    if not 0 <= entry.bytes <= MAX_ENTRY or archive.getinfo(name).file_size != entry.bytes:
        return False
    digest, read = hashlib.sha256(), 0
    try:
        with archive.open(name) as file:
            while chunk := file.read(CHUNK):
                read += len(chunk)
                if read > entry.bytes:
                    return False
                digest.update(chunk)
    except UNREADABLE:
        return False
    return read == entry.bytes and digest.hexdigest() == entry.sha256


def _directory(path: Path) -> str | None:
    """Why the list of entries is not to be read into memory; None where it may be."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - END - LOCATOR))
        tail = file.read()
    if tail[-END:-18] != b"PK\5\6":
        return "it is not a zip that can be read, or bytes were added to its end"
    entries, length = struct.unpack("<HI", tail[-12:-6])
    if entries > MAX_ENTRIES or length > MAX_DIRECTORY or tail[:4] == b"PK\6\7":
        return f"it has more than the {MAX_ENTRIES} entries that a bundle may have"
    return None


def _between(every: list[zipfile.ZipInfo], path: Path) -> bool:
    """Whether the file is longer or shorter than its entries are."""
    known = END + sum(LOCAL + CENTRAL + 2 * len(i.orig_filename.encode()) + i.compress_size for i in every)
    return path.stat().st_size != known


def _shown(name: str) -> str:
    """A name as it may be printed: short, in one line."""
    return repr(name[:80]) if not name.isprintable() or len(name) > 80 or not name else name
