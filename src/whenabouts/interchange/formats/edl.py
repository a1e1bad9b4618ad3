"""CMX3600 EDL: cuts, or markers in the dialect of DaVinci Resolve's timeline markers.

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
from dataclasses import replace
from itertools import count
from pathlib import Path

from whenabouts.errors import AnnotationError, InputError
from whenabouts.files.records import read_text
from whenabouts.interchange.formats.format import Format
from whenabouts.interchange.marked import Marked, gathered
from whenabouts.interchange.remark import remark, remark_in
from whenabouts.interchange.stringout import CutList
from whenabouts.interchange.text import one_line
from whenabouts.interchange.timecode import FrameRate, is_drop
from whenabouts.interchange.timeline import Timeline
from whenabouts.prediction import Prediction

__all__ = ["FORMAT", "notes", "read", "write", "write_cuts"]

COLOURS = ("Blue", "Green", "Red", "Yellow", "Purple", "Sand", "Cyan", "Pink", "Lavender")
EVENT = re.compile(r"[0-9]{1,9}\s+\S+\s+\S+\s+C\s+\S+\s+\S+\s+([0-9:;.,]+)\s+([0-9:;.,]+)\s*")
BAR = str.maketrans("|", "\uff5c")  # its wide form, which ends no field
BAR_AGAIN = str.maketrans("\uff5c", "|")
MOVED = re.compile(r"([0-9]{1,6}) frames? (late|early)(?= \|C:|$)", re.MULTILINE)
MARKER = re.compile(r"(?P<note>[^|]*)\|C:(?P<colour>[^|]*)\|M:(?P<name>[^|]*)\|D:(?P<frames>[0-9]{1,9})\s*")
REEL = 8  # characters of a reel's name
RESERVED_REELS = {"AX", "BL", "BLACK", "BARS"}  # they mean: no reel, black, black, colour bars


def write(predictions: Sequence[Prediction], timeline: Timeline) -> str:
    """One event per moment, in order of time, from the video's timecode or 01:00:00:00."""
    markers = [
        (*timeline.span(moment), COLOURS[index % len(COLOURS)], one_line(each.query).translate(BAR), remark(each, rank))
        for index, each in enumerate(predictions)
        for rank, moment in enumerate(each.moments, 1)
    ]
    lines = _header(timeline.name, timeline.rate)
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


def write_cuts(stringout: CutList) -> str:
    """One event per cut: timecode of the source, then timecode of the stringout.

    Raises InputError where sources have several frame rates, or count their frames in two ways: an EDL has one.
    """
    rate = stringout.rate
    for source in (stringout.source(cut) for cut in stringout.cuts):
        if source.rate != rate:
            counted = " and another way of counting timecode (drop-frame)" if source.rate.rate == rate.rate else ""
            raise InputError(
                f"{source.name} has {source.rate} frames per second{counted}, and an EDL that begins at {rate} has no "
                "other; write .otio, .fcpxml or .xml, or the videos of each rate by themselves"
            )
    reels = _reels([source.path.stem for source in stringout.sources])
    lines = _header(stringout.name, rate)
    for event, cut in enumerate(stringout.cuts, 1):
        source = stringout.source(cut)
        channels = "V" if not source.sound else "B" if source.channels == 1 else "AA/V"
        names = [rate.name(source.source + frame) for frame in cut.frames]
        names += [rate.name(stringout.start + frame) for frame in cut.record]
        query = one_line(cut.query)
        begin = rate.name(stringout.start + cut.record[0] + cut.moment[0] - cut.frames[0])
        lines.append(f"{event:03}  {reels[cut.source]:<{REEL}} {channels:<5} C        {' '.join(names)}")
        lines.append(f"* FROM CLIP NAME: {one_line(source.name)}")
        lines.append(f"* LOC: {begin} GREEN   {query}")
        lines.append(f"* COMMENT: {query}, {cut.note}")
        lines.append("")
    return "\n".join(lines) + "\n"


def _header(name: str, rate: FrameRate) -> list[str]:
    return [f"TITLE: {one_line(name)}", f"FCM: {'DROP FRAME' if rate.drop else 'NON-DROP FRAME'}", ""]


def _reels(names: Sequence[str]) -> list[str]:
    """A name of at most eight capital letters and digits for each name of a source, all different.

    >>> _reels(["my talk", "my-talk", "회의", "bl", "a long long name", "a long long file"])
    ['MYTALK', 'MYTALK2', 'REEL3', 'BL4', 'ALONGLON', 'ALONGLO6']
    """
    reels: list[str] = []
    for number, name in enumerate(names, 1):
        reel = "".join(c for c in name.upper() if c.isascii() and c.isalnum())[:REEL] or f"REEL{number}"
        another = count(number, len(names))
        while reel in {*reels, *RESERVED_REELS}:
            suffix = str(next(another))
            reel = f"{reel[: REEL - len(suffix)]}{suffix}"
        reels.append(reel)
    return reels


def read(path: Path, timeline: Timeline | None = None) -> list[Marked]:
    """The markers of a Resolve EDL, by their names.

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
    notes=notes,
    cuts=write_cuts,
    group="editing",
)
