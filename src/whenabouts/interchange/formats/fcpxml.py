"""FCPXML 1.8 for Final Cut Pro and Resolve: a project of the video with a marker per moment.

All times are seconds as fractions, multiples of the frame duration, as Final Cut Pro requires.
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement

from whenabouts.errors import InputError
from whenabouts.interchange.formats.format import Format
from whenabouts.interchange.remark import remark
from whenabouts.interchange.text import document, one_line
from whenabouts.interchange.timeline import Timeline
from whenabouts.prediction import Prediction

__all__ = ["FORMAT", "Clock", "resources", "write"]


class Clock:
    """Times of a video as Final Cut Pro writes them, and how its timecode counts."""

    def __init__(self, timeline: Timeline) -> None:
        self.rate = timeline.rate.rate
        self.counting = "DF" if timeline.rate.drop else "NDF"

    def __call__(self, frames: int) -> str:
        """The start of a frame, as a fraction of seconds."""
        return f"{frames * self.rate.denominator}/{self.rate.numerator}s"


def resources(timeline: Timeline) -> Element:
    """A document with the video and its format, "r2" and "r1". Raises InputError for a sequence of pictures."""
    if timeline.media is not None:
        raise InputError(
            f"Final Cut Pro opens no sequence of pictures such as {timeline.name}; write .otio, .xml or .edl"
        )
    at = Clock(timeline)
    root = Element("fcpxml", version="1.8")
    used = SubElement(root, "resources")
    size = {"width": str(timeline.width), "height": str(timeline.height)}
    SubElement(used, "format", size, id="r1", frameDuration=at(1))
    sound = {"hasAudio": "1", "audioSources": "1", "audioChannels": str(timeline.channels)} if timeline.sound else {}
    facts = {"name": one_line(timeline.name), "src": timeline.uri, "start": at(timeline.source), "format": "r1"}
    SubElement(used, "asset", facts | sound, id="r2", duration=at(timeline.frames), hasVideo="1")
    return root


def write(predictions: Sequence[Prediction], timeline: Timeline) -> str:
    """One project; times count from the video's timecode. Without one the sequence begins at 01:00:00:00.

    Raises InputError for a sequence of pictures.
    """
    at, root, name = Clock(timeline), resources(timeline), one_line(timeline.name)
    start, length, head = at(timeline.source), at(timeline.frames), at(timeline.head)
    project = SubElement(SubElement(SubElement(root, "library"), "event", name=name), "project", name=name)
    sequence = SubElement(project, "sequence", format="r1", duration=length, tcStart=head, tcFormat=at.counting)
    place = {"ref": "r2", "offset": head, "name": name, "start": start, "duration": length, "tcFormat": at.counting}
    clip = SubElement(SubElement(sequence, "spine"), "asset-clip", place)
    for prediction in predictions:
        for rank, moment in enumerate(prediction.moments, 1):
            first, end = timeline.span(moment)
            stretch = {"start": at(timeline.source + first), "duration": at(end - first)}
            SubElement(clip, "marker", stretch, value=one_line(prediction.query), note=remark(prediction, rank))
    return document(root, "<!DOCTYPE fcpxml>")


FORMAT = Format(".fcpxml", "Final Cut Pro, markers on a clip", "rational seconds", write, needs="frames")
