"""VideoITG as its authors publish it: a folder with 8 billion weights."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from whenabouts.encoders.device import torch_device
from whenabouts.errors import MissingExtra
from whenabouts.selection.videoitg.sampling import INFERENCE, Sampling
from whenabouts.selection.videoitg.scored import Scored
from whenabouts.video import Video

__all__ = ["NO_OPTIONS", "Published"]

NO_OPTIONS = "VideoITG was trained on questions with their options, and this one has none"


@dataclass
class Published:
    """The network of a folder, loaded with the first question and kept."""

    folder: Path
    sampling: Sampling = INFERENCE
    device: str | None = None

    @cached_property
    def loaded(self) -> Any:
        """What `loading.load` gives. Raises ModelError, MissingExtra."""
        try:
            from whenabouts.selection.videoitg.loading import load

            return load(self.folder, torch_device(self.device))
        except ImportError as error:
            raise MissingExtra("hub", "VideoITG") from error

    def score(self, video: Video, question: str) -> Scored:
        """The sigmoid of every sampled frame. Raises VideoError, InputError, ModelError, MissingExtra."""
        loaded = self.loaded
        from whenabouts.selection.videoitg.scoring import logits

        numbers = self.sampling.of(video)
        images = (frame.image for frame in video.at([float(video.times[n]) for n in numbers]))
        scores = logits(loaded, images, len(numbers), question).sigmoid().tolist()
        notes = () if has_options(question) else (NO_OPTIONS,)
        return Scored(tuple(numbers), tuple(scores), {str(self.folder): loaded.sha256}, asdict(self.sampling), notes)


def has_options(question: str) -> bool:
    """Whether a question lists its possible answers, as "A. …" and "B) …" do.

    >>> has_options("Which colour? A. red B. blue"), has_options("a dog jumps")
    (True, False)
    """
    return all(any(f"{letter}{mark}" in question for mark in (".", ")", ":")) for letter in "AB")
