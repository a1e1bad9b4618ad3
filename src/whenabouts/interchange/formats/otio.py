"""OpenTimelineIO: the film as one clip, every moment a marker on it, in the film's own timecode.

Markers are exact to the frame; `metadata["whenabouts"]` of each keeps the seconds, the rank and the score.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any

from whenabouts.benchmarks.rows import read_text
from whenabouts.errors import AnnotationError, MissingExtra
from whenabouts.interchange.marked import Marked, gathered, moment_at
from whenabouts.interchange.text import one_line, printable
from whenabouts.interchange.timeline import Timeline
from whenabouts.prediction import Prediction

__all__ = ["read", "write"]

COLOURS = ("BLUE", "GREEN", "RED", "YELLOW", "PURPLE", "ORANGE", "CYAN", "PINK", "MAGENTA")


def _library() -> ModuleType:
    try:
        import opentimelineio
    except ImportError:
        raise MissingExtra("edit", "OpenTimelineIO") from None
    return opentimelineio  # type: ignore[no-any-return]


def write(predictions: Sequence[Prediction], timeline: Timeline) -> str:
    """One timeline. Raises MissingExtra."""
    library = _library()
    rate = float(timeline.rate.rate)

    def stretch(first: int, end: int) -> Any:
        time = library.opentime.RationalTime
        return library.opentime.TimeRange(time(timeline.head + first, rate), time(end - first, rate))

    whole = stretch(0, timeline.frames)
    media = library.schema.ExternalReference(target_url=timeline.uri, available_range=whole)
    clip = library.schema.Clip(name=timeline.name, media_reference=media, source_range=whole)
    for index, prediction in enumerate(predictions):
        for rank, moment in enumerate(prediction.moments, 1):
            kept = {"query": printable(prediction.query), "rank": rank, "start": moment.start, "end": moment.end}
            clip.markers.append(
                library.schema.Marker(
                    name=one_line(prediction.query),
                    marked_range=stretch(*timeline.span(moment)),
                    color=COLOURS[index % len(COLOURS)],
                    metadata={"whenabouts": {**kept, "score": moment.score}},
                )
            )
    track = library.schema.Track(name="V1", kind=library.schema.TrackKind.Video, children=[clip])
    start = library.opentime.RationalTime(timeline.head, rate)
    drop = {"whenabouts": {"drop_frame": timeline.rate.drop}}
    sequence = library.schema.Timeline(name=timeline.name, tracks=[track], global_start_time=start, metadata=drop)
    return str(sequence.to_json_string())


def read(path: Path, _timeline: Timeline | None = None) -> list[Marked]:
    """The markers on clips, in seconds of the clip's media; their names are the queries. Raises MissingExtra."""
    library = _library()
    text = read_text(path)
    try:
        content = library.adapters.read_from_string(text, adapter_name="otio_json")
        clips = list(content.find_clips())
    except Exception as error:  # the library raises what it likes on a foreign or damaged file
        raise AnnotationError(f"{path} is not an OpenTimelineIO timeline with clips") from error
    rows = []
    for clip in clips:
        media = clip.media_reference
        begin = media.available_range.start_time if media and media.available_range else None
        for number, marker in enumerate(clip.markers, 1):
            span = marker.marked_range
            start = _seconds(span.start_time) - (_seconds(begin) if begin else 0)
            end = start + _seconds(span.duration)
            score = dict(marker.metadata.get("whenabouts", {})).get("score", 1.0)
            where = f"{path}, clip {clip.name!r}, marker {number}"
            rows.append((clip.name, marker.name, moment_at(where, float(start), float(end), score)))
    return gathered(rows)


def _seconds(time: Any) -> Fraction:
    rate = Fraction(time.rate).limit_denominator(1001)
    return Fraction(time.value) / rate
