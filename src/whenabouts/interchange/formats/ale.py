"""Avid Log Exchange (ALE): a log of clips for a bin of Avid Media Composer, one per moment.

A file has headings, the titles of columns and a line for each clip, with tabs between. Names of clips have at most 32
characters; COMMENTS has the whole query.
"""

from __future__ import annotations

from collections.abc import Sequence

from whenabouts.interchange.formats.format import Format
from whenabouts.interchange.remark import remark
from whenabouts.interchange.text import one_line
from whenabouts.interchange.timecode import RATES
from whenabouts.interchange.timeline import Timeline
from whenabouts.prediction import Prediction

__all__ = ["FORMAT", "write"]

COLUMNS = ("Name", "Tracks", "Start", "End", "COMMENTS", "Status", "Remark")
MAX_NAME_CHARS = 32
VIDEO_FORMATS = {1080: "1080", 720: "720", 576: "PAL", 486: "NTSC", 480: "NTSC"}  # by height; others are custom
AUDIO_FORMAT = "48kHz"
NAMES = {rate: name for name, rate in RATES.items()}
MAX_TRACKS = 4  # of sound


def write(predictions: Sequence[Prediction], timeline: Timeline) -> str:
    """Clips in the order of the predictions; their times are those of the video's timecode, or from 0 without one."""
    fps = NAMES.get(timeline.rate.rate, str(timeline.rate))
    headings = {
        "FIELD_DELIM": "TABS",
        "VIDEO_FORMAT": VIDEO_FORMATS.get(timeline.height, "CUSTOM"),
        "AUDIO_FORMAT": AUDIO_FORMAT,
        "TAPE": one_line(timeline.name),
        "FPS": fps,
    }
    tracks = "V" + "".join(f"A{k}" for k in range(1, min(timeline.channels, MAX_TRACKS) + 1))
    lines = ["Heading", *("\t".join(pair) for pair in headings.items()), "", "Column", "\t".join(COLUMNS), "", "Data"]
    for each in predictions:
        query = one_line(each.query)
        for rank, moment in enumerate(each.moments, 1):
            ends = [timeline.rate.name(timeline.source + frame) for frame in timeline.span(moment)]
            name = query[:MAX_NAME_CHARS].strip()
            lines.append("\t".join([name, tracks, *ends, query, each.status, remark(each, rank)]))
    return "\n".join(lines) + "\n"


FORMAT = Format(
    ".ale",
    "Avid Media Composer: clips for a bin (Avid Log Exchange)",
    "timecode",
    write,
    needs="frames",
    group="editing",
)
