"""The grounders of `longform.py`: one that looks by script and is expensive, a trained head, and their rival.

`Scripted` stands for a video-language model: it is shown a stretch at one picture a second and says when the event is
there, and how sure it is. It knows `KNOWN` of all events; one that it knows it finds where the stretch shows it from
start to end, to a tenth of its length. Elsewhere it names a random moment, less sure: what it says of stretches with
and without the event are two normal distributions whose means are `apart` standard deviations apart. With 2 it tells
one from the other in 92 of 100 pairs, with 3 in 98. Everything is drawn by the query and the stretch, so a rival that
shows it the same stretch hears the same answer.

The head (UniVTG, small) learns on this machine from variations of the scenes that are asked about, over features of
the embedded encoder. Half of what surrounds a scene are other scenes that are asked about: among fillers alone it
learns which one is no filler, and not to read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from whenabouts.benchmarks.example import Example
from whenabouts.benchmarks.features import FeatureExample
from whenabouts.encoders.clips import FeatureMaker, load_maker
from whenabouts.grounders import Grounder
from whenabouts.grounders.distinct import distinct
from whenabouts.grounders.search.regions import Region
from whenabouts.moment import Moment
from whenabouts.prediction import Prediction
from whenabouts.synthetic.long_video import LongVideos, encode
from whenabouts.video import Video
from whenabouts.video.part import Part

KNOWN = 0.85
LENGTH = 8.0  # seconds of a moment that is not there
WINDOW = 60.0  # seconds
CLIP_SECONDS = 2.0
ROWS = 75  # of a video to learn from, 150 s
BATCH = 16
VARIED = 6  # of each scene that is asked about

Span = tuple[float, float]


@dataclass(frozen=True)
class Scripted:
    """Says when an event is in what it is shown, as far as the script lets it; `seed` draws another one like it."""

    truths: dict[str, Span]
    apart: float
    seed: int

    def ground(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
        """One moment for every query, with a probability, on the clock of what is shown."""
        start = video.start if isinstance(video, Part) else 0.0
        found = [self._look(query, start, start + video.duration) for query in queries]
        return [
            Prediction(query, (Moment(s - start, e - start, p),), video.duration, presence=p)
            for query, (s, e, p) in zip(queries, found, strict=True)
        ]

    def _look(self, query: str, start: float, end: float) -> tuple[float, float, float]:
        first, last = self.truths[query]
        drawn = _drawn(self.seed, query, round(start, 3), round(end, 3))
        seen = start <= first and last <= end and _drawn(self.seed, query).random() < KNOWN
        sure = 1 / (1 + np.exp(-drawn.normal(self.apart / 2 if seen else -self.apart / 2)))
        if seen:
            first, last = np.sort(np.array([first, last]) + drawn.normal(0, 0.1 * (last - first), 2))
        else:
            length = min(LENGTH, end - start)
            first = start + drawn.random() * (end - start - length)
            last = first + length
        return max(start, float(first)), min(end, float(last)), float(sure)


@dataclass(frozen=True)
class EveryWindow:
    """The rival of a search: the grounder looks at windows all over the video, each half over the one before."""

    inside: Grounder

    def ground(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
        """The moments of all windows, best first."""
        found: dict[str, list[Moment]] = {query: [] for query in queries}
        for start, end in windows(video.duration):
            for prediction in self.inside.ground(Part(video, start, end), queries):
                found[prediction.query] += [Moment(m.start + start, m.end + start, m.score) for m in prediction.moments]
        return [Prediction(query, tuple(distinct(moments)), video.duration) for query, moments in found.items()]


def windows(duration: float) -> list[Span]:
    """Windows over a whole video, in seconds."""
    starts = np.arange(0.0, max(1e-9, duration - WINDOW / 2), WINDOW / 2)
    return [(float(s), min(duration, float(s) + WINDOW)) for s in starts]


@dataclass(frozen=True)
class Given:
    """A retriever of regions that another search has named, the best so many of each query."""

    named: dict[str, list[Region]]
    most: int

    def regions(self, video: Video, queries: Sequence[str], progress: object = None) -> list[list[Region]]:
        """The regions of each query, best first."""
        return [self.named[query][: self.most] for query in queries]


def train_head(folder: Path, videos: LongVideos, examples: int, epochs: int) -> Path:
    """Train a head on variations of the scenes that are asked about, among the fillers; returns its checkpoint."""
    import torch

    from whenabouts.grounders.learned import HEADS
    from whenabouts.training.supervised.train import train

    maker, rng = load_maker("builtin"), np.random.default_rng(20261127)
    fillers = [_rows(maker, path) for path, _ in videos.fillers]
    targets = []
    for number, (_, _, scene) in enumerate(videos.targets):
        for variation in range(VARIED):
            path = folder / f"varied-{number}-{variation}.mp4"
            encode(path, scene, rng, varied=True)
            targets.append((_rows(maker, path), [query for query, _ in scene.queries]))
    words = {query: text for _, queries in targets for query, text in zip(queries, maker.words(queries), strict=True)}
    made = [_example(number, targets, fillers, words, rng) for number in range(examples)]
    kind = HEADS["univtg"]
    torch.manual_seed(0)
    head = kind.sized(made[0].video.shape[1], made[0].text.shape[1], small=True)
    recipe = replace(kind.small, batch=BATCH, epochs=epochs, drop=max(1, epochs - 3))
    facts = {"encoder": "builtin", "clip_seconds": CLIP_SECONDS}
    train(head, made, None, folder / "head", recipe, device="cpu", facts=facts)
    return folder / "head" / "best.pt"


def _example(number, targets, fillers, words, rng) -> FeatureExample:  # type: ignore[no-untyped-def]
    """A scene that is asked about among others and fillers, as rows one after the other."""
    rows, queries = targets[int(rng.integers(len(targets)))]
    strangers = [other for other, asked in targets if asked != queries]
    others = np.concatenate([_one(strangers if rng.random() < 0.5 else fillers, rng) for _ in range(ROWS)])
    before = int(rng.integers(ROWS - len(rows)))
    query = _one(queries, rng)
    window = np.array([[before * CLIP_SECONDS, (before + len(rows)) * CLIP_SECONDS]])
    video = np.concatenate([others[:before], rows, others[before : ROWS - len(rows)]]).astype(np.float32)
    return FeatureExample(Example(number, str(number), query, window, len(video) * CLIP_SECONDS), video, words[query])


def _one(things, rng):  # type: ignore[no-untyped-def]
    return things[int(rng.integers(len(things)))]


def _rows(maker: FeatureMaker, path: Path) -> np.ndarray:
    with Video(path) as video:
        return maker.rows(video, CLIP_SECONDS, cache=False)


def _drawn(*of: object) -> np.random.Generator:
    return np.random.default_rng(int.from_bytes(hashlib.sha256(repr(of).encode()).digest()[:8], "big"))
