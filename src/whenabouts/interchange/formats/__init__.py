"""Formats of editing programs, players and annotation tools: write predictions, read moments.

    whenabouts     json                      every field
    editing        otio  edl  xmeml  fcpxml  fcp-keywords  premiere-csv  avid  ale  losslesscut  audacity
    players        vtt  vtt-metadata  srt  srt-scored  ffmetadata
    the web        youtube  jsonld
    annotation     csv  eaf  label-studio  fiftyone
    benchmarks     qvhighlights  tal

`write` and `read` choose the format by its name, or else by the longest suffix that matches the file name.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path

from whenabouts.errors import InputError
from whenabouts.files.atomic import replacing
from whenabouts.interchange.formats.format import Format
from whenabouts.interchange.marked import Marked
from whenabouts.interchange.only import Only
from whenabouts.interchange.stringout import CutList
from whenabouts.interchange.timeline import Timeline
from whenabouts.plugins import Registry
from whenabouts.prediction import Prediction
from whenabouts.video.source import shown

__all__ = ["FORMATS", "Format", "cuts_in", "format_of", "read", "write", "write_cuts"]

log = logging.getLogger(__name__)

FORMATS: Registry[Format] = Registry(
    "format",
    "whenabouts.formats",
    {
        "json": "whenabouts.interchange.formats.own:FORMAT",
        "otio": "whenabouts.interchange.formats.otio:FORMAT",
        "edl": "whenabouts.interchange.formats.edl:FORMAT",
        "xmeml": "whenabouts.interchange.formats.xmeml:FORMAT",
        "fcpxml": "whenabouts.interchange.formats.fcpxml:FORMAT",
        "fcp-keywords": "whenabouts.interchange.formats.keywords:FORMAT",
        "premiere-csv": "whenabouts.interchange.formats.premiere:FORMAT",
        "avid": "whenabouts.interchange.formats.avid:FORMAT",
        "ale": "whenabouts.interchange.formats.ale:FORMAT",
        "losslesscut": "whenabouts.interchange.formats.losslesscut:FORMAT",
        "audacity": "whenabouts.interchange.formats.audacity:FORMAT",
        "youtube": "whenabouts.interchange.formats.youtube:FORMAT",
        "jsonld": "whenabouts.interchange.formats.jsonld:FORMAT",
        "vtt": "whenabouts.interchange.formats.webvtt:CHAPTERS",
        "vtt-metadata": "whenabouts.interchange.formats.webvtt:METADATA",
        "srt": "whenabouts.interchange.formats.srt:FORMAT",
        "ffmetadata": "whenabouts.interchange.formats.ffmetadata:FORMAT",
        "srt-scored": "whenabouts.interchange.formats.srt:SCORED",
        "csv": "whenabouts.interchange.formats.csv:FORMAT",
        "eaf": "whenabouts.interchange.formats.eaf:FORMAT",
        "label-studio": "whenabouts.interchange.formats.label_studio:FORMAT",
        "fiftyone": "whenabouts.interchange.formats.fiftyone:FORMAT",
        "qvhighlights": "whenabouts.interchange.formats.qvhighlights:FORMAT",
        "tal": "whenabouts.interchange.formats.tal:FORMAT",
    },
    fits=lambda part: isinstance(part, Format),
)


def write(
    predictions: Sequence[Prediction],
    timeline: Timeline,
    path: Path,
    *,
    format: str | None = None,
    only: Only | None = None,
) -> Path:
    """Write the moments of one video at `path`, completely or not at all, and return the path.

    only: which moments, as for `interchange.only.chosen`; by default the likely ones, and all in formats that tell how
          likely they are. What a file cannot hold is logged as a warning.

    Raises InputError for an unknown format or a file that cannot be written, MissingExtra if OpenTimelineIO is missing.
    """
    kind = format_of(path, format)
    _refuse_video(path, [timeline])
    _written(path, kind.data(predictions, timeline, only))
    for note in kind.told(predictions, timeline, only):
        log.warning("%s: %s", shown(path), note)
    return path


def write_cuts(stringout: CutList, paths: Sequence[Path], *, format: str | None = None) -> list[Path]:
    """Write a stringout at each path, all of them or none, and return the paths.

    Raises InputError for a format that holds no timeline of cuts, or that cannot hold this one, or a file that cannot
    be written; MissingExtra if OpenTimelineIO is missing.
    """
    files: list[tuple[Path, bytes]] = []
    for path in paths:
        _refuse_video(path, stringout.sources)
        kind = format_of(path, format)
        files.append((path, cuts_in(kind)(stringout).encode(kind.encoding, "backslashreplace")))
    return [_written(path, data) for path, data in files]


def cuts_in(kind: Format) -> Callable[[CutList], str]:
    """What writes a stringout in a format. Raises InputError for one that holds no timeline of cuts."""
    if kind.cuts is None:
        able = ", ".join(each.suffix for each in FORMATS.values() if each.cuts)
        raise InputError(f"{kind.suffix} holds no timeline of cuts; choose from: {able}")
    return kind.cuts


def _refuse_video(path: Path, timelines: Sequence[Timeline]) -> None:
    if path.resolve() in {timeline.path.resolve() for timeline in timelines}:
        raise InputError(f"{shown(path)} is the video itself; choose another path for the export")


def _written(path: Path, data: bytes) -> Path:
    with replacing(path, folders=True) as part:
        part.write_bytes(data)
    return path


def read(path: Path, timeline: Timeline | None = None, *, format: str | None = None) -> list[Marked]:
    """The moments in a file, by video and query.

    Formats that count frames without stating the rate (edl, avid, and label-studio if another program wrote the file)
    or that state no ends (youtube) need the video's `timeline`. Raises InputError, AnnotationError with the position in
    the file, MissingExtra.
    """
    kind = format_of(path, format)
    if kind.read is None:
        readable = ", ".join(name for name, each in FORMATS.items() if each.read)
        raise InputError(f"{shown(path)} has a format that can only be written; readable formats: {readable}")
    if kind.timeline and timeline is None:
        raise InputError(f"{shown(path)} does not state its video's frame rate or length: name its video too")
    return kind.read(path, timeline)


def format_of(path: Path, name: str | None = None) -> Format:
    """The format by its name, or else by the longest suffix that matches the path. Raises InputError."""
    if name is not None:
        return FORMATS.named(name)
    fitting = [kind for kind in FORMATS.values() if path.name.lower().endswith(kind.suffix)]
    if not fitting:
        suffixes = ", ".join(kind.suffix for kind in FORMATS.values())
        raise InputError(
            f"{shown(path)} does not have the suffix of a known format: {suffixes}; rename it, or name a format"
        )
    return max(fitting, key=lambda kind: len(kind.suffix))
