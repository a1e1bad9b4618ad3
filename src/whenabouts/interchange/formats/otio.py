"""OpenTimelineIO: the video as one clip with a marker for every moment; times count from the video's timecode.

Markers are exact to the frame; `metadata["whenabouts"]` of each has the exact seconds, the rank and the score.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any

from whenabouts.errors import AnnotationError, MissingExtra
from whenabouts.files.records import read_text
from whenabouts.interchange.formats.format import Format
from whenabouts.interchange.marked import Marked, gathered, moment_at
from whenabouts.interchange.text import one_line, printable
from whenabouts.interchange.timeline import Timeline
from whenabouts.prediction import Prediction

__all__ = ["FORMAT", "read", "write"]

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
        return library.opentime.TimeRange(time(timeline.source + first, rate), time(end - first, rate))

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
    """The markers of all clips, in seconds from the start of the media; their names are the queries.

    Raises AnnotationError, MissingExtra.
    """
    library = _library()
    text = read_text(path)
    try:
        content = library.adapters.read_from_string(text, adapter_name="otio_json")
        found = [row for clip in content.find_clips() for row in _markers(clip)]
    except Exception as error:  # the library raises errors of any type for a foreign or damaged file
        raise AnnotationError(f"{path} is not an OpenTimelineIO timeline with clips") from error
    return gathered(
        (clip, query, moment_at(f"{path}, clip {clip!r}, marker {query!r}", start, end, score))
        for clip, query, start, end, score in found
    )


def _markers(clip: Any) -> Iterator[tuple[str, str, float, float, float]]:
    media = clip.media_reference
    begin = _seconds(media.available_range.start_time) if media and media.available_range else Fraction(0)
    for marker in clip.markers:
        start = _seconds(marker.marked_range.start_time) - begin
        end = start + _seconds(marker.marked_range.duration)
        score = dict(marker.metadata.get("whenabouts", {})).get("score", 1.0)
        yield clip.name, marker.name, float(start), float(end), float(score)


def _seconds(time: Any) -> Fraction:
    rate = Fraction(time.rate).limit_denominator(1001)
    return Fraction(time.value) / rate


FORMAT = Format(
    ".otio",
    "OpenTimelineIO, markers on a clip (extra `edit`)",
    "frames, seconds in the metadata",
    write,
    read,
    needs="frames",
)
