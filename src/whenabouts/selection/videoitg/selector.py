"""VideoITG: the frames that a model learned to choose for a question, in one of three forms (2507.13353)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import ClassVar

from whenabouts.errors import InputError, ModelError
from whenabouts.selection.selector import Selection, check_budget
from whenabouts.selection.uniform import Uniform
from whenabouts.selection.videoitg.ranking import chosen
from whenabouts.selection.videoitg.recorded import Recorded
from whenabouts.selection.videoitg.sampling import INFERENCE, Sampling
from whenabouts.selection.videoitg.scored import Scored, Scorer
from whenabouts.video import Video

__all__ = ["VideoITG"]

NONE_HERE = "VideoITG scored no frame of a part of the video; frames there stand at even distances"


@dataclass
class VideoITG:
    """Instructed temporal grounding (arXiv 2507.13353): the best of the frames that were scored, in the order of time.

    model:  a folder of its published weights, a file of its results (.jsonl), or a small head of our own (.pt)
    fps:    frames per second that are scored; None is the authors' 2, and what a small head was trained with
    frames: at most so many are scored; None is the authors' 512, and what a small head can take
    doc_id: the row of a file of results that is meant; None finds it by video and question
    device: where it runs, as torch names it; None is a GPU where there is one

    A question is best given with its options, as it was trained; a comparison with other selectors gives these to all
    or to none. Officially a frame's time is its number by the average rate; here it is when the picture begins.
    """

    name: ClassVar[str] = "videoitg"

    model: str
    fps: float | None = None
    frames: int | None = None
    doc_id: str | int | None = None
    device: str | None = None

    def __post_init__(self) -> None:
        if not self.model:
            raise ModelError("VideoITG needs a model: videoitg:FOLDER of its weights, or a file .pt or .jsonl")
        if (self.fps is not None and not self.fps > 0) or (self.frames is not None and self.frames < 1):
            raise InputError(f"VideoITG needs a rate above 0 and at least one frame, got {self.fps} and {self.frames}")

    @cached_property
    def scorer(self) -> Scorer:
        """Who scores: kept for the lifetime of the selector. Raises ModelError for what is none of the three."""
        path = Path(self.model)
        if path.is_dir():
            from whenabouts.selection.videoitg.published import Published

            return Published(path, Sampling(self.fps or INFERENCE.fps, self.frames or INFERENCE.most), self.device)
        if not path.is_file():
            raise ModelError(f"{self.model} does not exist; name a folder of VideoITG, or a file .pt or .jsonl")
        if path.suffix in (".jsonl", ".json"):
            return Recorded(path, self.doc_id)
        from whenabouts.selection.videoitg.small import SmallHead

        return SmallHead(path, self.fps, self.frames, self.device)

    def select(self, video: Video, query: str, budget: int) -> Selection:
        """At most `budget` frames. Raises VideoError, InputError, ModelError, MissingExtra."""
        check_budget(budget)
        scored = self.scorer.score(video, query)
        if not scored.numbers:
            even = Uniform().select(video, query, budget)
            settings = {"model": self.model} | dict(scored.settings)
            return replace(even, selector=self.name, settings=settings, notes=(*scored.notes, NONE_HERE))
        kept = _within(scored, budget, self.model)
        return Selection(
            self.name,
            query,
            tuple(float(video.times[scored.numbers[k]]) for k in kept),
            tuple(scored.scores[k] for k in kept if scored.scores),
            len(scored.numbers),
            scored.models,
            {"model": self.model} | dict(scored.settings),
            scored.notes,
        )


def _within(scored: Scored, budget: int, model: str) -> list[int]:
    """Places of the frames that are kept."""
    if not scored.scores:
        if len(scored.numbers) > budget:
            raise InputError(
                f"{model} holds {len(scored.numbers)} frames without scores, more than the {budget} that are wanted;"
                " name the file with the scores, results.jsonl"
            )
        return list(range(len(scored.numbers)))
    return chosen(scored.numbers, scored.scores, budget)
