"""Subtitles: files that lie beside a video and text tracks inside it, read as timed text.

A subtitle file belongs to `video.mp4` when it is called `video.srt` or `video.en.srt` (also .vtt, .ass, .ssa) and lies
in the same folder or in `subs` or `subtitles` below it. A file that cannot be read is logged and left out.
"""

from __future__ import annotations

import html
import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from whenabouts.errors import InputError
from whenabouts.evidence.encodings import decoded
from whenabouts.evidence.timed_text import TimedText, tidy
from whenabouts.video.edit.pieces import map_from, of_files, pieced
from whenabouts.video.source import shown
from whenabouts.video.suffixes import is_video

if TYPE_CHECKING:
    from whenabouts.video import Video

__all__ = ["read_subtitle_file", "sidecars", "subtitles"]

log = logging.getLogger(__name__)

SUFFIXES = (".srt", ".vtt", ".ass", ".ssa")
FOLDERS = ("subs", "subtitles")
WORD_STAMP = re.compile(r"<[\d:.]+>")  # WebVTT's karaoke stamps inside a line
MAX_BYTES = 32 * 2**20  # a day of dense subtitles takes 3 MB
MAX_LINES = 200_000
SHORTEST = 0.05  # seconds; less of a line is not read by anybody


def subtitles(video: Video) -> list[TimedText]:
    """Every line of every subtitle file and text track of a video, in order of time, kind "said".

    A video that is made of stretches of others has theirs, on its own clock: a line that was cut in two is there twice,
    one that was cut out is gone. Lines keep their words where a part of them is left, or it is shown backwards.
    """
    from whenabouts.evidence.tracks import read_tracks

    if pieced(video):
        return _moved(video)
    lines: list[TimedText] = []
    for path in sidecars(video.path):
        try:
            lines += read_subtitle_file(path)
        except InputError as error:
            log.warning("%s", error)
    return tidy(lines + read_tracks(video), video.duration)


def _moved(video: Video) -> list[TimedText]:
    pieces = of_files(video)
    lines: list[TimedText] = []
    for source in {id(piece.video): piece.video for piece in pieces}.values():
        time_map = map_from(source, pieces)
        for line in subtitles(source):
            rows = time_map.windows([[line.start, line.end]]).tolist()
            lines += [replace(line, start=start, end=end) for start, end in rows if end - start >= SHORTEST]
    return tidy(lines, video.duration)


def sidecars(path: Path) -> list[Path]:
    """The subtitle files that belong to the video `path`, the shortest name first."""
    nearby = list(_files(path.parent))
    for folder in _folders(path.parent):
        nearby += _files(folder)
    stem = path.stem.casefold()
    videos = {file.stem.casefold() for file in nearby if is_video(file)}
    others = [video for video in videos if video.startswith(f"{stem}.")]
    found = [
        file
        for file in nearby
        if file.suffix.lower() in SUFFIXES
        and _belongs(file.stem.casefold(), stem)
        and not any(_belongs(file.stem.casefold(), other) for other in others)
    ]
    return sorted(found, key=lambda file: (len(file.name), str(file)))


def read_subtitle_file(path: Path) -> list[TimedText]:
    """The lines of a .srt, .vtt, .ass or .ssa file, in seconds, without markup; `source` is the file's name.

    The encoding is UTF-16 where its marks are seen, else UTF-8, else what `encodings` finds.
    Raises InputError in one sentence.
    """
    import pysubs2

    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError(f"{shown(path)} cannot be read: {(error.strerror or 'unknown reason').lower()}") from error
    if len(raw) > MAX_BYTES:
        raise InputError(f"{shown(path)} is larger than {MAX_BYTES >> 20} MiB, too large for a subtitle file")
    try:
        parsed = pysubs2.SSAFile.from_string(WORD_STAMP.sub("", _decoded(raw)))
    except Exception as error:  # the parser's own errors, and ValueError or OverflowError on absurd stamps
        raise InputError(
            f"{shown(path)} is not a readable subtitle file: export it as SubRip (.srt) in UTF-8"
        ) from error
    events = sorted(e for e in parsed.events[:MAX_LINES] if not e.is_comment and not e.is_drawing)
    rows = [(e.start / 1000, e.end / 1000, html.unescape(e.plaintext)) for e in events if e.start < e.end]
    return [TimedText(start, end, text, "said", path.name) for start, end, text in _unrolled(rows)]


def _unrolled(rows: Iterable[tuple[float, float, str]]) -> Iterator[tuple[float, float, str]]:
    """Captions that roll up repeat their last line as the next one's first: each is given once, when it is new."""
    before: list[str] = []
    shown_until = 0.0
    for start, end, text in rows:
        lines = [line for line in map(str.strip, text.splitlines()) if line]
        fresh = lines
        if start <= shown_until + 0.1:
            for overlap in range(min(len(before), len(lines)), 0, -1):
                if before[-overlap:] == lines[:overlap]:
                    fresh = lines[overlap:]
                    break
        before, shown_until = lines or before, end
        if fresh:
            yield start, end, " ".join(fresh)


def _decoded(raw: bytes) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", "replace")
    if b"\0" in raw[:2]:
        return raw.decode("utf-16-be" if raw[0] == 0 else "utf-16-le", "replace")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return decoded(raw)


def _files(folder: Path) -> Iterator[Path]:
    try:
        yield from (file for file in folder.iterdir() if file.is_file())
    except OSError:
        return


def _folders(folder: Path) -> Iterator[Path]:
    try:
        yield from (child for child in folder.iterdir() if child.name.lower() in FOLDERS and child.is_dir())
    except OSError:
        return


def _belongs(stem: str, other: str) -> bool:
    return stem == other or stem.startswith(f"{other}.")
