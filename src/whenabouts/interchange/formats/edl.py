"""CMX3600 EDL: markers in the dialect of DaVinci Resolve's timeline markers; `edl_cuts` has cuts.

A marker is a one-frame event and a line below it:

     |C:ResolveColorBlue |M:name |D:frames

with a note before the first bar. Resolve (Timelines → Import → Timeline Markers from EDL) keeps one marker per frame
and drops the others. So a moment that begins where another does is recorded at the next free frame, or before where the
video ends, and says so in its note, as in "likely, rank 1, score 0.900, 1 frame late" or "2 frames early"; its source
timecode and its duration stay true.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import count
from pathlib import Path

from whenabouts.errors import AnnotationError, InputError
from whenabouts.files.records import read_text
from whenabouts.interchange.formats.edl_cuts import header, read_cuts, write_cuts
from whenabouts.interchange.formats.format import Format
from whenabouts.interchange.marked import Marked, gathered
from whenabouts.interchange.remark import remark, remark_in
from whenabouts.interchange.text import one_line
from whenabouts.interchange.timecode import is_drop
from whenabouts.interchange.timeline import Timeline
from whenabouts.prediction import Prediction

__all__ = ["FORMAT", "notes", "read", "write"]

COLOURS = ("Blue", "Green", "Red", "Yellow", "Purple", "Sand", "Cyan", "Pink", "Lavender")
EVENT = re.compile(r"[0-9]{1,9}\s+\S+\s+\S+\s+C\s+\S+\s+\S+\s+([0-9:;.,]+)\s+([0-9:;.,]+)\s*")
BAR = str.maketrans("|", "\uff5c")  # its wide form, which ends no field
BAR_AGAIN = str.maketrans("\uff5c", "|")
MOVED = re.compile(r"([0-9]{1,6}) frames? (late|early)(?= \|C:|$)", re.MULTILINE)
MARKER = re.compile(r"(?P<note>[^|]*)\|C:(?P<colour>[^|]*)\|M:(?P<name>[^|]*)\|D:(?P<frames>[0-9]{1,9})\s*")


def write(predictions: Sequence[Prediction], timeline: Timeline) -> str:
    """One event per moment, in order of time, from the video's timecode or 01:00:00:00."""
    markers = [
        (*timeline.span(moment), COLOURS[index % len(COLOURS)], one_line(each.query).translate(BAR), remark(each, rank))
        for index, each in enumerate(predictions)
        for rank, moment in enumerate(each.moments, 1)
    ]
    lines = header(timeline.name, timeline.rate)
    markers.sort(key=lambda marker: marker[0])
    places = _places([first for first, *_ in markers], timeline.frames)
    for event, recorded, (first, end, colour, name, note) in zip(count(1), places, markers):
        moved = abs(recorded - first)
        delay = f", {moved} frame{'s' if moved > 1 else ''} {'late' if recorded > first else 'early'}" if moved else ""
        times = " ".join(timeline.rate.name(timeline.head + at + step) for at in (first, recorded) for step in (0, 1))
        lines += [
            f"{event:03}  001      V     C        {times}  ",
            f"{note}{delay} |C:ResolveColor{colour} |M:{name} |D:{end - first}",
        ]
        lines.append("")
    return "\n".join(lines) + "\n"


def _places(firsts: Sequence[int], frames: int) -> list[int]:
    """A frame of its own for each marker, in order, the next free one and inside the video if it has as many frames.

    >>> _places([1, 1, 5, 9, 9], 10), _places([0, 1, 1], 2)
    ([1, 2, 5, 8, 9], [0, 1, 2])
    """
    places, free = [], 0
    for first in firsts:
        places.append(max(first, free))
        free = places[-1] + 1
    last = max(frames, len(firsts)) - 1
    for number in reversed(range(len(places))):
        places[number] = min(places[number], last)
        last = places[number] - 1
    return places


def notes(predictions: Sequence[Prediction], timeline: Timeline) -> list[str]:
    """How many markers had to make way, and whether the video has a frame for each."""
    moved = len(MOVED.findall(write(predictions, timeline)))
    if not moved:
        return []
    told = [f"Resolve keeps one marker per frame: others are on a free frame nearby, and their notes say so: {moved}"]
    markers = sum(len(each.moments) for each in predictions)
    if markers > timeline.frames:
        told.append(f"{markers} markers do not fit in {timeline.frames} frames: the last are recorded after the video")
    return told


def read(path: Path, timeline: Timeline | None = None) -> list[Marked]:
    """The markers of a Resolve EDL, by their names; the cuts of any other.

    An EDL states neither frame rate nor start; they are taken from `timeline`. A video without timecode begins at
    01:00:00:00. Raises AnnotationError.
    """
    assert timeline is not None  # `FORMAT` requires it
    rows, begin = [], None
    lines = read_text(path).splitlines()
    timeline = _as_counted(timeline, lines)
    if not any(map(MARKER.fullmatch, lines)):
        return read_cuts(path, lines, timeline)
    head, frames, day = timeline.head, timeline.frames, timeline.rate.day  # once: a file may have a million events
    for number, line in enumerate(lines, 1):
        if event := EVENT.fullmatch(line):
            try:
                begin = timeline.rate.parse(event[1])
            except InputError as error:
                raise AnnotationError(f"{path}, line {number}: {error}") from None
        elif (marker := MARKER.fullmatch(line)) and begin is not None:
            moved = MOVED.search(marker["note"].rstrip())
            late = 0 if moved is None else int(moved[1]) if moved[2] == "late" else -int(moved[1])
            first = (begin - late - head) % day
            if first >= frames:
                raise AnnotationError(
                    f"{path}, line {number}: the marker is outside the video, which begins at "
                    f"{timeline.rate.name(head)} and has {frames} frames"
                )
            told = remark_in(marker["note"])
            moment = timeline.moment(first, first + max(1, int(marker["frames"])), told.score)
            rows.append((None, marker["name"].strip().translate(BAR_AGAIN), moment, told.standing))
            begin = None
    return gathered(rows)


def _as_counted(timeline: Timeline, lines: list[str]) -> Timeline:
    """The timeline with the counting of an EDL, drop-frame or not."""
    stated = next((line.upper() for line in lines if line.upper().startswith("FCM:")), "")
    labels = (event[1] for line in lines if (event := EVENT.fullmatch(line)))
    return timeline.counted(drop="NON" not in stated if "DROP" in stated else any(map(is_drop, labels)))


FORMAT = Format(
    ".edl",
    "DaVinci Resolve: Timelines, Import, Timeline Markers from EDL",
    "timecode",
    write,
    read,
    timeline=True,
    needs="frames",
    notes=notes,
    cuts=write_cuts,
    group="editing",
)
