"""Keyword ranges of Final Cut Pro, as FCPXML 1.8: an event with the video, and a keyword on each moment.

The browser of Final Cut Pro then has a keyword collection for each query, from which editors pull selects. A comma
parts keywords in the file, so one within a query is written in its wide form.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from xml.etree.ElementTree import SubElement

from whenabouts.interchange.formats.fcpxml import counting, fraction, with_resources
from whenabouts.interchange.formats.format import Format
from whenabouts.interchange.remark import remark
from whenabouts.interchange.text import document, one_line
from whenabouts.interchange.timeline import Timeline
from whenabouts.prediction import Prediction

__all__ = ["FORMAT", "write"]

COMMA = str.maketrans(",", "\uff0c")


def write(predictions: Sequence[Prediction], timeline: Timeline) -> str:
    """One event; times count from the video's timecode. Raises InputError for a sequence of pictures."""
    at, name = partial(fraction, timeline.rate), one_line(timeline.name)
    root, [asset] = with_resources([timeline])
    event = SubElement(SubElement(root, "library"), "event", name=name)
    place = {"ref": asset, "name": name, "start": at(timeline.source), "duration": at(timeline.frames)}
    clip = SubElement(event, "asset-clip", place, tcFormat=counting(timeline.rate))
    for each in predictions:
        for rank, moment in enumerate(each.moments, 1):
            first, end = timeline.span(moment)
            stretch = {"start": at(timeline.source + first), "duration": at(end - first)}
            value = one_line(each.query).translate(COMMA)
            SubElement(clip, "keyword", stretch, value=value, note=remark(each, rank))
    return document(root, "<!DOCTYPE fcpxml>")


FORMAT = Format(
    ".keywords.fcpxml", "Final Cut Pro, keyword ranges", "rational seconds", write, needs="frames", group="editing"
)
