"""Predictors of every kind, made by hand from the annotations: to see that each is named, and only by its name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whenabouts.benchmarks.example import Example
from whenabouts.evaluation.blind.constant import best_constant
from whenabouts.query.verbs import first_verb

__all__ = ["PLANTED", "Planted", "made_up"]

Array = NDArray[np.float64]
Make = Callable[[np.random.Generator, Sequence[Example], Sequence[Example]], Array]
VERBS = ("opens", "closes", "washes", "throws", "eats", "reads", "kicks", "cuts")


def made_up(seed: int, number: int, longest: float = 300) -> list[Example]:
    """Queries on videos of half a minute to `longest` seconds, three a video, with moments of a tenth of them or so."""
    rng = np.random.default_rng(seed)
    made = []
    for n in range(number):
        duration = float(np.random.default_rng([seed, n // 3]).uniform(30, longest))
        length = duration * rng.lognormal(-2.2, 0.5)
        start = float(rng.beta(1.2, 2)) * max(0.0, duration - length)
        query = f"a person {VERBS[rng.integers(len(VERBS))]} the door"
        window = np.array([[start, min(start + length, duration)]])
        made.append(Example(qid=n, video=f"v{n // 3}", query=query, windows=window, duration=duration))
    return made


@dataclass(frozen=True, slots=True)
class Planted:
    """A predictor, with the names that are right for it.

    make: (random generator, examples with a window and a length, the same of training) -> (Q, 2) windows in seconds
    """

    names: frozenset[str]
    make: Make


def _around(change: Callable[[np.random.Generator, Array, Array], Array]) -> Make:
    """Windows made of the true ones: `change` takes (Q, 2) and the lengths of the videos (Q,), in seconds."""

    def make(rng: np.random.Generator, examples: Sequence[Example], train: Sequence[Example]) -> Array:
        truth = np.array([e.windows[rng.integers(len(e.windows))] for e in examples])
        duration = np.array([e.duration for e in examples], dtype=np.float64)
        moved = np.sort(change(rng, truth, duration), axis=1)
        return _within(moved, duration)

    return make


def _within(windows: Array, duration: Array) -> Array:
    """Clipped to the video; what is left of a window lasts at least a twentieth of a second."""
    clipped = np.clip(windows, 0, duration[:, None])
    low = np.minimum(clipped[:, 0], duration - 0.05)
    return np.stack([low, np.maximum(clipped[:, 1], low + 0.05)], axis=1)


def _longer(truth: Array, times: Array | float) -> Array:
    middle, half = truth.mean(axis=1), (truth[:, 1] - truth[:, 0]) / 2 * times
    return np.stack([middle - half, middle + half], axis=1)


def _anywhere(rng: np.random.Generator, truth: Array, duration: Array) -> Array:
    return np.sort(rng.random(truth.shape), axis=1) * duration[:, None]


def _third(rng: np.random.Generator, truth: Array, duration: Array) -> Array:
    start = rng.uniform(0, 2 / 3, len(truth))
    return np.stack([start, start + 1 / 3], axis=1) * duration[:, None]


def _hedge(rng: np.random.Generator, truth: Array, duration: Array) -> Array:
    return np.stack([rng.uniform(0, 0.1, len(truth)), rng.uniform(0.9, 1, len(truth))], axis=1) * duration[:, None]


def _moved(rng: np.random.Generator, truth: Array, duration: Array) -> Array:
    """The right length at any place of the video."""
    length = truth[:, 1] - truth[:, 0]
    start = rng.uniform(0, 1, len(truth)) * np.maximum(duration - length, 0)
    return np.stack([start, start + length], axis=1)


def _beside(rng: np.random.Generator, truth: Array, duration: Array) -> Array:
    """Shifted by half to twice the moment's length, either way."""
    length = truth[:, 1] - truth[:, 0]
    return np.asarray(truth + (length * rng.uniform(0.5, 2, len(truth)) * rng.choice([-1, 1], len(truth)))[:, None])


def _uneven(rng: np.random.Generator, truth: Array, duration: Array) -> Array:
    """Holds the truth, with up to its length more on either side."""
    more: Array = (truth[:, 1:] - truth[:, :1]) * rng.uniform(0.3, 1.2, truth.shape)
    return np.asarray(truth + more * np.array([-1.0, 1.0]))


def _constant(rng: np.random.Generator, examples: Sequence[Example], train: Sequence[Example]) -> Array:
    return np.array(best_constant(train), dtype=np.float64) * np.array(
        [[e.duration] for e in examples], dtype=np.float64
    )


def _of_train(rng: np.random.Generator, examples: Sequence[Example], train: Sequence[Example]) -> Array:
    shares = _shares(train)
    drawn = rng.integers(len(shares), size=len(examples))
    return np.array([shares[k] * e.duration for k, e in zip(drawn, examples, strict=True)])


def _of_verbs(rng: np.random.Generator, examples: Sequence[Example], train: Sequence[Example]) -> Array:
    """The mean window of the training queries with the same first verb."""
    by_verb = defaultdict(list)
    for example, window in zip(train, _shares(train), strict=True):
        by_verb[first_verb(example.query) or ""].append(window)
    everything = _shares(train).mean(axis=0)
    means = {verb: np.mean(windows, axis=0) for verb, windows in by_verb.items()}
    return np.array([means.get(first_verb(e.query) or "", everything) * e.duration for e in examples])


def _by_verb(rng: np.random.Generator, examples: Sequence[Example], train: Sequence[Example]) -> Array:
    """A window of the training split for each verb, drawn once."""
    shares = _shares(train)
    drawn = {verb: shares[rng.integers(len(shares))] for verb in sorted({first_verb(e.query) or "" for e in examples})}
    return np.array([drawn[first_verb(e.query) or ""] * e.duration for e in examples])


def _shares(train: Sequence[Example]) -> Array:
    """(T, 2) a window of each, in shares of the video: not always the first of several."""
    return np.array([np.clip(e.windows[n % len(e.windows)] / e.duration, 0, 1) for n, e in enumerate(train)])


def _mixed(*parts: tuple[float, Make]) -> Make:
    """Each query is answered by one of several, drawn with these chances."""

    def make(rng: np.random.Generator, examples: Sequence[Example], train: Sequence[Example]) -> Array:
        made = np.array([part(rng, examples, train) for _, part in parts])
        return np.asarray(
            made[rng.choice(len(parts), len(examples), p=[c for c, _ in parts]), np.arange(len(examples))]
        )

    return make


def _noise(seconds: float) -> Make:
    return _around(lambda rng, truth, duration: truth + rng.normal(0, seconds, truth.shape))


TRUTH = _around(lambda rng, truth, duration: truth)
RANDOM = _around(_anywhere)

PLANTED: dict[str, Planted] = {
    name: Planted(frozenset(names.split()), make)
    for name, names, make in (
        ("truth", "perfect", TRUTH),
        ("truth in tenths of a second", "perfect", _around(lambda rng, truth, duration: truth.round(1))),
        ("whole video", "hedger", _around(lambda rng, truth, d: np.stack([0 * d, d], axis=1))),
        ("nearly the whole video", "hedger", _around(_hedge)),
        ("best constant of the training split", "prior-copier", _constant),
        ("windows of the training split", "prior-copier", _of_train),
        ("one in ten true, else the constant", "prior-copier", _mixed((0.1, TRUTH), (0.9, _constant))),
        ("mean window of the verb", "first-verb", _of_verbs),
        ("a window for each verb", "first-verb", _by_verb),
        ("two random ends", "random", RANDOM),
        ("a random third", "random", _around(_third)),
        ("truth, three times as long", "over-long", _around(lambda rng, truth, duration: _longer(truth, 3))),
        ("truth with more on either side", "over-long", _around(_uneven)),
        ("5 s late", "shifter", _around(lambda rng, truth, duration: truth + 5)),
        ("3 s early", "shifter", _around(lambda rng, truth, duration: truth - 3)),
        ("beside the truth", "shifter", _around(_beside)),
        ("the right length anywhere", "shifter", _around(_moved)),
        (
            "2.5 times as long and late",
            "over-long shifter",
            _around(lambda rng, truth, duration: _longer(truth, 2.5) + 0.5 * (truth[:, 1:] - truth[:, :1])),
        ),
        ("noise of 1 s", "boundary-noise", _noise(1)),
        (
            "even noise of up to 2 s",
            "boundary-noise",
            _around(lambda rng, truth, duration: truth + rng.uniform(-2, 2, truth.shape)),
        ),
        (
            "half near, a third random, the rest whole",
            "",
            _mixed((0.5, _noise(2)), (0.3, RANDOM), (0.2, _around(_hedge))),
        ),
        ("three quarters near, the rest random", "", _mixed((0.75, _noise(1)), (0.25, RANDOM))),
        ("a fifth near, else of the training split", "", _mixed((0.2, _noise(1)), (0.8, _of_train))),
    )
}
