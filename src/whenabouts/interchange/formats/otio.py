"""OpenTimelineIO: the video as one clip with a marker for every moment, or a clip for every cut.

Times count from the video's timecode. Markers are exact to the frame; `metadata["whenabouts"]` of each has the exact
seconds, rank, score and status.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType
from typing import Any

from whenabouts.errors import MissingExtra
from whenabouts.interchange.formats.format import Format
from whenabouts.interchange.formats.otio_reading import read
from whenabouts.interchange.stringout import Cut, CutList
from whenabouts.interchange.text import one_line, printable
from whenabouts.interchange.timeline import Timeline
from whenabouts.prediction import Prediction

__all__ = ["FORMAT", "write", "write_cuts"]

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
