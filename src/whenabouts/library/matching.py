"""Rows of a library that match, as moments: stretches by their vectors, lines of text by meaning and wording."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.encoders import Encoder
from whenabouts.encoders.example import EncodedExample
from whenabouts.evidence import EvidenceModels, TimedText
from whenabouts.evidence.alike import ITSELF, NOTHING_LEFT, RANKED, UNCALIBRATED, cosines, standardised, unseen
from whenabouts.evidence.impression import Describing, Impression
from whenabouts.evidence.likeness import Likeness
from whenabouts.evidence.phrasing import parse_phrasing
from whenabouts.evidence.presence import ALIKE, CALIBRATION, PRESENCE
from whenabouts.evidence.retrieve import retrieve
from whenabouts.library.schema import equal
from whenabouts.library.shots import MIN_COSINE
from whenabouts.library.vectors import nearest
from whenabouts.moment import Evidence, Moment

__all__ = ["Matches", "from_lines", "like_example", "like_words"]

MAX_STRETCHES = 400  # candidates per query
MORE_STRETCHES = 4  # times as many for an example: the index compares dot products, and cosines count
MAX_LINES = 200  # candidates per query
MAX_GAP = 1.0  # seconds between stretches that are joined to one moment
MIN_SCORE_RATIO = 0.9  # of the scores of stretches that are joined
WORTH = 0.05  # a match of lines below this probability is not shown
TOUCHING = 0.01  # seconds between stretches that follow each other

Float = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class Matches:
    """Moments by the sha256 of their video; `probable` is whether their scores are probabilities, else they rank."""

    moments: Mapping[str, list[Moment]]
    probable: bool = True
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """Stretches: their videos, their times (N, 2) in seconds and their vectors (N, D)."""

    videos: list[str]
    times: NDArray[np.float64]
    vectors: NDArray[np.float32]

    @classmethod
    def of(cls, table: Any) -> _Rows:
        times = np.stack([table[name].to_numpy() for name in ("start", "end")], axis=1)
        flat = table["vector"].combine_chunks().flatten().to_numpy()
        return cls(table["sha256"].to_pylist(), times, flat.reshape(len(table), -1).astype(np.float32))

    def __len__(self) -> int:
        return len(self.videos)

    def only(self, places: NDArray[np.bool_] | NDArray[np.intp]) -> _Rows:
        numbers = np.arange(len(self))[places]
        return _Rows([self.videos[i] for i in numbers], self.times[numbers], self.vectors[numbers])

    def moments(self, scores: Float) -> dict[str, list[Moment]]:
        videos: dict[str, list[tuple[float, float, float]]] = {}
        for video, (start, end), score in zip(self.videos, self.times.tolist(), scores.tolist(), strict=True):
            videos.setdefault(video, []).append((start, end, score))
        return {video: _joined(stretches) for video, stretches in videos.items()}


def like_words(shots: Any, encoder: Encoder, query: str, where: str | None, count: int = MAX_STRETCHES) -> Matches:
    """Stretches that look like a sentence; scores are those of `find` where the encoder is calibrated."""
    [vector] = encoder.encode_texts([query])
    table = nearest(shots, vector, count, where)
    calibration = CALIBRATION.get(encoder.name)
    if not len(table):
        return Matches({}, calibration is not None)
    rows = _Rows.of(table)
    weight = parse_phrasing(query).weight("seen")
    if calibration is None:
        return Matches(rows.moments(weight * _relative(rows.vectors @ vector)), probable=False)
    # which was fitted to what is left where pictures that resemble every query are lowered
    [heights] = Likeness.of(encoder).curves(vector[None], rows.vectors)
    scores = np.array([calibration.probability(float(height)) for height in heights])
    return Matches(rows.moments(weight * scores * _presence(encoder, query, rows, heights, scores)))


def like_example(
    shots: Any, encoder: Encoder, example: EncodedExample, words: str, where: str | None, count: int = MAX_STRETCHES
) -> Matches:
    """Stretches that look like an example, with words beside it or none; not those that it is from."""
    calibration = ALIKE.get(encoder.name) if example.judged and not words else None
    rows = _Rows.of(nearest(shots, example.vector, MORE_STRETCHES * count, where))
    if words:
        [vector] = encoder.encode_texts([words])
        rows = _united(rows, _Rows.of(nearest(shots, vector, count, where)))
    own = _own(shots, example, rows)
    if own.any() and own.all():
        return Matches({}, False, (*example.notes, NOTHING_LEFT))
    rows = rows.only(~own)
    notes = example.notes + unseen(words) + ((ITSELF,) if own.any() else ())
    if calibration is None and example.judged:
        notes += (RANKED if words else UNCALIBRATED,)
    if not len(rows):
        return Matches({}, calibration is not None, notes)
    likeness = cosines(example.vector, rows.vectors)
    if calibration:
        scores = np.array([calibration.probability(float(height)) for height in likeness])
    else:
        both = standardised(likeness) + standardised(rows.vectors @ vector) if words else likeness
        scores = _relative(both)
    best = np.argsort(-scores, kind="stable")[:count]
    return Matches(rows.only(best).moments(scores[best]), calibration is not None, notes)


def from_lines(lines: Any, query: str, where: str | None, count: int = MAX_LINES) -> Matches:
    """Lines of text that answer a query."""
    text = " ".join(word for word in parse_phrasing(query).text.split() if any(c.isalnum() for c in word))
    matching: Any = lines.search(text, query_type="fts").limit(count)
    rows = (matching.where(where, prefilter=True) if where else matching).to_list() if text else []
    candidates = [TimedText(r["start"], r["end"], r["text"], r["kind"], r["sha256"]) for r in rows]
    found: dict[str, list[Moment]] = {}
    for match in retrieve(candidates, [query], _models())[0] if candidates else ():
        if match.probability >= WORTH and match.start < match.end:
            found.setdefault(match.lines[0].source, []).append(match.moment())
    return Matches(found)


def _presence(encoder: Encoder, query: str, rows: _Rows, heights: Float, scores: Float) -> NDArray[np.float64]:
    """What the scores (N,) of stretches are multiplied by, (N,): so that the best of each video has its presence there.

    As `find` has it, that also weighs the impression that the stretches of the video give, and how familiar the query
    is; heights alone say which stretches stand out.
    """
    weights = PRESENCE.get(encoder.name)
    if weights is None or not isinstance(encoder, Describing):
        return np.ones(len(rows))
    meanings = encoder.meanings([query])
    [known] = encoder.familiarity(meanings)
    impression, described = Impression.of(encoder), encoder.described(rows.vectors)
    places: dict[str, list[int]] = {}
    for number, video in enumerate(rows.videos):
        places.setdefault(video, []).append(number)
    factors = np.ones(len(rows))
    for numbers in places.values():
        [shown] = impression.best(meanings, described[numbers])
        best = max(numbers, key=lambda number: heights[number])
        presence = weights.calibration(float(shown), float(known)).probability(float(heights[best]))
        factors[numbers] = presence / max(float(scores[best]), 1e-12)
    return factors


def _joined(stretches: Sequence[tuple[float, float, float]]) -> list[Moment]:
    """Moments, each of neighbouring stretches with similar scores."""
    moments: list[Moment] = []
    for start, end, score in sorted(stretches):
        last = moments[-1] if moments else None
        if last and start - last.end <= MAX_GAP and min(score, last.score) >= MIN_SCORE_RATIO * max(score, last.score):
            moments[-1] = Moment(last.start, end, max(score, last.score), (Evidence("seen", last.start, end),))
        else:
            moments.append(Moment(start, end, round(score, 4), (Evidence("seen", start, end),)))
    return moments


def _relative(scores: Float) -> Float:
    """Scores (N,) from 0, the lowest, to 1, the highest."""
    low, high = float(scores.min()), float(scores.max())
    relative: Float = (scores - low) / max(high - low, 1e-12)
    return relative


def _united(one: _Rows, other: _Rows) -> _Rows:
    """The rows of both, each once."""
    known = {(video, start) for video, (start, _) in zip(one.videos, one.times.tolist(), strict=True)}
    new = np.array([(v, start) not in known for v, (start, _) in zip(other.videos, other.times.tolist(), strict=True)])
    more = other.only(new.astype(np.bool_))
    return _Rows(
        one.videos + more.videos, np.concatenate([one.times, more.times]), np.concatenate([one.vectors, more.vectors])
    )


def _own(shots: Any, example: EncodedExample, rows: _Rows) -> NDArray[np.bool_]:
    """Which rows (N,) the example is from: those at its times, and those beside them that go on looking like that."""
    if example.span is None or example.sha256 not in rows.videos:
        return np.zeros(len(rows), np.bool_)
    of_video = shots.search().where(equal("sha256", example.sha256)).select(["sha256", "start", "end", "vector"])
    whole = _Rows.of(of_video.to_arrow())
    whole = whole.only(np.argsort(whole.times[:, 0]))
    start, end = example.span
    first = max(0, int(np.searchsorted(whole.times[:, 0], start, "right")) - 1)
    last = max(first, int(np.searchsorted(whole.times[:, 0], end, "left")) - 1)
    units = whole.vectors / np.maximum(np.linalg.norm(whole.vectors, axis=1, keepdims=True), 1e-12)
    while first > 0 and units[first - 1] @ units[first] >= MIN_COSINE:
        first -= 1
    while last < len(units) - 1 and units[last + 1] @ units[last] >= MIN_COSINE:
        last += 1
    low, high = whole.times[first, 0], whole.times[last, 1]
    inside = (rows.times[:, 0] >= low - TOUCHING) & (rows.times[:, 1] <= high + TOUCHING)
    own: NDArray[np.bool_] = inside & np.array([video == example.sha256 for video in rows.videos])
    return own


@cache
def _models() -> EvidenceModels:
    """Held for the next search."""
    return EvidenceModels()
