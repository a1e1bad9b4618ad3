"""Which samples are worth training on, by the rule of a recipe (`Selection`).

A reference model answers each query K times. Where it is always right there is nothing to learn, where it never is
there is nothing to reward; the rest is drawn around a difficulty and ordered from easy to hard, as in TimeRFT (Time-R1,
arXiv:2503.13377) and TimeLens (arXiv:2512.14698).

`select` does all of it and counts what became of the samples; `leaks` names those that are in an evaluation too.
"""

from __future__ import annotations

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
    """The chosen samples, easy ones first, and the counts of what became of the rest.

    The counts are `too_easy`, `impossible`, `not_drawn` and `chosen`. A negative query has no tIoU to be judged by
    and passes. Raises InputError for a sample without `ious`.
    """
    unscored = next((one for one in samples if one.windows and not one.ious), None)
    if unscored:
        raise InputError(f"{unscored.sample}: no ious; let the reference model answer every query K times first")
    negatives = [one for one in samples if not one.windows]
    positives = [one for one in samples if one.windows]
    easy = [one for one in positives if np.mean(one.ious) > rule.easiest]
    impossible = [one for one in positives if max(one.ious) <= 0]
    pool = [one for one in positives if max(one.ious) > 0 and np.mean(one.ious) <= rule.easiest]
    means = np.array([np.mean(one.ious) for one in pool])
    count = max(0, min(len(pool), rule.size - len(negatives)))
    rng = np.random.default_rng(rule.seed)
    chances = _chances(means, np.array([one.duration for one in pool]), rule)
    drawn: list[int] = rng.choice(len(pool), count, replace=False, p=chances).tolist() if count else []
    chosen = sorted((pool[i] for i in drawn), key=lambda one: (-float(np.mean(one.ious)), one.sample))
    counts = {
        "too_easy": len(easy),
        "impossible": len(impossible),
        "not_drawn": len(pool) - len(chosen),
        "chosen": len(chosen) + len(negatives),
    }
    return _spread(chosen, negatives), counts


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


def _chances(means: NDArray[np.float64], seconds: NDArray[np.float64], rule: Selection) -> NDArray[np.float64]:
    weights = np.exp(-((means - rule.centre) ** 2) / (2 * rule.width**2)) + 1e-12
    if rule.flat:
        bins = np.minimum((means * 20).astype(int), 19)
        weights = weights / np.bincount(bins, minlength=20)[bins]
    if rule.bucket:
        steps = (np.minimum(seconds, rule.longest_bucket) / rule.bucket).astype(int)
        weights = weights / np.bincount(steps, weights)[steps]
    chances: NDArray[np.float64] = weights / weights.sum()
    return chances


def _spread(ordered: list[Sample], others: list[Sample]) -> list[Sample]:
    """The curriculum with the negatives at equal distances."""
    places = [(i + 0.5) / len(ordered) for i in range(len(ordered))]
    gaps = [(i + 0.5) / len(others) for i in range(len(others))]
    merged = sorted(zip([*places, *gaps], [*ordered, *others], strict=True), key=lambda pair: pair[0])
    return [one for _, one in merged]


def _plain(query: str) -> str:
    return " ".join(re.findall(r"\w+", query.lower()))
