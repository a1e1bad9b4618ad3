"""Predictions in the formats of editors, players and annotators, and the moments of such files back.

    whenabouts     json                      every field, nothing lost
    editors        otio  edl  xmeml  fcpxml  DaVinci Resolve, Premiere, Final Cut and all that read OpenTimelineIO
    players        vtt  vtt-metadata  srt  ffmetadata
    annotators     csv  eaf  label-studio  fiftyone
    benchmarks     qvhighlights  tal

`write` and `read` choose by the end of the file's name, the longest that fits, or by the format's name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from whenabouts.errors import InputError
from whenabouts.files.atomic import replacing
from whenabouts.interchange.formats import (
    csv,
    eaf,
    edl,
    fcpxml,
    ffmetadata,
    fiftyone,
    label_studio,
    otio,
    own,
    qvhighlights,
    srt,
    tal,
    webvtt,
    xmeml,
)
from whenabouts.interchange.marked import Marked
from whenabouts.interchange.timeline import Timeline
from whenabouts.plugins import Registry
from whenabouts.prediction import Prediction
from whenabouts.video.source import shown

__all__ = ["FORMATS", "Format", "chosen", "read", "write"]


@dataclass(frozen=True, slots=True)
class Format:
    """A file format: how its names end, what turns predictions into its text, and perhaps what reads it back.

    needs: what it must know of the video: its name, its true frames too, or nothing
    """

    suffix: str
    write: Callable[[Sequence[Prediction], Timeline], str]
    read: Callable[[Path, Timeline | None], list[Marked]] | None = None
    needs: Literal["nothing", "name", "frames"] = "name"


FORMATS: Registry[Format] = Registry(
  "format", "whenabouts.formats", {
    "json": Format(".json", own.write, own.read, "nothing"),
    "otio": Format(".otio", otio.write, otio.read, "frames"),
    "edl": Format(".edl", edl.write, edl.read, "frames"),
    "xmeml": Format(".xml", xmeml.write, needs="frames"),
    "fcpxml": Format(".fcpxml", fcpxml.write, needs="frames"),
    "vtt": Format(".vtt", webvtt.write, webvtt.read),
    "vtt-metadata": Format(".metadata.vtt", webvtt.write_metadata, webvtt.read_metadata),
    "srt": Format(".srt", srt.write, srt.read),
    "ffmetadata": Format(".ffmetadata", ffmetadata.write),
    "csv": Format(".csv", csv.write, csv.read, "frames"),
    "eaf": Format(".eaf", eaf.write, eaf.read),
    "label-studio": Format(".labelstudio.json", label_studio.write, label_studio.read, "frames"),
    "fiftyone": Format(".fiftyone.json", fiftyone.write),
    "qvhighlights": Format(".jsonl", qvhighlights.write, qvhighlights.read),
    "tal": Format(".tal.json", tal.write, tal.read),
})


def write(predictions: Sequence[Prediction], timeline: Timeline, path: Path, *, format: str | None = None) -> Path:
    """Write the moments of one video at `path`, whole or not at all, and return the path.

    Raises InputError for an unknown format or a file that cannot be written, MissingExtra for .otio without library.
    """
    kind = chosen(path, format)
    if path.resolve() == timeline.path.resolve():
        raise InputError(f"{shown(path)} is the video itself; name another file for the export")
    text = kind.write(predictions, timeline)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as part:
            part.write_bytes(text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise InputError(f"{shown(path)} cannot be written: {(error.strerror or str(error)).lower()}") from error
    return path


def read(path: Path, timeline: Timeline | None = None, *, format: str | None = None) -> list[Marked]:
    """The moments in a file, by video and query.

    Formats that count frames without saying how fast (edl, and label-studio from elsewhere) need the video's
    `timeline`. Raises InputError, AnnotationError naming the place, MissingExtra.
    """
    kind = chosen(path, format)
    if kind.read is None:
        readable = ", ".join(name for name, each in FORMATS.items() if each.read)
        raise InputError(f"{shown(path)} is of a format that is written but not read; these are read: {readable}")
    return kind.read(path, timeline)


def chosen(path: Path, format: str | None = None) -> Format:
    """The format that is named, else the one that the end of the path says. Raises InputError."""
    if format is not None:
        return FORMATS.named(format)
    fitting = [kind for kind in FORMATS.values() if path.name.lower().endswith(kind.suffix)]
    if not fitting:
        endings = ", ".join(kind.suffix for kind in FORMATS.values())
        raise InputError(f"{shown(path)} should end in one of {endings}, or name a format")
    return max(fitting, key=lambda kind: len(kind.suffix))
