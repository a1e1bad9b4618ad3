"""Final Cut Pro 7 XML (xmeml 4), for Premiere and Resolve: a sequence with markers, or of cuts.

Times are frames of the sequence: `timebase` a second, divided by 1.001 where `ntsc` is TRUE.
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement

from whenabouts.interchange.formats.format import Format
from whenabouts.interchange.remark import remark
from whenabouts.interchange.stringout import Cut, CutList
from whenabouts.interchange.text import document, one_line
from whenabouts.interchange.timecode import FrameRate
from whenabouts.interchange.timeline import Timeline
from whenabouts.prediction import Prediction

__all__ = ["FORMAT", "write", "write_cuts"]


def write(predictions: Sequence[Prediction], timeline: Timeline) -> str:
    """One sequence with the video on V1 (and A1), each with its timecode."""
    whole = 0, timeline.frames
    root, sequence, media = _sequence(timeline.name, timeline.frames, timeline.rate, timeline.head)
    _file(_clip(_picture_track(media, timeline, timeline.rate), "clipitem-1", timeline, whole, whole), timeline)
    if timeline.sound:
        item = _clip(_sound_track(media), "clipitem-2", timeline, whole, whole)
        SubElement(item, "file", id="file-1")
        _of_sound(item)
    for prediction in predictions:
        for rank, moment in enumerate(prediction.moments, 1):
            first, end = timeline.span(moment)
            marker = SubElement(sequence, "marker")
            _leaf(marker, "comment", remark(prediction, rank))
            _leaf(marker, "name", one_line(prediction.query))
            _leaf(marker, "in", first)
            _leaf(marker, "out", end)
    return document(root, "<!DOCTYPE xmeml>")


def write_cuts(stringout: CutList) -> str:
    """One sequence of clips in a row, pictures and sound linked, each named after its query.

    Each clip has a marker over the moment itself. Frames of a clip are those of its file, at the file's own rate.
    """
    root, _, media = _sequence(stringout.name, stringout.frames, stringout.rate, stringout.start)
    pictures = _picture_track(media, stringout.sources[0], stringout.rate)
    sounds = _sound_track(media) if any(source.sound for source in stringout.sources) else None
    described: set[int] = set()
    heard = 0
    for number, cut in enumerate(stringout.cuts, 1):
        timeline = stringout.source(cut)
        items = [_clip(pictures, f"clipitem-{number}", timeline, cut.frames, cut.record, cut.query)]
        places = [("video", number)]
        if sounds is not None and timeline.sound:
            heard += 1
            items.append(_clip(sounds, f"clipitem-{number}-sound", timeline, cut.frames, cut.record, cut.query))
            places.append(("audio", heard))
        for item in items:
            if cut.source in described:
                SubElement(item, "file", id=f"file-{cut.source + 1}")
            else:
                _file(item, timeline, cut.source + 1)
                described.add(cut.source)
        if len(items) > 1:
            _of_sound(items[1])
            _link(items, places)
        _moment(items[0], cut)
    return document(root, "<!DOCTYPE xmeml>")


def _moment(item: Element, cut: Cut) -> None:
    marker = SubElement(item, "marker")
    _leaf(marker, "comment", cut.note)
    _leaf(marker, "name", one_line(cut.query))
    _leaf(marker, "in", cut.moment[0])
    _leaf(marker, "out", cut.moment[1])


def _link(items: Sequence[Element], places: Sequence[tuple[str, int]]) -> None:
    """Tie pictures and sound together, so that an editor moves both."""
    for item in items:
        for other, (kind, index) in zip(items, places, strict=True):
            link = SubElement(item, "link")
            _leaf(link, "linkclipref", other.get("id", ""))
            _leaf(link, "mediatype", kind)
            _leaf(link, "trackindex", 1)
            _leaf(link, "clipindex", index)


def _sequence(name: str, frames: int, rate: FrameRate, head: int) -> tuple[Element, Element, Element]:
    """A document, its one sequence, and the media of that."""
    root = Element("xmeml", version="4")
    sequence = SubElement(root, "sequence", id="sequence-1")
    _leaf(sequence, "name", name)
    _leaf(sequence, "duration", frames)
    _rate(sequence, rate)
    _timecode(sequence, rate, head)
    return root, sequence, SubElement(sequence, "media")


def _picture_track(media: Element, timeline: Timeline, rate: FrameRate) -> Element:
    video = SubElement(media, "video")
    picture = SubElement(SubElement(video, "format"), "samplecharacteristics")
    _rate(picture, rate)
    _leaf(picture, "width", timeline.width)
    _leaf(picture, "height", timeline.height)
    _leaf(picture, "pixelaspectratio", "square")
    return SubElement(video, "track")


def _sound_track(media: Element) -> Element:
    return SubElement(SubElement(media, "audio"), "track")


def _of_sound(item: Element) -> None:
    source = SubElement(item, "sourcetrack")
    _leaf(source, "mediatype", "audio")
    _leaf(source, "trackindex", 1)


def _leaf(parent: Element, tag: str, value: str | int) -> None:
    SubElement(parent, tag).text = one_line(str(value))


def _rate(parent: Element, counted: FrameRate) -> None:
    rate = SubElement(parent, "rate")
    _leaf(rate, "timebase", counted.nominal)
    _leaf(rate, "ntsc", "TRUE" if counted.ntsc else "FALSE")


def _timecode(parent: Element, rate: FrameRate, first: int) -> None:
    timecode = SubElement(parent, "timecode")
    _rate(timecode, rate)
    _leaf(timecode, "string", rate.name(first))
    _leaf(timecode, "frame", first)
    _leaf(timecode, "displayformat", "DF" if rate.drop else "NDF")


def _clip(
    track: Element,
    identity: str,
    timeline: Timeline,
    inside: tuple[int, int],
    place: tuple[int, int],
    name: str | None = None,
) -> Element:
    """Frames [in, out) of a video at frames [start, end) of the sequence."""
    item = SubElement(track, "clipitem", id=identity)
    _leaf(item, "name", name or timeline.name)
    _leaf(item, "duration", timeline.frames)
    _rate(item, timeline.rate)
    for tag, frame in zip(("start", "end", "in", "out"), (*place, *inside), strict=True):
        _leaf(item, tag, frame)
    return item


def _file(item: Element, timeline: Timeline, number: int = 1) -> None:
    file = SubElement(item, "file", id=f"file-{number}")
    _leaf(file, "name", timeline.name)
    _leaf(file, "pathurl", timeline.uri)
    _rate(file, timeline.rate)
    _leaf(file, "duration", timeline.frames)
    _timecode(file, timeline.rate, timeline.source)
    media = SubElement(file, "media")
    SubElement(media, "video")
    if timeline.sound:
        SubElement(media, "audio")


FORMAT = Format(
    ".xml",
    "Premiere and Resolve (Final Cut Pro 7 XML), markers on a sequence",
    "frames",
    write,
    needs="frames",
    cuts=write_cuts,
    group="editing",
)
