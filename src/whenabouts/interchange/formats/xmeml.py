"""Final Cut Pro 7 XML (xmeml 4), which Premiere and Resolve import: a sequence of the video with a marker per moment.

Times are frames of the sequence: `timebase` a second, divided by 1.001 where `ntsc` is TRUE.
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement

from whenabouts.interchange.formats.format import Format
from whenabouts.interchange.remark import remark
from whenabouts.interchange.text import document, one_line
from whenabouts.interchange.timeline import Timeline
from whenabouts.prediction import Prediction

__all__ = ["FORMAT", "write"]


def write(predictions: Sequence[Prediction], timeline: Timeline) -> str:
    """One sequence with the video on V1 (and A1), each with its timecode."""
    root = Element("xmeml", version="4")
    sequence = SubElement(root, "sequence", id="sequence-1")
    _leaf(sequence, "name", timeline.name)
    _leaf(sequence, "duration", timeline.frames)
    _rate(sequence, timeline)
    _timecode(sequence, timeline, timeline.head)
    media = SubElement(sequence, "media")
    video = SubElement(media, "video")
    picture = SubElement(SubElement(video, "format"), "samplecharacteristics")
    _rate(picture, timeline)
    _leaf(picture, "width", timeline.width)
    _leaf(picture, "height", timeline.height)
    _leaf(picture, "pixelaspectratio", "square")
    _file(_clip(SubElement(video, "track"), "clipitem-1", timeline), timeline)
    if timeline.sound:
        item = _clip(SubElement(SubElement(media, "audio"), "track"), "clipitem-2", timeline)
        SubElement(item, "file", id="file-1")
        source = SubElement(item, "sourcetrack")
        _leaf(source, "mediatype", "audio")
        _leaf(source, "trackindex", 1)
    for prediction in predictions:
        for rank, moment in enumerate(prediction.moments, 1):
            first, end = timeline.span(moment)
            marker = SubElement(sequence, "marker")
            _leaf(marker, "comment", remark(prediction, rank))
            _leaf(marker, "name", one_line(prediction.query))
            _leaf(marker, "in", first)
            _leaf(marker, "out", end)
    return document(root, "<!DOCTYPE xmeml>")


def _leaf(parent: Element, tag: str, value: str | int) -> None:
    SubElement(parent, tag).text = one_line(str(value))


def _rate(parent: Element, timeline: Timeline) -> None:
    rate = SubElement(parent, "rate")
    _leaf(rate, "timebase", timeline.rate.nominal)
    _leaf(rate, "ntsc", "TRUE" if timeline.rate.ntsc else "FALSE")


def _timecode(parent: Element, timeline: Timeline, first: int) -> None:
    timecode = SubElement(parent, "timecode")
    _rate(timecode, timeline)
    _leaf(timecode, "string", timeline.rate.name(first))
    _leaf(timecode, "frame", first)
    _leaf(timecode, "displayformat", "DF" if timeline.rate.drop else "NDF")


def _clip(track: Element, identity: str, timeline: Timeline) -> Element:
    item = SubElement(track, "clipitem", id=identity)
    _leaf(item, "name", timeline.name)
    _leaf(item, "duration", timeline.frames)
    _rate(item, timeline)
    for tag, frame in (("start", 0), ("end", timeline.frames), ("in", 0), ("out", timeline.frames)):
        _leaf(item, tag, frame)
    return item


def _file(item: Element, timeline: Timeline) -> None:
    file = SubElement(item, "file", id="file-1")
    _leaf(file, "name", timeline.name)
    _leaf(file, "pathurl", timeline.uri)
    _rate(file, timeline)
    _leaf(file, "duration", timeline.frames)
    _timecode(file, timeline, timeline.source)
    media = SubElement(file, "media")
    SubElement(media, "video")
    if timeline.sound:
        SubElement(media, "audio")


FORMAT = Format(
    ".xml", "Premiere and Resolve (Final Cut Pro 7 XML), markers on a sequence", "frames", write, needs="frames"
)
