"""CMX3600 EDL in the dialect of DaVinci Resolve's timeline markers.

A marker is a one-frame event and a line below it:

     |C:ResolveColorBlue |M:name |D:frames

Resolve (Timelines → Import → Timeline Markers from EDL) keeps one marker per frame and drops the others, so moments
that begin on one frame become one marker with all their names and the longest duration.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from whenabouts.errors import AnnotationError, InputError
from whenabouts.files.records import read_text
from whenabouts.interchange.formats.format import Format
from whenabouts.interchange.marked import Marked, gathered
from whenabouts.interchange.text import one_line
from whenabouts.interchange.timecode import FrameRate, is_drop
from whenabouts.interchange.timeline import Timeline
from whenabouts.prediction import Prediction

__all__ = ["FORMAT", "read", "write"]

COLOURS = ("Blue", "Green", "Red", "Yellow", "Purple", "Sand", "Cyan", "Pink", "Lavender")
EVENT = re.compile(r"[0-9]{1,9}\s+\S+\s+\S+\s+C\s+\S+\s+\S+\s+([0-9:;.,]+)\s+([0-9:;.,]+)\s*")
MARKER = re.compile(r".*?\|C:(?P<colour>[^|]*)\|M:(?P<name>[^|]*)\|D:(?P<frames>[0-9]{1,9})\s*")


def write(predictions: Sequence[Prediction], timeline: Timeline) -> str:
    """One event per frame at which moments begin, in order of time, from the video's timecode or 01:00:00:00."""
    markers: dict[int, tuple[int, str, int]] = {}
    for index, prediction in enumerate(predictions):
        for moment in prediction.moments:
            first, end = timeline.span(moment)
            name, length = one_line(prediction.query.replace("|", "/")), end - first
            if first in markers:
                colour, known, longest = markers[first]
                name, length = known if name in known.split(" + ") else f"{known} + {name}", max(length, longest)
                markers[first] = colour, name, length
            else:
                markers[first] = index, name, length
    counting = "DROP FRAME" if timeline.rate.drop else "NON-DROP FRAME"
    lines = [f"TITLE: {one_line(timeline.name)}", f"FCM: {counting}", ""]
    for event, (first, (index, name, length)) in enumerate(sorted(markers.items()), 1):
        begin, after = (timeline.rate.name(timeline.head + first + step) for step in (0, 1))
        lines.append(f"{event:03}  001      V     C        {begin} {after} {begin} {after}  ")
        lines.append(f" |C:ResolveColor{COLOURS[index % len(COLOURS)]} |M:{name} |D:{length}")
        lines.append("")
    return "\n".join(lines) + "\n"


def read(path: Path, timeline: Timeline | None = None) -> list[Marked]:
    """The markers of a Resolve EDL; a marker that several queries share becomes a moment of each.

    An EDL states neither frame rate nor start; they are taken from `timeline`. A video without timecode begins at
    01:00:00:00. Raises AnnotationError.
    """
    assert timeline is not None  # `FORMAT` requires it
    rows, begin = [], None
    lines = read_text(path).splitlines()
    timeline = _as_counted(timeline, lines)
    head, frames, day = timeline.head, timeline.frames, timeline.rate.day  # once: a file may have a million events
    for number, line in enumerate(lines, 1):
        if event := EVENT.fullmatch(line):
            try:
                begin = timeline.rate.parse(event[1])
            except InputError as error:
                raise AnnotationError(f"{path}, line {number}: {error}") from None
        elif (marker := MARKER.fullmatch(line)) and begin is not None:
            first = (begin - head) % day
            if first >= frames:
                raise AnnotationError(
                    f"{path}, line {number}: the marker is outside the video, which begins at "
                    f"{timeline.rate.name(head)} and has {frames} frames"
                )
            moment = timeline.moment(first, first + max(1, int(marker["frames"])))
            rows += [(None, name, moment) for name in marker["name"].strip().split(" + ")]
            begin = None
    return gathered(rows)


def _as_counted(timeline: Timeline, lines: list[str]) -> Timeline:
    """The timeline with the counting of an EDL, drop-frame or not; the label of its first frame stays.

    A video without timecode has neither counting, and editors choose one.
    """
    stated = next((line.upper() for line in lines if line.upper().startswith("FCM:")), "")
    labels = (event[1] for line in lines if (event := EVENT.fullmatch(line)))
    drop = "NON" not in stated if "DROP" in stated else any(map(is_drop, labels))
    rate = timeline.rate
    if drop == rate.drop or not rate.can_drop:
        return timeline
    counted = FrameRate(rate.rate, drop=drop)
    return replace(timeline, rate=counted, start=counted.parse(rate.name(timeline.head)))


FORMAT = Format(
    ".edl",
    "DaVinci Resolve: Timelines, Import, Timeline Markers from EDL",
    "timecode",
    write,
    read,
    timeline=True,
    needs="frames",
)
