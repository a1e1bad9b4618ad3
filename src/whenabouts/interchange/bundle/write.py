"""Write a bundle: the same answers about the same video give the same bytes."""

from __future__ import annotations

import hashlib
import platform
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from whenabouts.errors import InputError
from whenabouts.files.atomic import replacing
from whenabouts.interchange.bundle.manifest import EVIDENCE, MANIFEST, PREDICTIONS, Entry, Manifest, encoded
from whenabouts.interchange.png import png
from whenabouts.moment import Moment
from whenabouts.prediction import Prediction
from whenabouts.version import __version__
from whenabouts.video import Video

__all__ = ["instants", "lines", "write_bundle"]

EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest date of a zip: when it was written is nobody's evidence
FILE = 0o100644 << 16
PACKAGES = ("numpy", "av", "onnxruntime", "torch", "transformers")


def write_bundle(predictions: Sequence[Prediction], video: Video, path: Path, command: Mapping[str, Any]) -> str:
    """Write the answers with what justifies them; returns the digest, the sha256 of the manifest.

    command: the fields of `commands.Find` that made them, as JSON has them

    Of each moment the first and the last picture and the best instant between them are kept; one picture is in memory
    at a time. Raises InputError for a file that cannot be written or a name without `.zip`, VideoError.
    """
    if path.suffix.lower() != ".zip":
        raise InputError(f"a bundle is a zip: name it {path.name}.zip")
    named = [replace(each, video=video.path.name) for each in predictions]
    entries: dict[str, Entry] = {}
    frames: list[dict[str, Any]] = []
    try:
        with replacing(path, folders=True) as part, zipfile.ZipFile(part, "w") as archive:

            def add(name: str, content: bytes) -> None:
                entries[name] = Entry(hashlib.sha256(content).hexdigest(), len(content))
                _put(archive, name, content)

            add(PREDICTIONS, encoded([each.to_dict() for each in named]))
            add(EVIDENCE, encoded([lines(each) for each in named]))
            wanted = instants(named, video)
            for number, frame in enumerate(video.at(list(wanted))):
                name = f"frames/{number:04d}-{frame.time:.3f}.png"
                add(name, png(frame.image))
                frames.append({"file": name, "time": frame.time, "shows": list(wanted.values())[number]})
            manifest = Manifest(
                __version__,
                {"name": video.path.name, "sha256": video.sha256, "duration": video.duration},
                tuple(each.query for each in named),
                dict(command),
                _platform(),
                tuple(frames),
                entries,
            ).to_bytes()
            _put(archive, MANIFEST, manifest)
    except OSError as error:
        raise InputError(f"the bundle {path} cannot be written: {error.strerror}") from error
    return hashlib.sha256(manifest).hexdigest()


def _put(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    info = zipfile.ZipInfo(name, EPOCH)
    info.compress_type, info.external_attr, info.create_system = zipfile.ZIP_DEFLATED, FILE, 3
    archive.writestr(info, content)


def lines(prediction: Prediction) -> dict[str, Any]:
    """What speaks for each moment of an answer: lines of the transcript with their times, and other evidence."""
    rows = [
        {
            "start": moment.start,
            "end": moment.end,
            "score": moment.score,
            "evidence": [{"kind": e.kind, "start": e.start, "end": e.end, "text": e.text} for e in moment.evidence],
        }
        for moment in prediction.moments
    ]
    return {"query": prediction.query, "moments": rows}


def instants(predictions: Sequence[Prediction], video: Video) -> dict[float, list[dict[str, Any]]]:
    """When each picture that is kept begins, in order, and what it shows."""
    wanted: dict[float, list[dict[str, Any]]] = {}
    for query, prediction in enumerate(predictions):
        for number, moment in enumerate(prediction.moments):
            for what, at, time in _of_moment(moment, prediction, video):
                wanted.setdefault(time, []).append({"query": query, "moment": number, "what": what, "at": at})
    return {time: wanted[time] for time in sorted(wanted)}


def _of_moment(moment: Moment, prediction: Prediction, video: Video) -> Iterator[tuple[str, float, float]]:
    """Of the start, the best instant and the end: the word, the time, and when the picture on show then began."""
    best = (moment.start + moment.end) / 2
    if curve := prediction.saliency:
        inside = [i for i, time in enumerate(curve.times) if moment.start <= time < moment.end]
        best = curve.times[max(inside, key=lambda i: curve.values[i])] if inside else best
    times = video.times
    for what, at, side in (("start", moment.start, "right"), ("best", best, "right"), ("end", moment.end, "left")):
        number = int(np.searchsorted(times, at + (1e-9 if side == "right" else -1e-9), "right")) - 1
        yield what, at, float(times[max(0, number)])


def _platform() -> dict[str, str]:
    found = {"python": platform.python_version(), "system": platform.system(), "machine": platform.machine()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
