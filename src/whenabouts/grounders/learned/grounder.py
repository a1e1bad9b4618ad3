"""A trained head on raw video: the features it was trained on, its answer, and windows where a video is too long."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch

from whenabouts.benchmarks.example import Example
from whenabouts.benchmarks.features import FeatureExample, Float
from whenabouts.encoders.clips import load_maker
from whenabouts.errors import ModelError, QueryError
from whenabouts.grounders.learned.checkpoint import from_checkpoint, read_facts
from whenabouts.grounders.learned.head import Answer, Head
from whenabouts.moment import Evidence, Moment, nms
from whenabouts.prediction import Prediction, Receipt, Saliency
from whenabouts.version import __version__
from whenabouts.video import Video

__all__ = ["Learned", "answer_at_length", "pieces"]

Watch = Callable[[str, float], None]
SAME = 0.5  # tIoU from which two moments are one
BATCH = 16  # windows answered at once
CLIP_SECONDS = 2.0  # of a row, as for QVHighlights


@dataclass(frozen=True, slots=True)
class Learned:
    """The grounder behind `whenabouts find --model FILE`.

    checkpoint: a file that `whenabouts train` wrote, or an official one.
    encoder, clip_seconds: how features are made; None takes what the file says. An official one does not: it needs an
    encoder, and its rows are of 2 s.
    top, threshold, cache, progress: as for `Similarity`.

    A moment's score is the model's own. The models were trained on videos that do show what is asked for, so they
    cannot tell absence: `presence` is None.
    """

    checkpoint: Path
    encoder: str | None = None
    clip_seconds: float | None = None
    top: int = 5
    threshold: float = 0.0
    cache: bool = True
    progress: Watch | None = field(default=None, repr=False)

    def ground(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
        """One prediction per query. Raises VideoError, QueryError, ModelError, MissingExtra."""
        if any(not query.strip() for query in queries):
            raise QueryError("a query is empty; say in a few words what to look for")
        head, facts = from_checkpoint(self.checkpoint), read_facts(self.checkpoint)
        name = self.encoder or facts.get("encoder")
        seconds = self.clip_seconds or facts.get("clip_seconds", CLIP_SECONDS)
        if not name:
            raise ModelError(f"{self.checkpoint} does not say how its features were made; give an encoder")
        maker, watch = load_maker(name), self.progress
        rows = maker.rows(
            video, seconds, cache=self.cache, progress=(lambda done: watch("looking", done)) if watch else None
        )
        texts = maker.words(queries)
        settings = {"encoder": name, "clip_seconds": seconds, "top": self.top, "threshold": self.threshold}
        models = {head.name: facts["sha256"], maker.name: maker.sha256}
        receipt = Receipt(__version__, head.name, video.sha256, models, settings)
        return [
            self._prediction(query, answer_at_length(head, rows, text, seconds), video, seconds, receipt)
            for query, text in zip(queries, texts, strict=True)
        ]

    def _prediction(self, query: str, answer: Answer, video: Video, seconds: float, receipt: Receipt) -> Prediction:
        inside = [(start, min(end, video.duration), score) for start, end, score in answer.windows]
        kept = [w for w in inside if w[0] < w[1] and w[2] >= self.threshold][: self.top]
        moments = tuple(Moment(*w, evidence=(Evidence("seen", w[0], w[1]),)) for w in kept)
        curve = None
        if answer.saliency is not None:
            times = tuple((i + 0.5) * seconds for i in range(len(answer.saliency)))
            curve = Saliency(times, tuple(answer.saliency))
        return Prediction(query, moments, video.duration, None, curve, str(video.path), receipt)


def pieces(count: int, longest: int | None) -> list[tuple[int, int]]:
    """Ranges [first, last) of rows that cover `count`, each as long as allowed and half over the one before.

    >>> pieces(10, 4)
    [(0, 4), (2, 6), (4, 8), (6, 10)]
    """
    if longest is None or count <= longest:
        return [(0, count)]
    starts = [*range(0, count - longest, max(1, longest // 2)), count - longest]
    return [(start, start + longest) for start in starts]


def answer_at_length(head: Head, rows: Float, text: Float, seconds: float) -> Answer:
    """The answer to one query on rows (L, D) of `seconds` each, however many there are.

    Windows of all pieces are ranked together by score, and the weaker of two that overlap by half goes; saliency of a
    row is the mean of the pieces that it lies in.
    """
    parts = pieces(len(rows), head.longest)
    examples = [
        FeatureExample(Example(first, "", "", np.zeros((0, 2)), (last - first) * seconds), rows[first:last], text)
        for first, last in parts
    ]
    with torch.no_grad():
        answers = [a for i in range(0, len(parts), BATCH) for a in head.answer(examples[i : i + BATCH])]
    windows = [
        [start + first * seconds, end + first * seconds, score]
        for (first, _), answer in zip(parts, answers, strict=True)
        for start, end, score in answer.windows
    ]
    if len(parts) > 1:
        table = np.array(windows).reshape(-1, 3)
        windows = [windows[i] for i in nms(table[:, :2], table[:, 2], SAME)]
    total, times = np.zeros(len(rows)), np.zeros(len(rows))
    for (first, last), answer in zip(parts, answers, strict=True):
        if answer.saliency is None:
            return Answer(windows)
        total[first:last] += answer.saliency
        times[first:last] += 1
    return Answer(windows, (total / times).tolist())
