"""Hold a bundle against its video: whether its pictures are those of the video at the times of its moments."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from whenabouts.interchange.bundle.manifest import EVIDENCE, Manifest, encoded
from whenabouts.interchange.bundle.write import instants, lines
from whenabouts.interchange.png import pixels
from whenabouts.prediction import Prediction
from whenabouts.video import Video

__all__ = ["unlike"]

NEAR = 2  # levels of 256 by which other versions of a decoder may round a colour
CLOSE = 1e-6  # seconds


def unlike(path: Path, manifest: Manifest, predictions: Sequence[Prediction], video: Video) -> Iterator[str]:
    """What a sound bundle shows that the video does not, or says otherwise than its answers; one sentence each.

    One picture of the video and one of the bundle are in memory at a time. Raises VideoError.
    """
    if manifest.video.get("duration") != video.duration:
        yield f"the video lasts {video.duration} s, not {str(manifest.video.get('duration'))[:40]}"
    with zipfile.ZipFile(path) as archive:
        if manifest.entries.get(EVIDENCE) is None or archive.read(EVIDENCE) != encoded(list(map(lines, predictions))):
            yield f"{EVIDENCE} is not what its answers say"
        wanted = instants(predictions, video)
        if [frame.get("shows") for frame in manifest.frames] != list(wanted.values()):
            yield "the pictures are not those of its moments"
            return
        for said, frame in zip(manifest.frames, video.at(list(wanted)), strict=True):
            name, time = said.get("file"), said.get("time")
            at = f"{frame.time:.3f}"
            if not isinstance(name, str) or name not in manifest.entries:
                yield f"there is no picture of the video at {at} s"
                continue
            if not isinstance(time, int | float) or not abs(time - frame.time) <= CLOSE:
                yield f"{name} is of {at} s, not {str(time)[:40]}"
            shown = pixels(archive.read(name), frame.image.shape[:2])
            if shown is None or np.abs(shown.astype(np.int16) - frame.image).max() > NEAR:
                yield f"{name} is not what the video shows at {at} s"
