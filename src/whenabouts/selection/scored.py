"""What selectors that look at a video share: settings, candidates, scores, and a rule that chooses among them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from whenabouts.encoders import DEFAULT_ENCODER, Encoder, load_encoder
from whenabouts.errors import InputError
from whenabouts.progress import Progress, stage
from whenabouts.selection.candidates import FPS, Candidates
from whenabouts.selection.selector import Selection, check_budget
from whenabouts.video import Video

__all__ = ["Indices", "Looked", "LookingSelector", "ScoredSelector"]

Indices = NDArray[np.intp]
NOT_RECORDED = {"encoder", "cache", "device", "progress", "ask", "detector"}  # those that are named apart, or no values


class Looked(NamedTuple):
    """What a rule sees of N pictures, in order of time: `times` (N,) seconds, `scores` (N,), `vectors` (N, D)."""

    times: NDArray[np.float64]
    scores: NDArray[np.float64]
    vectors: NDArray[np.float32]


@dataclass(kw_only=True)
class LookingSelector:
    """A selector that looks at pictures.

    fps:      pictures that may be looked at per second of video
    encoder:  of frames and queries: a name for `load_encoder`, or an encoder
    cache:    keep vectors on disk, by content
    device:   where models run, as torch names it; None is a GPU where there is one
    progress: called with what is being done and the fraction of it that is done
    """

    name: ClassVar[str]

    fps: float = FPS
    encoder: str | Encoder = DEFAULT_ENCODER
    cache: bool = True
    device: str | None = None
    progress: Progress | None = field(default=None, repr=False, compare=False)

    @cached_property
    def frame_encoder(self) -> Encoder:
        """The encoder, loaded when it is first needed. Raises ModelError, MissingExtra."""
        return load_encoder(self.encoder, device=self.device) if isinstance(self.encoder, str) else self.encoder

    @property
    def settings(self) -> dict[str, Any]:
        """Every setting that shapes a choice."""
        own = {f.name: getattr(self, f.name) for f in fields(self) if f.init and f.name not in NOT_RECORDED}
        return {"encoder": self.frame_encoder.name} | own


@dataclass(kw_only=True)
class ScoredSelector(LookingSelector, ABC):
    """Chooses by a rule among the pictures of a video at a low rate and their scores for the query.

    Several queries of one video encode its pictures once: vectors of the video asked last are held in memory too.
    """

    _held: tuple[tuple[str, float], Candidates] | None = field(default=None, init=False, repr=False, compare=False)

    @abstractmethod
    def rule(self, looked: Looked, budget: int) -> Indices:
        """The pictures to show, by number, in any order: `budget` of the more than `budget` that there are."""

    def select(self, video: Video, query: str, budget: int) -> Selection:
        """At most `budget` frames. Raises VideoError, InputError, QueryError, ModelError, MissingExtra."""
        check_budget(budget)
        candidates = self.candidates(video)
        scores = candidates.scores(query)
        chosen = self.choose(Looked(candidates.times, scores.astype(np.float64), candidates.vectors), budget)
        return Selection(
            self.name,
            query,
            tuple(candidates.times[chosen].tolist()),
            tuple(scores[chosen].tolist()),
            looked=len(candidates.times),
            models={candidates.encoder.name: candidates.encoder.sha256},
            settings=self.settings,
            notes=_notes(self.name, len(chosen), min(budget, len(candidates.times))),
        )

    def choose(self, looked: Looked, budget: int) -> Indices:
        """The pictures to show, by number, in order of time: all where there are no more than `budget`.

        The pictures may be in any order. Raises InputError for scores or vectors that are not numbers.
        """
        check_budget(budget)
        if not (np.isfinite(looked.scores).all() and np.isfinite(looked.vectors).all()):
            raise InputError(f"{self.name} cannot choose by scores that are not finite numbers; check the encoder")
        order = np.argsort(looked.times, kind="stable")
        if budget >= len(order):
            return order
        in_order = Looked(looked.times[order], looked.scores[order], looked.vectors[order])
        return order[np.unique(self.rule(in_order, budget))]

    def candidates(self, video: Video) -> Candidates:
        """The pictures of a video; those of the one asked last are at hand."""
        key = video.sha256, self.fps
        if (held := self._held) is None or held[0] != key:
            looking = stage(self.progress, "looking at frames")
            made = Candidates.of(video, self.frame_encoder, fps=self.fps, cache=self.cache, progress=looking)
            self._held = held = key, made
        return held[1]


def _notes(name: str, chosen: int, possible: int) -> tuple[str, ...]:
    return (f"{name} chose {chosen} frames where {possible} were possible",) if chosen < possible else ()
