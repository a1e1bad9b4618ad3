"""Similarity: frames and lines of text that resemble the query, as moments.

What is *seen* comes from an encoder: frame vectors · query vector gives a saliency curve, `boundaries` its moments.
What is *said* or *written* comes from `evidence`: a line that answers the query is a moment of its own. All are ranked
together by probability; where two kinds point to the same stretch, one moment carries the evidence of both.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenabouts import __version__
from whenabouts.encoders import Encoder, load_encoder
from whenabouts.encoders.features import Features, video_features
from whenabouts.errors import InputError, QueryError
from whenabouts.evidence import TextKind, TimedText, gather, retrieve
from whenabouts.evidence.boundaries import segments, shots
from whenabouts.evidence.phrasing import wanted
from whenabouts.evidence.presence import CALIBRATION
from whenabouts.moment import Evidence, EvidenceKind, Moment
from whenabouts.prediction import Prediction, Receipt, Saliency
from whenabouts.video import Video

__all__ = ["Similarity"]

Watch = Callable[[str, float], None]
ALL: tuple[EvidenceKind, ...] = ("seen", "said", "written")
SAME = 0.5  # tIoU from which two moments are one
LIKELY = 0.5  # a line of text below this probability is no moment
OTHER_KIND = 0.5  # of a picture's score where the query asks for words


@dataclass(frozen=True, slots=True)
class Similarity:
    """The grounder behind `whenabouts find`.

    encoder:   a name for `load_encoder`, or an encoder.
    fps:       frames looked at per second of video; moments are as exact as 1 / fps.
    frames:    at most so many frames of a whole video, as models with a fixed budget have it; None is no limit.
    evidence:  which kinds may answer; each kind named here must be possible, else MissingExtra. None takes all that
               are installed.
    top:       at most so many moments per query.
    threshold: moments that score less are left out.
    speech_model: what recognises speech where there are no subtitles, as `evidence.gather` takes it.
    cache:     keep frame vectors and recognised text on disk, by content.
    progress:  called with a description and a fraction in [0, 1].

    A moment's score is the probability that it answers the query, where the encoder is calibrated; else its height
    relative to the best one. `presence` is the best score, or None without calibration and without words that answer.
    """

    encoder: str | Encoder = "builtin"
    fps: float = 2.0
    evidence: Sequence[EvidenceKind] | None = None
    top: int = 5
    threshold: float = 0.0
    speech_model: str | None = None
    frames: int | None = None
    cache: bool = True
    progress: Watch | None = field(default=None, repr=False)

    def ground(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
        """One prediction per query. Raises VideoError, QueryError, ModelError, MissingExtra."""
        for query in queries:
            if not query.strip():
                raise QueryError("a query is empty; say in a few words what to look for")
        kinds = self.evidence or ALL
        if unknown := set(kinds) - set(ALL):
            raise InputError(f"there is no evidence {sorted(unknown)[0]!r}; choose from: {', '.join(ALL)}")
        lines = self._lines(video, kinds)
        models: dict[str, str] = {}
        seen: list[tuple[list[Moment], Saliency | None]] = [([], None) for _ in queries]
        calibrated = False
        if "seen" in kinds:
            encoder = load_encoder(self.encoder) if isinstance(self.encoder, str) else self.encoder
            models[encoder.name] = encoder.sha256
            calibrated = encoder.name in CALIBRATION
            seen = self._seen(video, encoder, queries)
        worded: list[list[tuple[TimedText, float]]] = [[] for _ in queries]
        if lines:
            from whenabouts.encoders.minilm import SentenceEncoder

            sentences = SentenceEncoder()
            models["minilm"] = sentences.sha256
            worded = retrieve(lines, queries, sentences)
        receipt = Receipt(__version__, "similarity", video.sha256, models, self._settings(kinds))
        return [
            self._predict(query, video, moments, saliency, answers, calibrated, receipt)
            for query, (moments, saliency), answers in zip(queries, seen, worded, strict=True)
        ]

    def _lines(self, video: Video, kinds: Sequence[EvidenceKind]) -> list[TimedText]:
        texts: list[TextKind] = [kind for kind in ("said", "written") if kind in kinds]
        required: list[TextKind] = texts if self.evidence else []
        return gather(
            video,
            texts,
            required=required,
            speech_model=self.speech_model,
            cache=self.cache,
            progress=self._watch("reading words"),
        )

    def _seen(
        self, video: Video, encoder: Encoder, queries: Sequence[str]
    ) -> list[tuple[list[Moment], Saliency | None]]:
        frames = video_features(
            video, encoder, fps=self._rate(video), cache=self.cache, progress=self._watch("looking at frames")
        )
        scores = encoder.encode_texts(list(queries)) @ frames.vectors.T
        cuts = shots(frames.vectors)
        edges = _edges(frames, video.duration)
        times = tuple(frames.times.tolist())
        found: list[tuple[list[Moment], Saliency | None]] = []
        for query, curve in zip(queries, scores, strict=True):
            weight = OTHER_KIND if wanted(query).kind else 1.0
            moments = _moments(curve, cuts, edges, encoder.name, weight)
            found.append((moments, Saliency(times, tuple(round(float(value), 5) for value in curve))))
        return found

    def _predict(
        self,
        query: str,
        video: Video,
        moments: list[Moment],
        saliency: Saliency | None,
        answers: list[tuple[TimedText, float]],
        calibrated: bool,
        receipt: Receipt,
    ) -> Prediction:
        worded = [_line_moment(line, score, video.duration) for line, score in answers if score >= LIKELY]
        ranked = _join(moments + worded)
        best = max([m.score for m in moments if calibrated] + [score for _, score in answers[:1]], default=None)
        kept = tuple(moment for moment in ranked if moment.score >= self.threshold)[: self.top]
        return Prediction(query, kept, video.duration, best, saliency, str(video.path), receipt)

    def _rate(self, video: Video) -> float:
        return min(self.fps, self.frames / video.duration) if self.frames else self.fps

    def _watch(self, what: str) -> Callable[[float], None] | None:
        watch = self.progress
        return None if watch is None else lambda done: watch(what, done)

    def _settings(self, kinds: Sequence[EvidenceKind]) -> dict[str, Any]:
        names = ("fps", "frames", "top", "threshold", "speech_model")
        return {"evidence": list(kinds), **{name: getattr(self, name) for name in names}}


def _edges(frames: Features, duration: float) -> NDArray[np.float64]:
    """Where frame i begins and frame i - 1 ends, (N + 1,) seconds: half-way, as a cut lies somewhere between two."""
    middles = (frames.times[1:] + frames.times[:-1]) / 2
    return np.concatenate([[0.0], middles, [duration]])


def _moments(
    curve: NDArray[np.float32], cuts: NDArray[np.intp], edges: NDArray[np.float64], encoder: str, weight: float
) -> list[Moment]:
    """What is seen: segments of a curve as moments with scores in [0, 1]."""
    stretches = segments(curve, cuts)
    calibration = CALIBRATION.get(encoder)
    low = float(curve.min())
    moments = []
    for first, last, peak in stretches:
        start, end = float(edges[first]), float(edges[last])
        relative = (peak - low) / max(stretches[0].peak - low, 1e-12)
        score = weight * (calibration.probability(peak) if calibration else relative)
        if start < end:
            moments.append(Moment(start, end, round(score, 4), (Evidence("seen", start, end),)))
    return moments


def _line_moment(line: TimedText, score: float, duration: float) -> Moment:
    end = min(line.end, duration)
    return Moment(line.start, end, round(score, 4), (Evidence(line.kind, line.start, end, line.text),))


def _join(moments: list[Moment]) -> list[Moment]:
    """Best first; a moment that repeats a better one gives it its evidence and goes."""
    kept: list[Moment] = []
    for moment in sorted(moments, key=lambda m: -m.score):
        twin = next((i for i, better in enumerate(kept) if better.tiou(moment) > SAME), None)
        if twin is None:
            kept.append(moment)
        else:
            kept[twin] = replace(kept[twin], evidence=kept[twin].evidence + moment.evidence)
    return kept
