"""What is damaged or missing of a video, in sentences that go with every answer about it.

Nothing is decoded for it: it tells what the passes over the video that were made anyway have met (`Failures`), and what
the file says of its own length and size.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from fractions import Fraction
from itertools import chain
from pathlib import Path

from whenabouts.errors import VideoError
from whenabouts.video.damage.failures import Failures, Losses, stamp_of
from whenabouts.video.damage.joined import next_recording
from whenabouts.video.damage.wholeness import has_end_of_avi, missing_bytes, size_of, still_downloading
from whenabouts.video.limits import Limits
from whenabouts.video.probe import Probe
from whenabouts.video.source import READ_ERRORS, open_media, shown
from whenabouts.video.stills.sequence import ImageSequence, sequence_of

__all__ = ["damage_of"]

APART = 1.0  # seconds between losses that are told as two
MOST_STRETCHES = 3  # told one by one; more are told as one, from the first to the last
MISSTATED = 0.5, 0.02  # seconds, and share of the length, from which a stated length is wrong
PICTURE = 0.05  # seconds: pictures that are damaged no longer than this after a loss are not worth a word
LATE = 1.5  # of the distance of two pictures, within which the one after a loss begins
NAMED = 3  # files that are told by name

Span = tuple[float, float]


def damage_of(path: Path, limits: Limits, probe: Probe, failures: Failures, span: Span) -> tuple[str, ...]:
    """Sentences about `span` (seconds of media time), with times that count from its start; none for a sound file."""
    start, end = span
    sequence = sequence_of(path)
    told = [*probe.notes, *(() if sequence is None else sequence.notes), *_unfinished(path, probe)]
    short = list(_length(path, limits, probe, start)) if end >= probe.duration else []
    told += short
    keys = sorted(key - probe.start_time - start for key in failures.keys)
    next_one = max(PICTURE, float(LATE / probe.average_rate) if probe.average_rate else 0)
    streams = [
        _within(losses, probe.start_time + start, end - start, open_end=not short) for losses in failures.streams
    ]
    for losses, sentences in zip(streams, (_of_pictures, _of_sound), strict=True):
        if sequence is not None:
            told += _of_stills(sequence, losses, start)
        else:
            told += sentences(losses, keys, end - start, next_one)
    told += _of_bytes(streams)
    located = any(any(losses.kinds) for losses in failures.streams)
    if failures.count and not located:
        told.append("parts of the video are damaged and could not be decoded: what they show was not looked at")
    return tuple(told)


def _unfinished(path: Path, probe: Probe) -> Iterator[str]:
    if probe.bytes is not None and size_of(path) not in (probe.bytes, None):
        yield "the file was written to while it was read: ask again when it is complete"
    elif still_downloading(path):
        yield f"by its name ({path.suffix}) the file is a download that is not complete: ask again when it is"


def _length(path: Path, limits: Limits, probe: Probe, start: float) -> Iterator[str]:
    """Whether the video ends before it should, or lasts another time than is stated."""
    stated, lasts = probe.stated, probe.duration
    apart = stated is not None and abs(stated - lasts) > max(MISSTATED[0], MISSTATED[1] * lasts)
    if missing := missing_bytes(path, probe.container):
        ends = min(lasts, _last_end(path, limits, probe))
        if stated is None:
            yield f"the file is cut short after {_s(ends - start)} s: at least {missing} bytes are missing at its end"
        elif probe.container == "avi" and has_end_of_avi(path):  # it counts its pictures, and some are not there
            yield f"the video lasts {_s(ends)} of {_s(stated)} s: at least {missing} bytes of the file are missing"
        elif ends + PICTURE < stated:
            yield f"the video ends at {_s(ends - start)} of {_s(stated - start)} s: the file is cut short"
        else:
            yield f"at least {missing} bytes of the file are missing"
    elif apart and stated is not None and stated > lasts:
        yield (
            f"the video ends at {_s(lasts - start)} s, and the file states {_s(stated - start)} s: "
            "what follows is missing or cannot be read"
        )
    elif apart and stated is not None:
        yield f"the file states a length of {_s(stated)} s, but lasts {_s(lasts)} s"
    if next_recording(path) is not None:
        yield "another recording begins in the same file behind this one, and is not looked at: save each in its own"


def _last_end(path: Path, limits: Limits, probe: Probe) -> float:
    """When the last picture or sound of a file that is cut ends, by its packets; the end of the video if none says."""
    end = 0.0
    with suppress(VideoError, *READ_ERRORS), open_media(path, limits) as container:
        for packet in container.demux(*container.streams.video, *container.streams.audio):
            if packet.size and not packet.is_corrupt and (at := stamp_of(packet)) is not None:
                end = max(end, at + float((packet.duration or 0) * Fraction(packet.time_base)) - probe.start_time)
    return end or probe.duration


def _within(losses: Losses, shift: float, length: float, *, open_end: bool) -> Losses:
    """What lies in a span of media time, counted from its start, which the container's clock calls `shift`."""

    def inside(stamps: Iterable[float]) -> set[float]:
        return {stamp - shift for stamp in stamps if 0 <= stamp - shift < length}

    def overlapping(stretches: Iterable[Span]) -> set[Span]:
        found = {(max(0.0, first - shift), min(last - shift, length)) for first, last in stretches}
        return {(first, last) for first, last in found if first < last}

    holes = overlapping(hole for hole in losses.holes if open_end or hole[1] < math.inf)
    returns = {(first - shift, last - shift) for first, last in losses.returns if 0 <= last - shift < length}
    return Losses(inside(losses.unread), inside(losses.marred), holes, overlapping(losses.altered), returns)


def _of_stills(sequence: ImageSequence, losses: Losses, start: float) -> Iterator[str]:
    """Each picture is a file, on which no other builds."""
    numbers = {math.floor((stamp + start) * sequence.rate + 0.5) for stamp in losses.unread | losses.marred}
    names = [shown(sequence.files[number].name) for number in sorted(numbers) if number < len(sequence.files)]
    if len(names) <= NAMED:
        yield from (f"{name} is damaged: its picture could not be read as a whole" for name in names)
    else:
        yield f"{len(names)} pictures are damaged, from {names[0]} to {names[-1]}: they could not be read as a whole"


def _of_pictures(losses: Losses, keys: Sequence[float], length: float, next_one: float) -> Iterator[str]:
    for first, last, count in _stretches(losses.unread):
        if count == 1:
            yield f"1 packet could not be read at {_s(first)} s"
        else:
            yield f"{count} packets could not be read between {_s(first)} and {_s(last)} s"
    for first, last, count in _stretches(losses.marred - losses.unread):
        if count == 1:
            yield f"1 picture is damaged at {_s(first)} s"
        else:
            yield f"{count} pictures are damaged between {_s(first)} and {_s(last)} s"
    for first, last in _longest(losses.holes):
        if last < length:
            yield f"no picture between {_s(first)} and {_s(last)} s: the file is damaged there"
        else:
            yield f"the file is damaged after {_s(first)} s: pictures there may be lost"
    for to, since in sorted(losses.returns, key=lambda stamps: stamps[1])[:MOST_STRETCHES]:
        yield (
            f"the time stamps go back from {_s(since)} to {_s(max(0.0, to))} s: pictures are left out there until they "
            "are later than those before"
        )
    for _, last, _ in _stretches(losses.unread | losses.marred):
        until = next((key for key in keys if key > last), length)
        if until - last > next_one:
            yield f"pictures between {_s(last)} and {_s(until)} s may be damaged: they build on what was lost"


def _of_sound(losses: Losses, _keys: Sequence[float], length: float, _next: float) -> Iterator[str]:
    for first, last, count in _stretches(losses.unread | losses.marred):
        if count == 1:
            yield f"1 packet of sound could not be read at {_s(first)} s"
        else:
            yield f"{count} packets of sound could not be read between {_s(first)} and {_s(last)} s"
    for first, last in _longest(losses.holes):
        if last < length:
            yield f"no sound between {_s(first)} and {_s(last)} s: the file is damaged there"
        else:
            yield f"the file is damaged after {_s(first)} s: sound there may be lost"


def _of_bytes(streams: Sequence[Losses]) -> Iterator[str]:
    """Stretches whose bytes were altered, but where it is told already what that did."""
    known = [at for losses in streams for at in (*losses.unread, *losses.marred, *chain(*losses.holes))]
    for first, last in _longest(next((losses.altered for losses in streams if losses.altered), set())):
        if not any(first <= at <= last for at in known):
            yield f"the file is damaged between {_s(first)} and {_s(last)} s: pictures or sound there may be wrong"


def _stretches(stamps: set[float]) -> list[tuple[float, float, int]]:
    """First, last and number of stamps that lie close together; all as one where they are many."""
    found: list[tuple[float, float, int]] = []
    for stamp in sorted(stamps):
        if found and stamp - found[-1][1] <= APART:
            found[-1] = found[-1][0], stamp, found[-1][2] + 1
        else:
            found.append((stamp, stamp, 1))
    return found if len(found) <= MOST_STRETCHES else [(found[0][0], found[-1][1], len(stamps))]


def _longest(holes: set[tuple[float, float]]) -> list[tuple[float, float]]:
    """In order; the longest ones where they are many."""
    return sorted(sorted(holes, key=lambda hole: hole[0] - hole[1])[: 2 * MOST_STRETCHES])


def _s(seconds: float) -> str:
    """Seconds with two decimals at most.

    >>> _s(4.876), _s(10.0), _s(0.5)
    ('4.88', '10', '0.5')
    """
    return f"{math.floor(seconds * 100 + 0.5) / 100:.2f}".rstrip("0").rstrip(".")
