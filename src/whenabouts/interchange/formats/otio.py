"""OpenTimelineIO: the video as one clip with a marker for every moment, or a clip for every cut.

Times count from the video's timecode. Markers are exact to the frame; `metadata["whenabouts"]` of each has the exact
seconds, rank, score and status.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any

from whenabouts.errors import AnnotationError, MissingExtra
from whenabouts.files.records import Row, read_json
from whenabouts.interchange.formats.format import Format
from whenabouts.interchange.marked import Marked, Standing, gathered, moment_at, standing
from whenabouts.interchange.stringout import Cut, CutList
from whenabouts.interchange.text import one_line, printable
from whenabouts.interchange.timecode import exact_rate
from whenabouts.interchange.timeline import Timeline
from whenabouts.moment import Moment
from whenabouts.prediction import Prediction

__all__ = ["FORMAT", "read", "write", "write_cuts"]

COLOURS = ("BLUE", "GREEN", "RED", "YELLOW", "PURPLE", "ORANGE", "CYAN", "PINK", "MAGENTA")
CONTAINERS = ("Timeline.", "SerializableCollection.", "Stack.", "Track.", "Clip.")
LATEST = 1e9  # seconds; some thirty years


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
            kept |= {"score": moment.score, "status": prediction.status, "presence": prediction.presence}
            named = {} if prediction.annotator is None else {"annotator": printable(prediction.annotator)}
            clip.markers.append(
                library.schema.Marker(
                    name=one_line(prediction.query),
                    marked_range=stretch(*timeline.span(moment)),
                    color=COLOURS[index % len(COLOURS)],
                    metadata={"whenabouts": kept | named},
                )
            )
    track = library.schema.Track(name="V1", kind=library.schema.TrackKind.Video, children=[clip])
    start = library.opentime.RationalTime(timeline.head, rate)
    drop = {"whenabouts": {"drop_frame": timeline.rate.drop}}
    sequence = library.schema.Timeline(name=timeline.name, tracks=[track], global_start_time=start, metadata=drop)
    return str(sequence.to_json_string())


def write_cuts(stringout: CutList) -> str:
    """One timeline with a track of pictures and, where there is sound, one of sound, of clips in a row.

    Each clip is named after its file, and has a marker over the moment itself, named after its query. Raises
    MissingExtra.
    """
    library = _library()
    kinds = library.schema.TrackKind
    pictures = library.schema.Track(name="V1", kind=kinds.Video)
    sounds = library.schema.Track(name="A1", kind=kinds.Audio)
    for cut in stringout.cuts:
        pictures.append(_cut(library, stringout, cut))
        pictures[-1].markers.append(_moment(library, stringout, cut))
        heard = stringout.source(cut).sound
        length = pictures[-1].duration()
        sounds.append(_cut(library, stringout, cut) if heard else library.schema.Gap(duration=length))
    heard = any(stringout.source(cut).sound for cut in stringout.cuts)
    start = library.opentime.RationalTime(stringout.start, float(stringout.rate.rate))
    sequence = library.schema.Timeline(
        name=one_line(stringout.name),
        tracks=[pictures, sounds] if heard else [pictures],
        global_start_time=start,
        metadata={"whenabouts": {"drop_frame": stringout.rate.drop}},
    )
    return str(sequence.to_json_string())


def _cut(library: ModuleType, stringout: CutList, cut: Cut) -> Any:
    """A clip that begins at a frame of its source and lasts whole frames of the timeline."""
    timeline = stringout.source(cut)
    rate, time = float(timeline.rate.rate), library.opentime.RationalTime
    stretch, whole = library.opentime.TimeRange, time(timeline.frames, rate)
    media = library.schema.ExternalReference(
        target_url=timeline.uri, available_range=stretch(time(timeline.source, rate), whole)
    )
    length = time(cut.record[1] - cut.record[0], float(stringout.rate.rate))
    return library.schema.Clip(
        name=timeline.name,
        media_reference=media,
        source_range=stretch(time(timeline.source + cut.frames[0], rate), length),
    )


def _moment(library: ModuleType, stringout: CutList, cut: Cut) -> Any:
    """A marker over the moment itself."""
    timeline, (first, end) = stringout.source(cut), cut.moment
    rate, time = float(timeline.rate.rate), library.opentime.RationalTime
    return library.schema.Marker(
        name=one_line(cut.query),
        marked_range=library.opentime.TimeRange(time(timeline.source + first, rate), time(end - first, rate)),
        color=COLOURS[1],
        metadata={"whenabouts": {"query": printable(cut.query), "rank": cut.rank, "score": cut.score}},
    )


def read(path: Path, _timeline: Timeline | None = None) -> list[Marked]:
    """The markers of all clips, in seconds from the start of the media; their names are the queries.

    Where no clip has a marker, the cuts: clips that show a part of their media, by the name of the timeline. Read as
    JSON and without the library, whose parser ends the process at some damaged files. Raises AnnotationError.
    """
    content = read_json(path, nan=True)
    if not isinstance(content, dict) or not str(content.get("OTIO_SCHEMA", "")).startswith(CONTAINERS):
        raise AnnotationError(f"{path} is not an OpenTimelineIO timeline with clips")
    whole = Row(content, f"{path}")
    clips = list(_clips(whole))
    marked = [row for clip in clips for row in _markers(clip)]
    cuts = () if marked else (row for clip in clips for row in _shown(clip, _name(whole) or path.stem))
    return gathered(marked or dict.fromkeys(cuts))  # picture and sound are two clips


def _clips(content: Row) -> Iterator[Row]:
    parts = [content]
    while parts:
        part = parts.pop()
        if str(part.get("OTIO_SCHEMA")).startswith("Clip."):
            yield part
        elif part.get("tracks"):
            parts.append(Row(part["tracks"], part.where))
        elif "children" in part:
            parts += part.rows("children")[::-1]


def _markers(clip: Row) -> Iterator[tuple[str, str, Moment, Standing]]:
    name = _name(clip)
    clip = Row(dict(clip), f"{clip.where}, clip {name!r}")
    begin = _begin(clip)
    for marker in clip.rows("markers") if "markers" in clip else ():
        query = _name(marker)
        where = f"{clip.where}, marker {query!r}"
        span = Row(marker["marked_range"], where)
        start = _seconds(span, "start_time") - begin
        end = start + _seconds(span, "duration")
        metadata = marker.get("metadata")
        ours = metadata.get("whenabouts") if isinstance(metadata, dict) else None
        told = Row(ours if isinstance(ours, dict) else {}, where)
        yield name, query, moment_at(where, float(start), float(end), told.number("score", 1.0)), standing(told)


def _shown(clip: Row, query: str) -> Iterator[tuple[str, str, Moment]]:
    """The part of its media that a clip shows; nothing where that is all of it, as in files of markers."""
    name, span = _name(clip), clip.get("source_range")
    if not isinstance(span, dict):
        return
    shown = Row(span, f"{clip.where}, clip {name!r}")
    start, length, known = _seconds(shown, "start_time"), _seconds(shown, "duration"), _available(clip)
    if length > 0 and (known is None or length < _seconds(known, "duration")):
        begin = _begin(clip)
        yield name, query, moment_at(shown.where, float(start - begin), float(start - begin + length))


def _name(part: Row) -> str:
    return part.text("name") if part.get("name") is not None else ""


def _begin(clip: Row) -> Fraction:
    """Where the media of a clip begins; at 0 where it does not tell."""
    known = _available(clip)
    return _seconds(known, "start_time") if known else Fraction(0)


def _available(clip: Row) -> Row | None:
    """The range of the media of a clip: `Clip.2` has several and names the active one, `Clip.1` has one."""
    several = clip.get("media_references")
    media = clip.get("media_reference")
    if isinstance(several, dict):
        media = several.get(str(clip.get("active_media_reference_key", "DEFAULT_MEDIA")))
    known = media.get("available_range") if isinstance(media, dict) else None
    return Row(known, clip.where) if known else None


def _seconds(span: Row, field: str) -> Fraction:
    time = Row(span[field], f"{span.where}, {field}")
    rate, value = time.number("rate"), time.number("value")
    if rate <= 0:
        time.refuse("rate", "must be above 0")
    exact = exact_rate(rate)
    if abs(value) > LATEST * rate:
        time.refuse("value", "is no time of a video")
    return Fraction(value) / exact


FORMAT = Format(
    ".otio",
    "OpenTimelineIO, markers on a clip (extra `edit`)",
    "frames, seconds in the metadata",
    write,
    read,
    needs="frames",
    cuts=write_cuts,
    group="editing",
)
