"""Similarity: everything in a video that resembles the query, as moments.

Each kind of evidence answers in its way: what is *seen* by pictures that look like the query, what is *said* or
*written* by lines of text that mean it. All are ranked together by probability; where two kinds point to the same
stretch, one moment carries the evidence of both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from whenabouts.encoders import DEFAULT_ENCODER, Encoder
from whenabouts.evidence import (
    Answer,
    EvidenceKind,
    EvidenceModels,
    EvidenceSettings,
    HeldKinds,
    MomentKind,
    TimedText,
    WordKind,
    read_lines,
    retrieve,
)
from whenabouts.evidence.edges import refine
from whenabouts.evidence.kinds import FPS
from whenabouts.evidence.phrasing import parse_phrasing
from whenabouts.evidence.retrieve import LIKELY, line_moment
from whenabouts.grounders.distinct import distinct
from whenabouts.grounders.grounder import BaseGrounder, unapplied
from whenabouts.prediction import Prediction, Receipt
from whenabouts.video import Video
from whenabouts.video.part import Part

__all__ = ["Similarity"]


@dataclass
class Similarity(BaseGrounder):
    """The grounder behind `whenabouts.find`, which needs no model but the embedded ones.

    encoder:      of frames and sentences: a name for `load_encoder`, or an encoder
    fps:          frames looked at per second of video; moments are as exact as 1 / fps
    evidence:     kinds that may answer, by name; each must be possible, else MissingExtra. None takes all that are
                  installed
    speech_model: what recognises speech where there are no subtitles, as `EvidenceModels` has it
    frames:       maximum number of frames of a whole video, for models with a fixed budget; None means no limit

    A moment's score is the probability that it answers the query, where the encoder is calibrated; else its height
    relative to the best one. `presence` is the best score, or None without calibration and without words that answer.
    """

    name = "similarity"
    weights = ("encoder", "speech_model", "device")

    encoder: str | Encoder = DEFAULT_ENCODER
    fps: float = FPS
    evidence: Sequence[str] | None = None
    speech_model: str | None = None
    frames: int | None = None

    def ground(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
        """One prediction per query, in their order, with exact edges; who asks about a part of a video places them."""
        found = super().ground(video, queries)
        if isinstance(video, Part):
            return found
        step = max(1 / self.fps, video.duration / self.frames) if self.frames else 1 / self.fps
        return refine(video, found, self._kinds.models, step=step, progress=self.stage("placing edges"))

    def answer(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
        """One prediction per query with all its moments, best first."""
        kinds = self._kinds.chosen(self.evidence)
        settings = EvidenceSettings(required=bool(self.evidence), fps=self.fps, frames=self.frames, cache=self.cache)
        models: dict[str, str] = {}
        lines = self._lines(video, kinds, settings)
        worded = retrieve(lines, queries, self._kinds.models.sentence_encoder)
        found: list[list[Answer]] = [[] for _ in queries]
        for kind in kinds:
            if isinstance(kind, MomentKind):
                answers = kind.answers(video, queries, replace(settings, progress=self.stage(kind.activity)))
                models |= kind.identities
                for query, answer, of_query in zip(queries, answers, found, strict=True):
                    of_query.append(_weighted(answer, parse_phrasing(query).weight(kind.name)))
        if lines:
            models["minilm"] = self._kinds.models.sentence_encoder.sha256
        receipt = self._receipt(video, models, kinds)
        return [_prediction(*each, video, receipt) for each in zip(queries, found, worded, strict=True)]

    @property
    def frame_encoder(self) -> Encoder:
        """What makes vectors of frames, which a search around this shares. Raises ModelError, MissingExtra."""
        return self._kinds.models.frame_encoder

    @property
    def weight_bytes(self) -> int:
        """Bytes of the weights held by now."""
        return self._kinds.weight_bytes

    @cached_property
    def _kinds(self) -> HeldKinds:
        return HeldKinds(EvidenceModels(self.encoder, self.speech_model, self.device))

    def _lines(self, video: Video, kinds: Sequence[EvidenceKind], settings: EvidenceSettings) -> list[TimedText]:
        words = [kind for kind in kinds if isinstance(kind, WordKind)]
        return read_lines(video, words, replace(settings, progress=self.stage("reading words"))) if words else []

    def _receipt(self, video: Video, models: dict[str, str], kinds: Sequence[EvidenceKind]) -> Receipt:
        return self.receipt(
            video,
            models,
            evidence=[kind.name for kind in kinds],
            fps=self.fps,
            frames=self.frames,
            speech_model=self.speech_model,
        )


def _weighted(answer: Answer, weight: float) -> Answer:
    """The answer with scores that count so much."""
    moments = tuple(replace(moment, score=round(weight * moment.score, 4)) for moment in answer.moments)
    return replace(answer, moments=moments)


def _prediction(
    query: str,
    found: Sequence[Answer],
    lines: Sequence[tuple[TimedText, float]],
    video: Video,
    receipt: Receipt,
) -> Prediction:
    """Everything that answers one query, ranked together."""
    moments = [moment for answer in found for moment in answer.moments]
    moments += [line_moment(line, score) for line, score in lines if score >= LIKELY]
    likely = [moment.score for answer in found if answer.probability for moment in answer.moments]
    calibrated = all(answer.probability for answer in found)
    # Scores that only rank may hide what happens, so a weak line beside them says nothing about presence.
    likely += [score for _, score in lines[:1] if calibrated or score >= LIKELY]
    return Prediction(
        query,
        tuple(distinct(moments)),
        video.duration,
        presence=max(likely, default=None),
        saliency=next((answer.saliency for answer in found if answer.saliency), None),
        video=str(video.path),
        receipt=receipt,
        notes=unapplied(query),
    )
