"""A sequence of still pictures that is shown at a rate of its own: a folder, or a pattern of names, and `@RATE`.

`frames@25`, `frames/%05d.png@25` and `frames/*.jpg@23.976` name videos wherever a file can be named, and so do answers
about them: no file is written. Pictures come in natural order: 2.png before 10.png.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av

from whenabouts.errors import InputError, VideoError
from whenabouts.files.content import remembered
from whenabouts.video.stills.movie import Movie, Picture, movie_of

__all__ = ["CODECS", "ImageSequence", "at_rate", "sequence_of", "stills_in"]

CODECS = {".png": b"png ", ".jpg": b"jpeg", ".jpeg": b"jpeg", ".tif": b"tiff", ".tiff": b"tiff"}
STILLS = "png_pipe,jpeg_pipe,tiff_pipe"
OTHERS = frozenset((".bmp", ".webp", ".gif", ".heic", ".avif", ".exr", ".dpx", ".tga", ".ppm", ".jp2", ".jxl"))
NAMED = re.compile(r"(?P<place>.+)@(?P<rate>\d+(?:\.\d+)?|\.\d+)")
NUMBER = re.compile(r"%0?\d*d")
NTSC = Fraction(1000, 1001)
MAX_RATE = 1000
TOLD = 3  # gaps in the numbers that are told one by one


def at_rate(path: Path, rate: float | None) -> Path:
    """The name of the sequence at a place, shown at `rate` pictures a second; the path itself without a rate.

    >>> str(at_rate(Path("frames"), 25))
    'frames@25'

    Raises InputError for a file, which has times of its own.
    """
    if rate is None:
        return path
    if path.is_file() or (NAMED.fullmatch(path.name) and sequence_of(path) is not None):
        raise InputError(f"a rate is for a folder of pictures or a pattern of their names, and {path} has its own")
    return path.with_name(f"{path.name}@{rate:g}") if path.name else Path(f"{path.resolve()}@{rate:g}")


@dataclass(frozen=True, slots=True)
class ImageSequence:
    """Files of one kind of picture, in order, and how many are shown a second."""

    place: Path
    files: tuple[Path, ...]
    rate: Fraction

    def open(self) -> Movie:
        """All of it as one movie. Raises VideoError."""
        try:
            pictures = [Picture(file, max(1, file.stat().st_size)) for file in self.files]  # an empty one fails too
        except OSError as error:
            raise VideoError(f"a picture of {self.place} can no longer be read: {error.filename}") from error
        codec = CODECS[self.files[0].suffix.lower()]
        lasts = [self.rate.denominator] * len(pictures)
        return movie_of(pictures, codec, _size(self.files[0]), lasts, self.rate.numerator)

    @property
    def sha256(self) -> str:
        """SHA-256 of the rate and the bytes of all files, which are read anew only where one of them has changed."""
        stamps = [(file.name, *_stamp(file)) for file in self.files]
        return remembered(hashlib.sha256(repr((str(self.rate), stamps)).encode()).hexdigest(), self._digest)

    def _digest(self) -> str:
        with self.open() as movie:
            digest = hashlib.sha256()
            while block := movie.read(1 << 20):
                digest.update(block)
            return digest.hexdigest()

    @property
    def notes(self) -> tuple[str, ...]:
        """Which numbers are missing between the first and the last; the pictures around them follow each other."""
        numbers = [int(found[-1]) for file in self.files if (found := re.findall(r"\d+", file.stem))]
        if len(numbers) != len(self.files):
            return ()
        gaps = [(a + 1, b - 1) for a, b in pairwise(numbers) if b > a + 1]
        lacking = sum(last - first + 1 for first, last in gaps)
        every = {b - a for a, b in pairwise(numbers)}
        if not gaps or len(every) == 1:  # each second, or each tenth, is a numbering too
            return ()
        if len(gaps) > TOLD:
            return (f"{lacking} numbers are missing between {gaps[0][0]} and {gaps[-1][1]}: time goes on without them",)
        return tuple(
            f"number {a} is missing: time goes on without it"
            if a == b
            else f"numbers {a} to {b} are missing: time goes on without them"
            for a, b in gaps
        )


def sequence_of(path: Path) -> ImageSequence | None:
    """The sequence that a path names, None where it names none. Raises VideoError where it has no pictures."""
    found = NAMED.fullmatch(path.name)
    if found is None or path.exists():
        return None
    place, rate = path.with_name(found["place"]), _rate(found["rate"])
    if not 0 < rate <= MAX_RATE:
        raise VideoError(f"{path}: a rate is more than 0 and at most {MAX_RATE} pictures a second")
    if place.is_dir():
        return ImageSequence(place, _of_one_kind(place, stills_in(place)), rate)
    if place.is_file() or not _is_pattern(place.name):
        return None
    return ImageSequence(place, _of_one_kind(place, _matching(place)), rate)


def stills_in(folder: Path) -> list[Path]:
    """The pictures of a folder, in natural order."""
    return _natural(path for path in _listed(folder) if path.suffix.lower() in CODECS.keys() | OTHERS)


def _matching(pattern: Path) -> list[Path]:
    """The files of a folder whose names fit `%05d` or `*`, in natural order."""
    name = pattern.name
    if NUMBER.search(name):
        parts = [re.escape(part) for part in NUMBER.split(name)]
        fits = re.compile(r"\d+".join(parts)).fullmatch
        return _natural(path for path in _listed(pattern.parent) if fits(path.name))
    return _natural(path for path in _listed(pattern.parent) if fnmatchcase(path.name, name))


def _is_pattern(name: str) -> bool:
    return bool(NUMBER.search(name)) or any(sign in name for sign in "*?[")


def _listed(folder: Path) -> list[Path]:
    try:
        return [path for path in folder.iterdir() if not path.name.startswith(".") and path.is_file()]
    except OSError:
        return []


def _natural(paths: object) -> list[Path]:
    def key(path: Path) -> list[tuple[int, str]]:
        return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", path.name)]

    return sorted(paths, key=key)  # type: ignore[call-overload,no-any-return]


def _of_one_kind(place: Path, files: list[Path]) -> tuple[Path, ...]:
    if not files:
        raise VideoError(
            f"no pictures are found at {place}; name a folder of them, or a pattern such as frames/%05d.png"
        )
    kinds = sorted({file.suffix.lower() for file in files})
    if len({CODECS.get(kind, kind.encode()) for kind in kinds}) > 1:
        raise VideoError(
            f"{place} holds pictures of several kinds ({', '.join(kinds)}); "
            f"name one of them with a pattern, such as *{kinds[0]}"
        )
    if kinds[0] not in CODECS:
        raise VideoError(f"a sequence of pictures is of PNG, JPEG or TIFF, and {place} holds {kinds[0]}; convert them")
    return tuple(files)


def _rate(text: str) -> Fraction:
    """Pictures a second; what is written for one of the rates of NTSC is that rate.

    >>> _rate("23.976"), _rate("12.5")
    (Fraction(24000, 1001), Fraction(25, 2))
    """
    rate = Fraction(text)
    near = round(rate / NTSC) * NTSC
    return near if rate != round(rate) and abs(near - rate) < Fraction(1, 200) else rate


def _size(file: Path) -> tuple[int, int]:
    """Width and height of a picture as its header says; any where it does not: decoding tells."""
    try:
        with (
            file.open("rb") as opened,
            av.open(opened, options={"format_whitelist": STILLS, "protocol_whitelist": "none"}) as container,
        ):
            stream = container.streams.video[0]
            return min(stream.width, 0xFFFF) or 16, min(stream.height, 0xFFFF) or 16
    except (av.FFmpegError, OSError, IndexError):
        return 16, 16


def _stamp(file: Path) -> tuple[int, int, int]:
    try:
        facts = file.stat()
    except OSError:
        return 0, 0, 0
    return facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns
