"""The tool `transcript`: words around a time, words that are searched for, or the whole text in pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from whenabouts.errors import InputError
from whenabouts.evidence import EvidenceModels, EvidenceSettings, HeldKinds, TimedText, WordKind, word_kinds
from whenabouts.evidence.speakers import speakers
from whenabouts.interchange.text import printable
from whenabouts.progress import Progress, stage
from whenabouts.server.mcp.arguments import TranscriptArguments
from whenabouts.server.mcp.results import QuotedLine, TranscriptResult
from whenabouts.server.transcript import page_of
from whenabouts.video import Video, open_sound_too
from whenabouts.video.part import Part

__all__ = ["transcript"]


def transcript(
    path: Path, name: str, arguments: TranscriptArguments, progress: Progress, *, speech_model: str | None
) -> TranscriptResult:
    """The words that are asked for. Raises InputError, VideoError, ModelError, MissingExtra."""
    if silent := [kind for kind in arguments.kinds or () if kind not in word_kinds()]:
        raise InputError(f"the evidence kind {silent[0]!r} has no words; choose from: {', '.join(word_kinds())}")
    with open_sound_too(path) as video:
        start, end = _stretch(arguments, video.duration)
        kinds = HeldKinds(EvidenceModels(speech_model=speech_model)).words(arguments.kinds)
        lines: list[TimedText] = []
        for kind in kinds:
            reading = stage(progress, f"reading what is {kind.label}")
            settings = EvidenceSettings(required=arguments.kinds is not None, progress=reading)
            lines += _lines_between(kind, video, start, end, settings)
    lines.sort(key=lambda line: (line.start, line.end))
    named = [replace(line, speaker=who, text=text) for line, (who, text) in zip(lines, speakers(lines), strict=True)]
    page = page_of(named, arguments)
    return TranscriptResult(
        video=name,
        start=start,
        end=end,
        lines=[_quoted(line, number, hit) for number, line, hit in page.lines],
        total=page.total,
        hits=page.hits,
        next=page.next,
    )


def _stretch(arguments: TranscriptArguments, duration: float) -> tuple[float, float]:
    if arguments.time is None:
        return 0.0, duration
    if arguments.time > duration:
        raise InputError(f"time: the video ends at {duration:.3f} s, before {arguments.time:.12g} s")
    return max(0.0, arguments.time - arguments.radius), min(arguments.time + arguments.radius, duration)


def _lines_between(
    kind: WordKind, video: Video, start: float, end: float, settings: EvidenceSettings
) -> Iterator[TimedText]:
    """The lines of one kind in a stretch of a video; where lines stand alone, nothing outside the stretch is read."""
    lines, offset = kind.lines_at_hand(video), 0.0
    if not lines and (kind.continuous or (start, end) == (0.0, video.duration)):
        lines = kind.lines(video, settings)
    elif not lines:
        lines, offset = kind.lines(Part(video, start, end), settings), start
    for line in lines:
        placed = replace(line, start=line.start + offset, end=line.end + offset)
        if placed.end > start and placed.start < end:
            yield placed


def _quoted(line: TimedText, number: int, hit: bool) -> QuotedLine:
    return QuotedLine(
        number=number,
        start=line.start,
        end=line.end,
        quoted=printable(line.text),
        speaker=printable(line.speaker),
        kind=line.kind,
        source=printable(line.source),
        hit=hit,
    )
