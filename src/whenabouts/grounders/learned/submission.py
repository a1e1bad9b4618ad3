"""A head's answers to examples of features, as rows of a submission in QVHighlights' form."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch

from whenabouts.benchmarks.features import FeatureExample
from whenabouts.grounders.learned.grounder import answer_at_length
from whenabouts.grounders.learned.head import Answer, Head
from whenabouts.prediction import Saliency, grid

__all__ = ["MOST", "answers", "evaluating", "submission_row"]

MOST = 100  # windows of a row: the most that a protocol looks at
BATCH = 100  # examples answered at once, as in the official scripts
ROWS = 1 << 15  # of all of them together


def answers(head: Head, examples: Iterable[FeatureExample]) -> Iterator[tuple[FeatureExample, Answer]]:
    """Every example with its answer, in order; a video that is too long for the head is answered in pieces.

    Examples are taken as they are needed, so that features of no more than `BATCH` and about `ROWS` rows are held.
    """

    def fits(e: FeatureExample) -> bool:
        return head.longest is None or len(e.video) <= head.longest

    for several in _batches(examples):
        short = [e for e in several if fits(e)]
        with evaluating(head):
            together = iter(head.answer(short) if short else [])
            found = [next(together) if fits(e) else _in_pieces(head, e) for e in several]
        yield from zip(several, found, strict=True)


def _batches(examples: Iterable[FeatureExample]) -> Iterator[list[FeatureExample]]:
    several: list[FeatureExample] = []
    for e in examples:
        if several and (len(several) == BATCH or sum(len(one.video) for one in several) + len(e.video) > ROWS):
            yield several
            several = []
        several.append(e)
    if several:
        yield several


def submission_row(example: FeatureExample, answer: Answer) -> dict[str, Any]:
    """A row with four decimals: windows [start, end, score], best first, and saliency, one value per rated clip.

    Rated clips are those of the example, else two seconds each. A window that ends before it starts, as rounding to
    the grid of a benchmark may leave it at the end of a video, has no length: officially too it is a miss.
    """
    e = example.example
    windows = [[min(start, end), end, score] for start, end, score in answer.windows[:MOST]]
    row: dict[str, Any] = {
        "qid": e.qid,
        "query": e.query,
        "vid": e.video,
        "pred_relevant_windows": [[round(value, 4) for value in window] for window in windows],
        "duration": example.duration,
    }
    if answer.saliency is not None:
        row["pred_saliency_scores"] = [round(value, 4) for value in _of_clips(example, answer.saliency)]
    return row


@contextmanager
def evaluating(head: Head) -> Iterator[None]:
    """In evaluation mode and without gradients, and back."""
    was_training = head.training
    head.eval()
    with torch.no_grad():
        yield
    head.train(was_training)


def _in_pieces(head: Head, e: FeatureExample) -> Answer:
    return answer_at_length(head, e.video, e.text, e.duration / len(e.video), e.sound, e.example.query)


def _of_clips(example: FeatureExample, values: list[float]) -> Sequence[float]:
    """Saliency of the rated clips: as it is where every row is one, else the greatest inside each."""
    e = example.example
    own = e.clips is not None and e.clip_ids is None
    if not own and abs(len(values) - example.duration / 2) <= 1:  # officially a row is a clip, one more or less
        return values
    times = tuple(example.centres().tolist())[: len(values)]
    return Saliency(times, tuple(values)).over(
        e.clips.tolist() if own and e.clips is not None else grid(example.duration)
    )
