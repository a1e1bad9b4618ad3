"""Names of clip files from a template, such as `{video}_{number:03}_{query}`, that every file system takes.

A name never leads out of its folder: it has no separator of paths, and begins with no dot or dash. It has no character
that Windows forbids, is none of the names that Windows keeps for devices, and no longer than file systems allow.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from string import Formatter
from typing import Any

from whenabouts.errors import InputError
from whenabouts.printable import encodable

__all__ = [
    "DEFAULT_NAME",
    "FIELDS",
    "ClipFacts",
    "checked_template",
    "clip_name",
    "file_name",
    "free_name",
    "tells_apart",
]

DEFAULT_NAME = "{query}-{rank}-{start:07.2f}-{end:07.2f}-{id}"
USUAL = "{video}_{number:03}_{query}_{start}"
SUFFIX = ".mp4"
MAX_WORDS_BYTES = 80  # of the query, and of the video's name
MAX_BYTES = 200  # of a name without its suffix; file systems allow 255 for all of it, and clips are written beside it
FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
DEVICES = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])\s*(\..*)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ClipFacts:
    """What is known of a clip.

    video:    name of the video's file, without its suffix        digest: sha256 of the video
    start:    in seconds, as `end`
    number:   of the clip among those that are written together, from 1
    timecode: of its first frame
    """

    video: str
    digest: str
    query: str
    rank: int
    start: float
    end: float
    score: float = 1.0
    number: int = 1
    timecode: str = "00:00:00:00"

    @property
    def id(self) -> str:
        """Eight digits that no other video, query or times have."""
        known = self.digest, self.query, float(self.start), float(self.end)
        return hashlib.sha256(repr(known).encode()).hexdigest()[:8]


FIELDS: dict[str, Callable[[ClipFacts], Any]] = {
    "video": lambda clip: _shortened(_safe(clip.video)),
    "number": lambda clip: clip.number,
    "query": lambda clip: _slug(clip.query) or "query",
    "rank": lambda clip: clip.rank,
    "start": lambda clip: _Seconds(clip.start),
    "end": lambda clip: _Seconds(clip.end),
    "duration": lambda clip: _Seconds(clip.end - clip.start),
    "timecode": lambda clip: re.sub("[:;]", "-", clip.timecode),
    "score": lambda clip: _Seconds(clip.score),
    "id": lambda clip: clip.id,
}
EXAMPLE = ClipFacts("video", "", "query", 1, 0.0, 1.0)


class _Seconds(float):
    """A number that is written with two decimals where the template does not say how."""

    def __format__(self, spec: str) -> str:
        return super().__format__(spec or ".2f")


def checked_template(template: str) -> str:
    """The template, if every clip can have a name by it.

    >>> checked_template("{video}_{nummer}")
    Traceback (most recent call last):
    whenabouts.errors.InputError: the name of clips has an unknown field 'nummer'; choose from: video, number, query, \
rank, start, end, duration, timecode, score, id

    Raises InputError.
    """
    try:
        parts = list(Formatter().parse(template))
    except ValueError as error:
        raise InputError(f"the name of clips {template!r} cannot be read: {error}; write it as {USUAL}") from None
    for literal, field, spec, conversion in parts:
        if found := FORBIDDEN.search(literal):
            raise InputError(f"the name of clips has {found[0]!r}, which not every system has in names; leave it out")
        if field is not None and field not in FIELDS:
            unknown = encodable(field)
            raise InputError(f"the name of clips has an unknown field {unknown!r}; choose from: {', '.join(FIELDS)}")
        if conversion or (spec and not re.fullmatch(r"0?[0-9]{0,2}(\.[0-9]{1,2})?[dfs]?", spec)):
            raise InputError(f"the name of clips has {field!r} in a form that is not known; write it as in {USUAL}")
    try:
        template.format_map(_values(EXAMPLE))
    except ValueError as error:
        raise InputError(f"the name of clips {template!r} cannot be written: {error}") from None
    return template


def tells_apart(template: str) -> bool:
    """Whether names by this template differ wherever clips do."""
    return any(field == "id" for _, field, *_ in Formatter().parse(template))


def file_name(template: str, clip: ClipFacts) -> str:
    """The name of a clip's file.

    >>> clip = ClipFacts("My talk", "ab12", "A cat / on a mat?", 1, 2.75, 8.0, 0.9, 7, "10:00:02;18")
    >>> file_name("{video}_{number:03}_{query}_{timecode}", clip)
    'My talk_007_a-cat-on-a-mat_10-00-02-18.mp4'

    Raises InputError.
    """
    name = _safe(checked_template(template).format_map(_values(clip)))
    name = _cut(name, MAX_BYTES).rstrip(" .")
    if DEVICES.fullmatch(name):
        name = f"_{name}"
    return (name or "clip") + SUFFIX


def free_name(name: str, taken: Iterable[str]) -> str:
    """The name, or with a number behind it where the same is taken, on systems that know no capitals too.

    >>> free_name("Dog.mp4", ["dog.mp4", "dog-2.mp4"])
    'Dog-3.mp4'
    """
    known = {_alike(each) for each in taken}
    stem, number, free = name.removesuffix(SUFFIX), 1, name
    while _alike(free) in known:
        number += 1
        free = f"{stem}-{number}{SUFFIX}"
    return free


def clip_name(query: str, rank: int, start: float, end: float, video: str) -> str:
    """The name of a clip where nobody chose another.

    video: sha256 of the video

    >>> clip_name("A cat / on a mat?", 1, 2.75, 8.0, "ab12")
    'a-cat-on-a-mat-1-0002.75-0008.00-e4f5bb94.mp4'
    """
    return file_name(DEFAULT_NAME, ClipFacts("", video, query, rank, start, end))


def _values(clip: ClipFacts) -> dict[str, Any]:
    return {name: value(clip) for name, value in FIELDS.items()}


def _slug(text: str) -> str:
    return _shortened(re.sub(r"[^\w]+", "-", text.casefold()).strip("-_"))


def _safe(text: str) -> str:
    """Text without what names of files cannot have, or should not begin with."""
    return (
        " ".join(FORBIDDEN.sub("-", unicodedata.normalize("NFC", encodable(text))).split()).lstrip(" .-").rstrip(" .")
    )


def _shortened(text: str) -> str:
    return _cut(text, MAX_WORDS_BYTES)


def _cut(text: str, most: int) -> str:
    return text.encode()[:most].decode(errors="ignore")


def _alike(name: str) -> str:
    """The same for names that a file system may hold for one."""
    return unicodedata.normalize("NFC", name.casefold())
