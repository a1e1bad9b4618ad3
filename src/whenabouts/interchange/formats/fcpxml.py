"""FCPXML 1.8 for Final Cut Pro and Resolve: a project of the video with a marker per moment.

All times are seconds as fractions, multiples of the frame duration, as Final Cut Pro requires.
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement

from whenabouts.errors import InputError
from whenabouts.interchange.formats.format import Format
from whenabouts.interchange.text import document, one_line
from whenabouts.interchange.timeline import Timeline
from whenabouts.prediction import Prediction

__all__ = ["FORMAT", "write"]


def write(predictions: Sequence[Prediction], timeline: Timeline) -> str:
    """One project; times count from the video's timecode. Without one the sequence begins at 01:00:00:00.

    Raises InputError for a sequence of pictures.
    """
    if timeline.media is not None:
        raise InputError(
            f"Final Cut Pro opens no sequence of pictures such as {timeline.name}; write .otio, .xml or .edl"
        )

    def at(frames: int) -> str:
        rate = timeline.rate.rate
        return f"{frames * rate.denominator}/{rate.numerator}s"

    name, start, length = one_line(timeline.name), at(timeline.source), at(timeline.frames)
    head = at(timeline.head)
    counting = "DF" if timeline.rate.drop else "NDF"
    root = Element("fcpxml", version="1.8")
    resources = SubElement(root, "resources")
    size = {"width": str(timeline.width), "height": str(timeline.height)}
    SubElement(resources, "format", size, id="r1", frameDuration=at(1))
    sound = {"hasAudio": "1", "audioSources": "1", "audioChannels": str(timeline.channels)} if timeline.sound else {}
    facts = {"name": name, "src": timeline.uri, "start": start, "duration": length, "format": "r1", "hasVideo": "1"}
    SubElement(resources, "asset", facts | sound, id="r2")
    project = SubElement(SubElement(SubElement(root, "library"), "event", name=name), "project", name=name)
    sequence = SubElement(project, "sequence", format="r1", duration=length, tcStart=head, tcFormat=counting)
    place = {"ref": "r2", "offset": head, "name": name, "start": start, "duration": length, "tcFormat": counting}
    clip = SubElement(SubElement(sequence, "spine"), "asset-clip", place)
    for prediction in predictions:
        for rank, moment in enumerate(prediction.moments, 1):
            first, end = timeline.span(moment)
            stretch = {"start": at(timeline.source + first), "duration": at(end - first)}
            note = f"rank {rank}, score {moment.score:.3f}"
            SubElement(clip, "marker", stretch, value=one_line(prediction.query), note=note)
    return document(root, "<!DOCTYPE fcpxml>")


FORMAT = Format(".fcpxml", "Final Cut Pro, markers on a clip", "rational seconds", write, needs="frames")
