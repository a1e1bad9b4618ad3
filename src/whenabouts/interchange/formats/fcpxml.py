"""FCPXML 1.8 for Final Cut Pro and Resolve: a project of the video with a marker per moment, or of cuts.

All times are seconds as fractions, multiples of the frame duration, as Final Cut Pro requires.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from xml.etree.ElementTree import Element, SubElement

from whenabouts.errors import InputError
from whenabouts.interchange.formats.format import Format
from whenabouts.interchange.remark import remark
from whenabouts.interchange.stringout import CutList
from whenabouts.interchange.text import document, one_line
from whenabouts.interchange.timecode import FrameRate
from whenabouts.interchange.timeline import Timeline
from whenabouts.prediction import Prediction

__all__ = ["FORMAT", "counting", "fraction", "with_resources", "write", "write_cuts"]


def write(predictions: Sequence[Prediction], timeline: Timeline) -> str:
    """One project; times count from the video's timecode. Without one the sequence begins at 01:00:00:00.

    Raises InputError for a sequence of pictures.
    """
    at = partial(fraction, timeline.rate)
    name, start, length = one_line(timeline.name), at(timeline.source), at(timeline.frames)
    head = at(timeline.head)
    root, [asset] = with_resources([timeline])
    spine = _spine(root, name, length, head, timeline.rate)
    place = {"ref": asset, "offset": head, "name": name, "start": start, "duration": length}
    clip = SubElement(spine, "asset-clip", place, tcFormat=counting(timeline.rate))
    for prediction in predictions:
        for rank, moment in enumerate(prediction.moments, 1):
            first, end = timeline.span(moment)
            stretch = {"start": at(timeline.source + first), "duration": at(end - first)}
            SubElement(clip, "marker", stretch, value=one_line(prediction.query), note=remark(prediction, rank))
    return document(root, "<!DOCTYPE fcpxml>")


def write_cuts(stringout: CutList) -> str:
    """One project of clips in a row, each named after its query, with a marker over the moment itself.

    Raises InputError for a sequence of pictures.
    """
    record = partial(fraction, stringout.rate)
    root, assets = with_resources(stringout.sources)
    name = one_line(stringout.name)
    spine = _spine(root, name, record(stringout.frames), record(stringout.start), stringout.rate)
    for cut in stringout.cuts:
        timeline = stringout.source(cut)
        at, (first, end) = partial(fraction, timeline.rate), cut.record
        query = one_line(cut.query)
        place = {"ref": assets[cut.source], "offset": record(stringout.start + first), "name": query}
        place |= {"start": at(timeline.source + cut.frames[0]), "duration": record(end - first)}
        clip = SubElement(spine, "asset-clip", place, tcFormat=counting(timeline.rate))
        begin, after = cut.moment
        stretch = {"start": at(timeline.source + begin), "duration": at(after - begin)}
        SubElement(clip, "marker", stretch, value=query, note=cut.note)
    return document(root, "<!DOCTYPE fcpxml>")


def fraction(rate: FrameRate, frames: int) -> str:
    """Frames as seconds, a fraction."""
    return f"{frames * rate.rate.denominator}/{rate.rate.numerator}s"


def counting(rate: FrameRate) -> str:
    """How its timecode counts."""
    return "DF" if rate.drop else "NDF"


def with_resources(sources: Sequence[Timeline]) -> tuple[Element, list[str]]:
    """A document with a format and an asset for each video; the assets' identities. The first format is `r1`."""
    root = Element("fcpxml", version="1.8")
    resources, assets = SubElement(root, "resources"), []
    for number, timeline in enumerate(sources):
        if timeline.media is not None:
            raise InputError(
                f"Final Cut Pro opens no sequence of pictures such as {timeline.name}; write .otio, .xml or .edl"
            )
        at, form, asset = partial(fraction, timeline.rate), f"r{2 * number + 1}", f"r{2 * number + 2}"
        size = {"width": str(timeline.width), "height": str(timeline.height)}
        SubElement(resources, "format", size, id=form, frameDuration=at(1))
        facts = {"name": one_line(timeline.name), "src": timeline.uri, "start": at(timeline.source)}
        facts |= {"duration": at(timeline.frames), "format": form, "hasVideo": "1"}
        if timeline.sound:
            facts |= {"hasAudio": "1", "audioSources": "1", "audioChannels": str(timeline.channels)}
        SubElement(resources, "asset", facts, id=asset)
        assets.append(asset)
    return root, assets


def _spine(root: Element, name: str, length: str, head: str, rate: FrameRate) -> Element:
    """The one storyline of a new project."""
    project = SubElement(SubElement(SubElement(root, "library"), "event", name=name), "project", name=name)
    facts = {"format": "r1", "duration": length, "tcStart": head, "tcFormat": counting(rate)}
    return SubElement(SubElement(project, "sequence", facts), "spine")


FORMAT = Format(
    ".fcpxml",
    "Final Cut Pro, markers on a clip",
    "rational seconds",
    write,
    needs="frames",
    cuts=write_cuts,
    group="editing",
)
