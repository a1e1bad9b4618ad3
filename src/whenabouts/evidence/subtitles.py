"""Subtitles: files that lie beside a video and text tracks inside it, read as timed text.

A subtitle file belongs to `video.mp4` when it is called `video.srt` or `video.en.srt` (also .vtt, .ass, .ssa, .sbv,
.smi, .ttml, .dfxp) and lies in the same folder or in `subs` or `subtitles` below it. What of it could not be read is
said in notes.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from whenabouts.errors import InputError
from whenabouts.evidence.cue_lines import MAX_BYTES, beyond, lines_of
from whenabouts.evidence.cues import Cue, Cues, read_cues
from whenabouts.evidence.encodings import decoded
from whenabouts.evidence.timed_text import Subtitles, TimedText, tidy
from whenabouts.video.edit.pieces import map_from, of_files, pieced
from whenabouts.video.source import shown
from whenabouts.video.suffixes import is_video

if TYPE_CHECKING:
    from whenabouts.video import Video

__all__ = ["linked", "read_subtitle_file", "read_subtitles", "sidecars", "subtitles"]

log = logging.getLogger(__name__)

SUFFIXES = (".srt", ".vtt", ".ass", ".ssa", ".sbv", ".smi", ".sami", ".ttml", ".dfxp")
FOLDERS = ("subs", "subtitles")
SHORTEST = 0.05  # seconds; less of a line is not read by anybody


def subtitles(video: Video) -> list[TimedText]:
    """The lines of `read_subtitles`; its notes are logged."""
    read = read_subtitles(video)
    for note in read.notes:
        log.warning("%s", note)
    return read.lines


def read_subtitles(video: Video) -> Subtitles:
    """Every line of every subtitle file and text track of a video, in order of time, kind "said".

    A video that is made of stretches of others has theirs, on its own clock: a line that was cut in two is there twice,
    one that was cut out is gone. Lines keep their words where a part of them is left, or it is shown backwards.
    """
    from whenabouts.evidence.tracks import read_tracks

    if pieced(video):
        return _moved(video)
    tracks = read_tracks(video)
    lines: list[TimedText] = []
    notes = list(tracks.notes)
    for path in sidecars(video.path):
        try:
            file = read_subtitle_file(path, video.subtitles_encoding)
        except InputError as error:
            notes.append(str(error))
            continue
        lines += file.lines
        notes += [*file.notes, *beyond(file.lines, video.duration, shown(path.name))]
    return Subtitles(tidy([*lines, *tracks.lines], video.duration), tuple(notes))


def _moved(video: Video) -> Subtitles:
    pieces = of_files(video)
    lines: list[TimedText] = []
    notes: list[str] = []
    for source in {id(piece.video): piece.video for piece in pieces}.values():
        time_map = map_from(source, pieces)
        of_source = read_subtitles(source)
        notes += of_source.notes
        for line in of_source.lines:
            rows = time_map.windows([[line.start, line.end]]).tolist()
            lines += [replace(line, start=start, end=end) for start, end in rows if end - start >= SHORTEST]
    return Subtitles(tidy(lines, video.duration), tuple(notes))


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


def linked(video: Path, links: dict[Path, bool] | None = None) -> list[Path]:
    """Where the subtitle files of a video really are; none where nothing beside it is a link.

    links: keeps which folders have links in them, for many videos
    """
    links, place = {} if links is None else links, video.parent
    if place not in links:
        links[place] = _has_links(place)
    return [path.resolve() for path in sidecars(video)] if links[place] else []


def read_subtitle_file(path: Path, encoding: str | None = None) -> Subtitles:
    """The lines of a subtitle file, in seconds, without markup; `source` is the file's name.

    SubRip, WebVTT, SBV, ASS and SSA, and what else pysubs2 tells by its content. The encoding is found by `encodings`,
    unless it is given; notes say which, if it was a guess, and what could not be read. Raises InputError in one
    sentence.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError(
            f"{shown(path.name)} cannot be read: {(error.strerror or 'unknown reason').lower()}"
        ) from error
    if len(raw) > MAX_BYTES:
        raise InputError(f"{shown(path.name)} is larger than {MAX_BYTES >> 20} MiB, too large for a subtitle file")
    text, guessed = decoded(raw, encoding)
    cues = read_cues(text)
    if not cues.found and not cues.unreadable:
        cues = _of_other_formats(text)
    if not cues.found and not cues.unreadable and not text.lstrip("\ufeff").startswith("WEBVTT"):
        raise InputError(f"{shown(path.name)} is not a readable subtitle file: export it as SubRip (.srt) in UTF-8")
    return lines_of(cues, path.name, shown(path.name), guessed)


def _of_other_formats(text: str) -> Cues:
    """Cues of what else pysubs2 tells: MicroDVD that states its rate, TTML, SAMI; none of anything else."""
    import pysubs2

    if "<!DOCTYPE" in text or "<!ENTITY" in text:  # entities could exhaust the memory
        return Cues()
    try:
        file = pysubs2.SSAFile.from_string(text)
    except Exception:  # the parser's own errors, and ValueError or OverflowError on absurd stamps
        return Cues()
    events = file.events
    if file.format == "sami":  # which states only starts: a line stays until the next, which may be empty
        for event, following in pairwise(events):
            event.end = following.start
    return Cues([Cue(each.start / 1000, each.end / 1000, each.text, 0) for each in events], events=True)


def _has_links(folder: Path) -> bool:
    try:
        return any(entry.is_symlink() for place in (folder, *_folders(folder)) for entry in os.scandir(place))
    except OSError:
        return True  # whoever reads the files says why they cannot be read


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
