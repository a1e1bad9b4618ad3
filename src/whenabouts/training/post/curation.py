"""Which samples are worth training on, by the rule of a recipe (`Selection`).

A reference model answers each query K times. Where it is always right there is nothing to learn, where it never is
there is nothing to reward; the rest is drawn around a difficulty, as in Time-R1 (arXiv:2503.13377) and TimeLens
(arXiv:2512.14698), or the harder the likelier, as in TimeLens2 (arXiv:2607.17423).

`select` does all of it and counts what became of the samples; `leaks` names those that are in an evaluation too.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import InputError
from whenabouts.grounders.llm.recipe import Selection
from whenabouts.training.post.samples import Sample

__all__ = ["leaking", "leaks", "select", "source_video"]


def select(samples: Sequence[Sample], rule: Selection) -> tuple[list[Sample], dict[str, int]]:
    """The chosen samples, in the order they came, and the counts of what became of the rest.

    The counts are `too_easy`, `impossible`, `not_drawn` and `chosen`. A negative query has no tIoU to be judged by
    and passes. Raises InputError for a sample without `ious`.
    """
    unscored = next((one for one in samples if one.windows and not one.ious), None)
    if unscored:
        raise InputError(f"{unscored.sample}: no ious; let the reference model answer every query K times first")
    negatives = [one for one in samples if not one.windows]
    positives = [one for one in samples if one.windows]
    easy = [one for one in positives if np.mean(one.ious) > rule.easiest]
    impossible = [one for one in positives if max(one.ious) <= 0 and not rule.impossible]
    left_out = {one.sample for one in [*easy, *impossible]}
    pool = [one for one in positives if one.sample not in left_out]
    drawn = {pool[i].sample for i in _drawn(pool, max(0, rule.size - len(negatives)), rule)}
    chosen = [one for one in samples if one.sample in drawn or not one.windows]
    counts = {
        "too_easy": len(easy),
        "impossible": len(impossible),
        "not_drawn": len(pool) - len(drawn),
        "chosen": len(chosen),
    }
    return chosen, counts


def leaks(samples: Iterable[Sample], evaluation: Iterable[tuple[str, str]]) -> list[str]:
    """A sentence for every sample whose video, or a cut of the same source, is in an evaluation split.

    evaluation: (video, query) of the splits that will be reported.
    """
    return list(leaking(samples, evaluation).values())


def leaking(samples: Iterable[Sample], evaluation: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The same sentences by the name of the sample."""
    evaluated: dict[str, set[str]] = {}
    for video, query in evaluation:
        evaluated.setdefault(source_video(video), set()).add(_plain(query))
    found = {}
    for one in samples:
        queries = evaluated.get(source_video(one.video))
        if queries is not None:
            what = "video and query are" if _plain(one.query) in queries else "video is"
            found[one.sample] = f"{one.sample}: its {what} in the evaluation ({one.video})"
    return found


def source_video(name: str) -> str:
    """The recording a file was cut from: no folder, no extension, no `_start_end` in seconds as in QVHighlights.

    >>> source_video("videos/NUsG9BgSes0_210.0_360.0.mp4")
    'NUsG9BgSes0'
    """
    stem = PurePosixPath(name.replace("\\", "/")).name
    stem = re.sub(r"\.(?:mp4|mkv|webm|avi|mov|m4v|flv|mpe?g)$", "", stem, flags=re.IGNORECASE)
    return re.sub(r"_\d+(?:\.\d+)?_\d+(?:\.\d+)?$", "", stem)


def _drawn(pool: Sequence[Sample], size: int, rule: Selection) -> list[int]:
    """The indices that are drawn without replacement: equally from every bucket of durations, where there are any."""
    rng = np.random.default_rng(rule.seed)
    buckets: list[list[int]] = [list(range(len(pool)))]
    if rule.bucket:
        last = math.ceil(rule.longest_bucket / rule.bucket)
        buckets = [[] for _ in range(last + 1)]
        for i, one in enumerate(pool):
            buckets[min(last, max(0, math.ceil(one.duration / rule.bucket) - 1))].append(i)
    drawn: list[int] = []
    for bucket in buckets:
        count = min(size // len(buckets), len(bucket))
        if count:
            chances = _chances([pool[i].ious for i in bucket], rule)
            drawn += rng.choice(bucket, count, replace=False, p=chances).tolist()
    return drawn


def _chances(ious: Sequence[Sequence[float]], rule: Selection) -> NDArray[np.float64]:
    """The probability of each sample to be drawn first, from the tIoU of its answers."""
    means = np.clip([np.mean(one) for one in ious], 0.0, 1.0)
    weights = (np.array([np.std(one) for one in ious]) + 1e-8) ** rule.unsure * (1 - means + 1e-8) ** rule.harder
    if rule.centre is not None:
        weights = weights * np.exp(-0.5 * ((means - rule.centre) / rule.width) ** 2)
    if rule.flat:
        counts, edges = np.histogram(means, bins=20, range=(0, 1))
        weights = weights / (counts + 1e-6)[np.clip(np.digitize(means, edges), 1, 20) - 1]
    weights = np.maximum(weights, 1e-300)  # what is too far away to be told from 0 comes last
    chances: NDArray[np.float64] = weights / weights.sum()
    return chances


def _plain(query: str) -> str:
    return " ".join(re.findall(r"\w+", query.lower()))
