"""Cuts in CMX3600 EDLs: a stringout is written as one, and the cuts of an editor are read as moments of their source.

An event has the timecode of its source, then that of the timeline. What is said of it follows in lines with an
asterisk: the name of its clip, and markers (LOC), whose text is what the cut shows.

    001  TALK     AA/V  C        10:00:05:00 10:00:09:12 01:00:00:00 01:00:04:12
    * FROM CLIP NAME: talk.mov
    * LOC: 01:00:00:00 GREEN   a red car passes
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from whenabouts.errors import AnnotationError, InputError
from whenabouts.interchange.marked import Marked, gathered
from whenabouts.interchange.remark import REMARK, remark_in
from whenabouts.interchange.stringout import CutList
from whenabouts.interchange.text import one_line
from whenabouts.interchange.timecode import FrameRate
from whenabouts.interchange.timeline import Timeline

__all__ = ["header", "read_cuts", "write_cuts"]

REEL = 8  # characters of a reel's name
RESERVED_REELS = {"AX", "BL", "BLACK", "BARS"}  # they mean: no reel, black, black, colour bars
PICTURELESS = {"BL", "BLACK", "BARS"}
TIMES = r"\s+".join([r"([0-9:;.,]{11,12})"] * 4)
EVENT = re.compile(
    rf"(?:[0-9]{{1,9}})\s+(?P<reel>\S+)\s+\S+\s+(?P<kind>C|[DW][0-9]*|K(?: +[BO])?)(?:\s+[0-9]+)?\s+{TIMES}\s*"
)
SAID = re.compile(r"\*\s*(?P<name>FROM CLIP NAME|TO CLIP NAME|LOC|COMMENT)\s*:\s*(?P<text>.*?)\s*", re.IGNORECASE)
LOCATOR = re.compile(r"[0-9:;.,]{11,12}\s+(?:\S+\s+)?(?P<text>.*)")  # its timecode and colour, then its text
TITLE = re.compile(r"TITLE:\s*(.*?)\s*", re.IGNORECASE)


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
    lines = header(stringout.name, rate)
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


def header(name: str, rate: FrameRate) -> list[str]:
    """The first lines of an EDL."""
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


@dataclass(slots=True)
class _Event:
    """A cut as its lines state it; `ends` are the timecodes of its source."""

    line: int
    reel: str
    dissolves: bool
    ends: tuple[str, str]
    said: dict[str, str] = field(default_factory=dict)

    @property
    def source(self) -> str:
        """What the EDL calls its source: the name of the clip, else the reel."""
        incoming = self.said.get("TO CLIP NAME") if self.dissolves else None
        return incoming or self.said.get("FROM CLIP NAME") or self.reel


def read_cuts(path: Path, lines: Sequence[str], timeline: Timeline) -> list[Marked]:
    """The cuts of one video as moments, without the black between them.

    Each answers the text of its marker, or what an editor wrote about it, or else the title of the EDL. Those of
    other videos are left out, unless all are of one, whose clip may have another name. A cut of picture and sound in
    two events is one moment. Raises AnnotationError.
    """
    title = next((found[1] for line in lines if (found := TITLE.fullmatch(line))), "") or path.stem
    events = [event for event in _events(lines) if event.reel.upper() not in PICTURELESS]
    names = list(dict.fromkeys(event.source for event in events))
    own = [name for name in names if name.casefold() in _names(timeline)] if len(names) > 1 else names
    if names and not own:
        others = ", ".join(names[:3]) + (", …" if len(names) > 3 else "")
        raise AnnotationError(f"{path} has no cut of {timeline.name}, but of {others}; name the video of these cuts")
    rows, known = [], set()
    for event in (event for event in events if event.source in own):
        first, end = _span(event, timeline, f"{path}, line {event.line}")
        query = _query(event) or title
        if first == end or (first, end, query) in known:
            continue
        known.add((first, end, query))
        told = remark_in(event.said.get("COMMENT", ""))
        rows.append((None, query, timeline.moment(first, end, told.score), told.standing))
    return gathered(rows)


def _events(lines: Sequence[str]) -> Iterator[_Event]:
    event = None
    for number, line in enumerate(lines, 1):
        if found := EVENT.fullmatch(line.strip()):
            if event:
                yield event
            event = _Event(number, found["reel"], found["kind"][0] in "DW", (found[3], found[4]))
        elif event and (told := SAID.fullmatch(line.strip())):
            event.said.setdefault(told["name"].upper(), told["text"])
    if event:
        yield event


def _names(timeline: Timeline) -> set[str]:
    """What an EDL may call a video: by its file with the suffix or without, or by a reel made of that."""
    return {*timeline.names, _reels([timeline.path.stem])[0].casefold()}


def _query(event: _Event) -> str:
    if locator := LOCATOR.fullmatch(event.said.get("LOC", "")):
        return locator["text"].strip()
    return REMARK.split(event.said.get("COMMENT", ""))[0].rstrip(", ")


def _span(event: _Event, timeline: Timeline, where: str) -> tuple[int, int]:
    """The frames [first, end) of the source, counted from 0. Raises AnnotationError."""
    try:
        first, end = ((timeline.rate.parse(name) - timeline.source) % timeline.rate.day for name in event.ends)
    except InputError as error:
        raise AnnotationError(f"{where}: {error}") from None
    if end == timeline.frames + 1:  # of a file whose last frame is cut short
        end = timeline.frames
    if end < first <= timeline.frames:
        raise AnnotationError(f"{where}: the cut runs backwards; turn it round, for a moment has no direction")
    if not first <= end <= timeline.frames:
        begin = timeline.rate.name(timeline.source)
        raise AnnotationError(
            f"{where}: the cut is outside the video, which begins at {begin} and has {timeline.frames} frames"
        )
    return first, end
