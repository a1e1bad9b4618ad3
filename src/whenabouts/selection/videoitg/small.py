"""The small head as a scorer: vectors of an encoder, and a file of parameters that was trained here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from whenabouts.encoders import DEFAULT_ENCODER, Encoder, load_encoder
from whenabouts.encoders.device import torch_device
from whenabouts.errors import InputError, MissingExtra, ModelError
from whenabouts.files.atomic import replacing
from whenabouts.files.weights import read_weights
from whenabouts.selection.candidates import FPS, Candidates
from whenabouts.selection.videoitg.scored import Scored
from whenabouts.version import __version__
from whenabouts.video import Video

if TYPE_CHECKING:
    from torch import Tensor

    from whenabouts.selection.videoitg.head import FrameHead

__all__ = ["Checkpoint", "SmallHead", "read_head", "save_head"]

OURS, KIND = "whenabouts", "videoitg"


class Checkpoint(NamedTuple):
    """A head in evaluation mode on the CPU, the sha256 of its file, and how its features are made."""

    head: FrameHead
    sha256: str
    facts: dict[str, Any]


def save_head(head: FrameHead, path: Path, facts: Mapping[str, Any]) -> None:
    """Write a head with what makes it again, and facts about it: plain values. Atomic."""
    import torch

    about = {"head": KIND, "options": head.options, "version": __version__, "facts": dict(facts)}
    with replacing(path) as part, part.open("wb") as file:
        torch.save({"model": {key: value.cpu() for key, value in head.state_dict().items()}, OURS: about}, file)


def read_head(path: Path) -> Checkpoint:
    """What `save_head` wrote. Raises ModelError on a missing, damaged, foreign or unsafe file, MissingExtra."""
    try:
        from whenabouts.selection.videoitg.head import FrameHead, HeadConfig
    except ImportError as error:
        raise MissingExtra("train", "the small head of VideoITG") from error

    content, sha256 = read_weights(path)
    about = content.get(OURS)
    if not isinstance(about, dict) or about.get("head") != KIND:
        raise ModelError(f"{path} holds no small head of VideoITG; train one, or name the folder of the published one")
    try:
        head = FrameHead(HeadConfig(**about["options"]))
        head.load_state_dict(content["model"])
    except (TypeError, KeyError, RuntimeError) as error:
        raise ModelError(
            f"{path} was written by whenabouts {about.get('version')}, whose head had other parameters"
        ) from error
    return Checkpoint(head.eval(), sha256, dict(about.get("facts") or {}))


@dataclass
class SmallHead:
    """A head in a file, with the encoder whose vectors it is given; both are loaded once.

    fps:    frames per second that are scored; None is what the file says
    frames: at most so many, evenly thinned; None is what the head takes
    """

    path: Path
    fps: float | None = None
    frames: int | None = None
    device: str | None = None
    encoder: Encoder | None = None
    _seen: tuple[str, Candidates, Tensor] | None = field(default=None, init=False, repr=False, compare=False)
    _last: tuple[str, str, Scored] | None = field(default=None, init=False, repr=False, compare=False)

    @cached_property
    def checkpoint(self) -> Checkpoint:
        """The head, on its device. Raises ModelError, MissingExtra."""
        read = read_head(self.path)
        read.head.to(torch_device(self.device))
        return read

    @cached_property
    def _encoder(self) -> Encoder:
        name = self.checkpoint.facts.get("encoder", DEFAULT_ENCODER)
        return self.encoder or load_encoder(str(name), device=self.device)

    def score(self, video: Video, question: str) -> Scored:
        """The sigmoid for every frame. Raises VideoError, QueryError, ModelError, MissingExtra.

        What was asked last is at hand, so another budget costs nothing.
        """
        if self._last is None or self._last[:2] != (video.sha256, question):
            self._last = video.sha256, question, self._score(video, question)
        return self._last[2]

    def _score(self, video: Video, question: str) -> Scored:
        import torch

        head, sha256, _ = self.checkpoint
        candidates, alike = self._looked(video)
        fits = torch.from_numpy(candidates.scores(question)).to(alike.device)
        if not bool(torch.isfinite(fits).all()):
            raise InputError(f"{self._encoder.name} gave numbers that are not finite for {question!r}")
        with torch.inference_mode():
            scores = head(alike, fits).sigmoid().tolist()
        numbers = np.searchsorted(video.times, candidates.times)
        models = {str(self.path): sha256, self._encoder.name: self._encoder.sha256}
        return Scored(tuple(map(int, numbers)), tuple(scores), models, {"fps": self._fps})

    @property
    def _fps(self) -> float:
        return float(self.fps or self.checkpoint.facts.get("fps") or FPS)

    def _looked(self, video: Video) -> tuple[Candidates, Tensor]:
        """The frames of a video and how alike they are, kept for the next question: at most 64 MiB."""
        import torch

        from whenabouts.selection.videoitg.head import cosines

        if self._seen is None or self._seen[0] != video.sha256:
            most = min(self.frames or self.checkpoint.head.config.longest, self.checkpoint.head.config.longest)
            fps = min(self._fps, most / video.duration)
            found = Candidates.of(video, self._encoder, fps=fps)
            vectors = torch.from_numpy(found.vectors).to(next(self.checkpoint.head.parameters()).device)
            self._seen = video.sha256, found, cosines(vectors)
        return self._seen[1], self._seen[2]
