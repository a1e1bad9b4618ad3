"""Projects of editing programs, subtitles with answers, tables and annotations, read back as predictions."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from fuzz import sound
from fuzz.target import Target
from whenabouts.interchange.exchange import read_predictions
from whenabouts.interchange.formats import FORMATS, format_of, read, write
from whenabouts.interchange.timecode import FrameRate
from whenabouts.interchange.timeline import Timeline
from whenabouts.moment import Evidence, Moment
from whenabouts.prediction import Prediction

MADE = [
    Prediction("a dog & a <cat>", (Moment(1.0, 4.5, 0.9, (Evidence("seen", 1.0, 4.5),)), Moment(7.0, 9.0, 0.5)), 60.0),
    Prediction('das "Tor" fällt', (Moment(30.0, 41.25, 0.7),), 60.0, video="v.mp4"),
]
TIMELINE = Timeline(Path("v.mp4"), 60.0, FrameRate.nearest(25))


def seeds(folder: Path) -> Mapping[str, bytes]:
    """One file of every format that can be read."""
    made = {}
    for name, kind in FORMATS.items():
        path = folder / f"{name}{kind.suffix}"
        try:
            write([MADE[0]] if name in {"qvhighlights", "tal"} else MADE, TIMELINE, path, format=name)
        except ImportError:
            continue
        if kind.read is not None:
            made[path.name] = path.read_bytes()
    return made


def run(path: Path) -> None:
    """Read it, as a user would, and with the video's frame rate where frames are counted."""
    name = next(name for name in FORMATS if path.name == f"{name}{FORMATS[name].suffix}")
    if FORMATS[name].timeline:
        for each in read(path, TIMELINE, format=name):
            sound.spans((moment.start, moment.end) for moment in each.moments)
        return
    sound.predictions(read_predictions(path, format=name))
    format_of(path)


TARGET = Target(
    seeds,
    run,
    tokens=(
        *(b"<!DOCTYPE x [<!ENTITY a 'b'>]>", b"&a;", b"&#0;", b"]]>", b"OTIO_SCHEMA", b'"rate":0', b"1/0s", b"0/0s"),
        *(
            b"* FROM CLIP NAME",
            b"00:00:00;00",
            b"99:99:99:99",
            b"-->",
            b"[" * 3000,
            b"<timebase>0</timebase>",
            b"start=",
        ),
    ),
)
