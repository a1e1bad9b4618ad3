"""Edges to the frame: around each end of a moment the video is read at its own rate, and the end is put at the cut.

A curve of frames looked at every `step` seconds says where a moment ends to half a step. Between the two frames on
either side of such an edge lies

- a *cut*, in most edited video: then the edge is the time of the first picture of the new shot, exact to the picture;
- or a *gradual change*, a dissolve or somebody who walks in: then the edge is where the vectors of an encoder are half
  of the way from those before to those after, and `Moment.spread` says how long the change takes;
- or nothing that pictures show: then the edge stays, and `spread` is half a step.

A moment starts with the first picture that belongs to it and ends when the first one begins that does not. All times
are those of pictures. This module knows neither queries nor curves; ends that words gave are left alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.encoders.repeats import thumbnail
from whenabouts.evidence.placed import PlacedEdges
from whenabouts.moment import Moment
from whenabouts.prediction import Prediction
from whenabouts.progress import Fraction

if TYPE_CHECKING:
    from whenabouts.encoders import Encoder
    from whenabouts.evidence.kinds import EvidenceModels
    from whenabouts.video import Frame, Video

__all__ = ["PICTURES_PER_EDGE", "PICTURES_PER_QUERY", "Edge", "refine", "refined"]

Float = NDArray[np.floating[Any]]

KIND = "seen"  # of evidence whose edges are placed; other kinds know theirs
SIZE = 112  # pixels, of pictures that no encoder will look at
MAX_STEP = 2.0  # seconds; of a coarser look, reading everything between two frames costs more than it tells
PICTURES_PER_EDGE = 600  # decoded at most, those since the keyframe before it included
PICTURES_PER_QUERY = 3000  # decoded at most, on average over the queries of one call
ENCODED_PER_QUERY = 28  # pictures encoded at most, on average likewise: four edges that are no cuts

CUT = 3.0  # root mean square of a change between two pictures, in grey levels, from which it may be a cut
SUDDEN = 2.5  # a cut is so many times stronger than any change near it but the very next
NEAR = 3  # pictures on either side that are near; a change that lasts fewer is a flash
ENCODED = 7  # pictures of a gradual change that are encoded
CHANGED = 0.1  # cosine distance between both sides of an edge from which something changed gradually


@dataclass(frozen=True, slots=True)
class Edge:
    """Where a change lies, and how far it may be off, both in seconds."""

    time: float
    spread: float


def refine(
    video: Video,
    predictions: Sequence[Prediction],
    models: EvidenceModels,
    *,
    step: float,
    progress: Fraction | None = None,
) -> list[Prediction]:
    """The predictions with exact ends of the moments that were seen; see `refined`.

    The encoder of `models` is loaded only if there are such ends.
    """
    answers = [prediction.moments for prediction in predictions]
    if not _by_rank(answers, video.duration):
        return list(predictions)
    moments = refined(video, answers, step=step, encoder=models.frame_encoder, progress=progress)
    return [replace(p, moments=tuple(found)) for p, found in zip(predictions, moments, strict=True)]


def refined(
    video: Video,
    answers: Sequence[Sequence[Moment]],
    *,
    step: float,
    encoder: Encoder | None = None,
    progress: Fraction | None = None,
) -> list[list[Moment]]:
    """For each query its moments, in their order, with exact ends where pictures gave them.

    An end is placed if evidence of what is seen has the same end; the start and end of the video are exact as they are.
    Edges that coincide are placed once, and windows that overlap are read once, whatever query they belong to. Those
    that were placed are remembered (`evidence.placed`).

    step:    seconds between the frames that the coarse answer looked at
    encoder: looks at gradual changes; without it only cuts are found

    At most `PICTURES_PER_EDGE` pictures are decoded for each edge, and `PICTURES_PER_QUERY` times the number of queries
    in all, of which `ENCODED_PER_QUERY` times that number are encoded. Edges of the best moments come first, and those
    that are not reached stay as they were. Raises VideoError.
    """
    times = _by_rank(answers, video.duration)
    placed: dict[float, Edge] = {}
    if step <= MAX_STEP and times:
        kept = PlacedEdges(video, step, encoder)
        places = _Places(video, step, encoder, PICTURES_PER_QUERY * len(answers), ENCODED_PER_QUERY * len(answers))
        places.find([time for time in times if time not in kept.edges], progress)
        kept.edges |= {time: (edge.time, edge.spread) for time, edge in places.found.items()}
        kept.write()
        placed = {time: Edge(*edge) for time, edge in kept.edges.items()}
    known = {time: placed.get(time, Edge(time, step / 2)) for time in times}
    return [[_moved(moment, known) for moment in moments] for moments in answers]


def _by_rank(answers: Sequence[Sequence[Moment]], duration: float) -> list[float]:
    """Every end that pictures gave, in seconds: those of all best moments first, each once."""
    ranked = sorted(((rank, moment) for moments in answers for rank, moment in enumerate(moments)), key=lambda m: m[0])
    ends = (time for _, moment in ranked for time in _seen_ends(moment))
    return [time for time in dict.fromkeys(ends) if 0 < time < duration]


def _seen_ends(moment: Moment) -> Iterable[float]:
    seen = [evidence for evidence in moment.evidence if evidence.kind == KIND]
    if any(evidence.start == moment.start for evidence in seen):
        yield moment.start
    if any(evidence.end == moment.end for evidence in seen):
        yield moment.end


def _moved(moment: Moment, known: dict[float, Edge]) -> Moment:
    ends = set(_seen_ends(moment))
    if not ends:
        return moment
    start = known.get(moment.start) if moment.start in ends else None
    end = known.get(moment.end) if moment.end in ends else None
    start, end = start or Edge(moment.start, 0.0), end or Edge(moment.end, 0.0)
    if start.time >= end.time:  # both ends found the same cut: a moment shorter than the look was fine
        start = replace(start, time=moment.start, spread=max(start.spread, abs(start.time - moment.start)))
        end = replace(end, time=moment.end, spread=max(end.spread, abs(end.time - moment.end)))
    evidence = tuple(
        replace(
            each,
            start=start.time if each.start == moment.start else each.start,
            end=end.time if each.end == moment.end else each.end,
        )
        if each.kind == KIND
        else each
        for each in moment.evidence
    )
    spread = start.spread, end.spread
    return replace(moment, start=start.time, end=end.time, evidence=evidence, spread=spread)


@dataclass(slots=True)
class _Places:
    """Reads the windows around edges, none twice, while `pictures` last, and encodes so many of them."""

    video: Video
    step: float
    encoder: Encoder | None
    pictures: int
    encodings: int
    found: dict[float, Edge] = field(default_factory=dict)

    def find(self, times: Sequence[float], progress: Fraction | None) -> None:
        groups = _groups(times, self.step)
        for number, group in enumerate(groups):
            if self.pictures <= 0:
                break
            self._read(group)
            if progress:
                progress((number + 1) / len(groups))

    def _read(self, group: Sequence[float]) -> None:
        """Place the edges of one window."""
        first, last = max(0.0, min(group) - self.step), min(self.video.duration, max(group) + self.step)
        size = self.encoder.size if self.encoder else SIZE
        before = self.video.decoded_pictures
        most = min(self.pictures, PICTURES_PER_EDGE * len(group))
        frames = list(self.video.around((first + last) / 2, (last - first) / 2, size=size, most=most))
        for time in group:
            near = [frame for frame in frames if abs(frame.time - time) <= self.step]
            if len(near) > 1 and (edge := self._place(near, time)):
                self.found[time] = edge
        self.pictures -= self.video.decoded_pictures - before

    def _place(self, frames: Sequence[Frame], edge: float) -> Edge | None:
        """The edge near `edge` in the pictures of a window, two or more; None where too much was encoded already."""
        stamps = np.array([frame.time for frame in frames])
        thumbnails = np.stack([thumbnail(frame.image).ravel() for frame in frames])
        cut = _cut(thumbnails, np.abs(stamps - edge) <= self.step / 2)
        if cut is not None:
            return Edge(float(stamps[cut]), float(stamps[cut] - stamps[cut - 1]))
        found = None
        if self.encoder and _distance(thumbnails[0], thumbnails[-1]) >= CUT:
            if self.encodings < ENCODED:
                return None
            self.encodings -= ENCODED
            found = _gradual(stamps, frames, self.encoder)
        return found or Edge(edge, self.step / 2)


def _groups(times: Sequence[float], step: float) -> list[list[float]]:
    """Edges whose windows overlap, in one group each; groups in the order of their best edge."""
    groups: list[list[float]] = []
    for time in sorted(times):
        if groups and time - groups[-1][-1] <= 2 * step:
            groups[-1].append(time)
        else:
            groups.append([time])
    rank = {time: number for number, time in enumerate(times)}
    return sorted(groups, key=lambda group: min(rank[time] for time in group))


def _cut(thumbnails: Float, between: NDArray[np.bool_]) -> int | None:
    """The first picture of a new shot among pictures (N, D); first of all one of those `between` (N,)."""
    count = len(thumbnails)
    change = np.array([_distance(a, b) for a, b in zip(thumbnails[1:], thumbnails[:-1], strict=True)])
    cuts: list[tuple[bool, float, int]] = []
    for k in range(1, count):
        strength = change[k - 1]
        # The very next changes do not count: a cut may take two, over a picture that mixes both shots.
        beside = np.concatenate([change[max(0, k - 1 - NEAR) : max(0, k - 2)], change[k + 1 : k + NEAR]])
        if strength < CUT or (len(beside) and strength < SUDDEN * beside.max()):
            continue
        after, before = thumbnails[min(k + NEAR - 1, count - 1)], thumbnails[max(k - NEAR, 0)]
        if _distance(after, before) >= max(CUT, strength / SUDDEN):  # else the old shot comes back: a flash
            cuts.append((bool(between[k]), float(strength), k))
    return max(cuts)[2] if cuts else None


def _gradual(stamps: Float, frames: Sequence[Frame], encoder: Encoder) -> Edge | None:
    """Where the vectors are half-way between the first picture and the last; None where these are alike."""
    chosen = np.unique(np.linspace(0, len(frames) - 1, ENCODED).round().astype(int)).tolist()

    def encoded(pictures: Sequence[int]) -> Float:
        return encoder.encode_images([frames[k].image for k in pictures]).astype(np.float64)

    first, last = encoded([chosen[0], chosen[-1]])
    lengths = np.linalg.norm(first) * np.linalg.norm(last)
    if 1 - float(first @ last) / max(float(lengths), 1e-12) < CHANGED:
        return None
    vectors = np.stack([first, *(encoded(chosen[1:-1]) if len(chosen) > 2 else ()), last])
    way = last - first
    share = np.maximum.accumulate((vectors - vectors[0]) @ way / (way @ way))
    early, middle, late = (float(np.interp(part, share, stamps[chosen])) for part in (0.25, 0.5, 0.75))
    return Edge(middle, max(middle - early, late - middle))


def _distance(one: Float, other: Float) -> float:
    """Root mean square of the difference of two thumbnails, in grey levels."""
    return float(np.sqrt(np.mean((one - other) ** 2)))
