"""What a trained model is worth on held-out samples, beside answers that did not need the video."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from whenabouts.benchmarks.example import Example
from whenabouts.evaluation.blind.constant import best_constant
from whenabouts.rewards.tiou import overlap, tiou
from whenabouts.training.post.answering import Show, blanked
from whenabouts.training.post.hacking import Figures, inspect
from whenabouts.training.post.samples import Sample

__all__ = ["Measured", "measure", "with_other_queries"]

Scores = dict[str, float]
Ask = Callable[[Sequence[Sample], Show], list[str]]
THRESHOLDS = (0.3, 0.5, 0.7)


@dataclass(frozen=True)
class Measured:
    """Of queries that happen: signs of reward hacking, and mIoU and R1@0.3 to 0.7 of the model and blind baselines."""

    figures: Figures
    scores: dict[str, Scores]


def measure(ask: Ask, held_out: Sequence[Sample], show: Show, training: Sequence[Sample]) -> Measured | None:
    """Answer the held-out samples as they are, with every picture blanked, and with another query.

    ask: (samples, how their videos are shown) -> answers. training: samples that the best constant answer comes from.
    None where nothing that is held out happens.
    """
    true = [one for one in held_out if one.windows]
    if not true:
        return None
    targets = [one.target for one in true]
    plain, blank = ask(true, show), ask(true, blanked(show))
    others = with_other_queries(true)
    shuffled = ask(others, show) if others else None
    rows = {"the model": plain, "every picture blanked": blank} | ({"another query": shuffled} if shuffled else {})
    scores = {
        name: _scores([tiou(text, target) for text, target in zip(texts, targets, strict=True)])
        for name, texts in rows.items()
    }
    if constant := _constant(training, true):
        scores["the best constant answer"] = constant
    return Measured(inspect(plain, targets, shuffled=shuffled, blank=blank), scores)


def with_other_queries(samples: Sequence[Sample]) -> list[Sample] | None:
    """Every sample with the query of another, of the same video where there is one; None if all ask the same."""
    changed = []
    for number, one in enumerate(samples):
        after = [*samples[number + 1 :], *samples[:number]]
        unlike = [other for other in after if other.query != one.query]
        if not unlike:
            return None
        same = [other for other in unlike if other.video == one.video]
        changed.append(replace(one, query=(same or unlike)[0].query))
    return changed


def _constant(training: Sequence[Sample], held_out: Sequence[Sample]) -> Scores | None:
    """Scores of the share of a video that fits the training samples best, given to every question."""
    examples = [
        Example(one.sample, one.video, one.query, np.array(one.windows), one.duration)
        for one in training
        if one.windows
    ]
    if not examples:
        return None
    start, end = best_constant(examples, None)
    return _scores(
        [max(overlap((start * one.duration, end * one.duration), truth) for truth in one.windows) for one in held_out]
    )


def _scores(ious: Sequence[float]) -> Scores:
    table = np.array(ious)
    return {"mIoU": float(table.mean())} | {f"R1@{at}": float((table >= at).mean()) for at in THRESHOLDS}
