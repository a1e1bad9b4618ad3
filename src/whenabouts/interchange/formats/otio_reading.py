"""What an OpenTimelineIO file says of a video: the markers on its clips or, where there are none, its cuts.

Read as JSON and without the library, whose parser ends the process at some damaged files.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from urllib.parse import unquote

from whenabouts.errors import AnnotationError
from whenabouts.files.records import Row, read_json
from whenabouts.interchange.marked import Marked, Standing, gathered, moment_at, standing
from whenabouts.interchange.timecode import exact_rate
from whenabouts.interchange.timeline import Timeline
from whenabouts.moment import Moment

__all__ = ["read"]

CONTAINERS = ("Timeline.", "SerializableCollection.", "Stack.", "Track.", "Clip.")
SPEEDS = ("LinearTimeWarp.", "FreezeFrame.", "TimeEffect.")  # effects after which other pictures are shown
LATEST = 1e9  # seconds; some thirty years


def read(path: Path, timeline: Timeline | None = None) -> list[Marked]:
    """The markers of all clips, in seconds from the start of the media; their names are the queries.

    Where no clip has a marker, the cuts, by the name of the timeline: with the `timeline` of a video those of that
    video alone, if there are others. One clip that shows all of its media is no cut, as in files without a marker.
    Raises AnnotationError, also where a cut shows other pictures than its range says.
    """
    content = read_json(path, nan=True)
    if not isinstance(content, dict) or not str(content.get("OTIO_SCHEMA", "")).startswith(CONTAINERS):
        raise AnnotationError(f"{path} is not an OpenTimelineIO timeline with clips")
    whole = Row(content, f"{path}")
    parts = list(_parts(whole))
    clips = [part for part in parts if _is_clip(part)]
    marked = [row for clip in clips for row in _markers(clip)]
    if marked:
        return gathered(marked)
    _refuse_trimmed(parts)
    return gathered(_cuts(whole, clips, timeline, _name(whole) or path.stem))


def _parts(content: Row) -> Iterator[Row]:
    """A timeline and all that is nested in it, in order."""
    parts = [content]
    while parts:
        part = parts.pop()
        yield part
        if _is_clip(part):
            continue
        if part.get("tracks"):
            parts.append(Row(part["tracks"], part.where))
        elif "children" in part:
            parts += part.rows("children")[::-1]


def _is_clip(part: Row) -> bool:
    return str(part.get("OTIO_SCHEMA")).startswith("Clip.")


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


def _cuts(whole: Row, clips: list[Row], timeline: Timeline | None, query: str) -> list[tuple[str, str, Moment]]:
    """The parts of their media that clips show; picture and sound are two clips of one cut."""
    shown = [clip for clip in clips if clip.get("enabled", True)]
    if timeline is not None and len({_name(clip) for clip in shown}) > 1:
        shown = [clip for clip in shown if {_name(clip).casefold(), _file(clip).casefold()} & timeline.names]
        if clips and not shown:
            raise AnnotationError(f"{whole.where} has no cut of {timeline.name}; name the video of these cuts")
    cuts = {(_name(clip), query, moment): all_of_it for clip in shown for moment, all_of_it in _shown(clip, timeline)}
    return [] if list(cuts.values()) == [True] else list(cuts)


def _refuse_trimmed(parts: Sequence[Row]) -> None:
    """Raises AnnotationError where only a part of nested clips is shown: which, the clips do not say."""
    for part in parts:
        if "children" in part and isinstance(part.get("source_range"), dict):
            raise AnnotationError(
                f"{part.where}: only a part of the clips in {_name(part)!r} is shown, and cuts within it are not read;"
                " flatten the timeline in the editing program first"
            )


def _shown(clip: Row, timeline: Timeline | None) -> Iterator[tuple[Moment, bool]]:
    """The part of its media that a clip shows, and whether that is all of it. Raises AnnotationError."""
    where = f"{clip.where}, clip {_name(clip)!r}"
    if any(
        str(effect.get("OTIO_SCHEMA")).startswith(SPEEDS)
        for effect in (clip.rows("effects") if clip.get("effects") else ())
    ):
        raise AnnotationError(f"{where}: its speed is changed, so that its range is not what it shows; take that away")
    known = _available(clip)
    span = clip.get("source_range")
    shown = Row(span, where) if isinstance(span, dict) else known
    if shown is None:
        raise AnnotationError(f"{where} states no range of its media")
    length = _seconds(shown, "duration")
    start = _seconds(shown, "start_time") - _begin(clip)
    if timeline is not None and start + length > timeline.duration + 1 / timeline.rate.rate:
        raise AnnotationError(f"{where}: the cut ends after the video, which has {timeline.duration:.3f} s")
    if length > 0:
        all_of_it = known is not None and length >= _seconds(known, "duration")
        yield moment_at(where, float(start), float(start + length)), all_of_it


def _file(clip: Row) -> str:
    """The name of the file of a clip, without a suffix."""
    media = _media(clip)
    url = media.get("target_url") if media else None
    return Path(unquote(url)).stem if isinstance(url, str) else ""


def _name(part: Row) -> str:
    return part.text("name") if part.get("name") is not None else ""


def _begin(clip: Row) -> Fraction:
    """Where the media of a clip begins; at 0 where it does not tell."""
    known = _available(clip)
    return _seconds(known, "start_time") if known else Fraction(0)


def _available(clip: Row) -> Row | None:
    """The range of the media of a clip."""
    media = _media(clip)
    known = media.get("available_range") if media else None
    return Row(known, clip.where) if known else None


def _media(clip: Row) -> dict[str, object] | None:
    """What a clip says of its media: `Clip.2` has several and names the active one, `Clip.1` has one."""
    several = clip.get("media_references")
    media = clip.get("media_reference")
    if isinstance(several, dict):
        media = several.get(str(clip.get("active_media_reference_key", "DEFAULT_MEDIA")))
    return media if isinstance(media, dict) else None


def _seconds(span: Row, field: str) -> Fraction:
    time = Row(span[field], f"{span.where}, {field}")
    rate, value = time.number("rate"), time.number("value")
    if rate <= 0:
        time.refuse("rate", "must be above 0")
    exact = exact_rate(rate)
    if abs(value) > LATEST * rate:
        time.refuse("value", "is no time of a video")
    return Fraction(value) / exact
