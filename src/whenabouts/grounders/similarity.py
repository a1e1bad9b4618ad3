"""Similarity: everything in a video that resembles the query, as moments.

Each kind of evidence answers in its way: what is *seen* by pictures that look like the query, what is *said* or
*written* by lines of text that mean it. All are ranked together by probability; where two kinds point to the same
stretch, one moment carries the evidence of both.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from whenabouts.encoders import Encoder
from whenabouts.errors import QueryError
from whenabouts.evidence import Answer, EvidenceKind, EvidenceSettings
from whenabouts.evidence.edges import refine
from whenabouts.evidence.everywhere import Chosen, Everywhere, Found, add
from whenabouts.evidence.kinds import FPS
from whenabouts.evidence.phrasing import sought
from whenabouts.files.cache import keeping
from whenabouts.grounders.distinct import distinct
from whenabouts.grounders.evidence import SURE, EvidenceGrounder
from whenabouts.grounders.understanding import Questions
from whenabouts.prediction import Prediction, Receipt
from whenabouts.query import Example, ParsedQuery, parse_query
from whenabouts.video import Video
from whenabouts.video.part import Part

__all__ = ["Similarity"]

SEEN = "seen"  # the kind of evidence that an example is compared with


@dataclass
class Similarity(EvidenceGrounder):
    """The grounder behind `whenabouts.find`, which needs no model but the embedded ones.

    fps:    frames looked at per second of video
    frames: maximum number of frames of a whole video, for models with a fixed budget; None means no limit
    like:   an example, which the queries that name it (`Example.query`) seek; None is none

    A moment's score is the probability that it answers the query, where the encoder is calibrated; else its height
    relative to the best one. `presence` is the best score, or None without calibration and without words that answer.
    """

    name = "similarity"
    weights = ("encoder", "speech_model", "sound_model", "reader", "device")

    fps: float = FPS
    frames: int | None = None
    like: Example | None = None

    def ground(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
        """One prediction per query, in their order, with exact edges; who asks about a part of a video places them."""
        with keeping(self.cache):
            found = super().ground(video, queries)
            if isinstance(video, Part):
                return found
            step = max(1 / self.fps, video.duration / self.frames) if self.frames else 1 / self.fps
            return refine(video, found, self._kinds.models, step=step, progress=self.stage("placing edges"))

    def read(self, queries: Sequence[str]) -> Questions:
        """As any grounder, but for the queries that name the example."""
        return Questions.of(queries, self._read)

    def answer(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
        """One prediction per query with all its moments, best first."""
        pictured = [query for query in queries if self._names_example(query)]
        worded = [query for query in queries if query not in pictured]
        found = self._alike(video, pictured) if pictured else []
        if worded:
            found += self._in_words(video, worded)
        by_query = {answer.query: answer for answer in found}
        return [by_query[query] for query in queries]

    def _names_example(self, query: str) -> bool:
        return self.like is not None and self.like.named_in(query)

    def _read(self, query: str) -> ParsedQuery:
        return self.like.read(query) if self.like and self.like.named_in(query) else parse_query(query)

    def _alike(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
        """One prediction per query that names the example."""
        from whenabouts.encoders.example import encode_example
        from whenabouts.evidence.alike import alike

        assert self.like is not None
        if self.evidence and SEEN not in self.evidence:
            raise QueryError(f"an example is compared with what is seen; name the evidence {SEEN} too")
        models = self._kinds.models
        example = encode_example(self.like, models.frame_encoder, video)
        settings = EvidenceSettings(
            fps=self.fps, frames=self.frames, cache=self.cache, progress=self.stage("looking at frames")
        )
        texts = [self.like.words(query) or "" for query in queries]
        identities = {models.frame_encoder.name: models.frame_encoder.sha256}
        receipt = self._receipt(video, identities, self._kinds.chosen([SEEN]))
        receipt = replace(receipt, settings=receipt.settings | {"like": example.receipt})
        answers = alike(video, example, texts, models, settings)
        return [
            _prediction(query, _found(answer), (), video, receipt)
            for query, answer in zip(queries, answers, strict=True)
        ]

    def _in_words(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
        parsed = [sought(query) for query in queries]
        kinds = self._kinds.chosen(self.evidence)
        settings = EvidenceSettings(required=bool(self.evidence), fps=self.fps, frames=self.frames, cache=self.cache)
        everywhere = Everywhere(Chosen(kinds, by_name=bool(self.evidence)), self._kinds.models, settings, self.progress)
        everywhere.early = self.early is not None
        if self._reader:
            everywhere.reader = replace(self._reader, cache=self.cache).second_opinion
            everywhere.identities |= {self._reader.engine.name: self._reader.engine.identity}
        answers: list[Prediction] = []
        for found in everywhere.steps(video, parsed):
            self._lines = everywhere.lines
            receipt = self._receipt(video, everywhere.identities, kinds)
            answers = [
                _prediction(query, one, everywhere.chosen.left_out(read), video, receipt)
                for query, read, one in zip(queries, parsed, found, strict=True)
            ]
            self.tell(answers)
        return answers

    @property
    def look_seconds(self) -> float:
        """What the encoder takes for so many frames; infinite if it does not say. Raises ModelError, MissingExtra."""
        each: float = getattr(self.frame_encoder, "frame_seconds", math.inf)
        return self.fps * each

    @property
    def frame_encoder(self) -> Encoder:
        """What makes vectors of frames, which a search around this shares. Raises ModelError, MissingExtra."""
        return self._kinds.models.frame_encoder

    def _receipt(self, video: Video, models: dict[str, str], kinds: Sequence[EvidenceKind]) -> Receipt:
        precision = self._kinds.models.precision
        return self.receipt(
            video,
            models,
            evidence=[kind.name for kind in kinds],
            fps=self.fps,
            frames=self.frames,
            speech_model=self.speech_model,
            sound_model=self.sound_model,
            **({"reader": self._reader.engine.name} if self._reader else {}),
            **({} if precision == "float32" else {"precision": precision}),
        )


def _found(answer: Answer) -> Found:
    found = Found(saliency=answer.saliency, notes=[*answer.notes])
    add(found, SEEN, answer.moments, probability=answer.probability)
    return found


def _prediction(query: str, found: Found, left_out: Sequence[str], video: Video, receipt: Receipt) -> Prediction:
    """Everything that answers one query, ranked together."""
    presence = found.presence
    return Prediction(
        query,
        tuple(distinct(found.moments)),
        video.duration,
        presence=presence,
        saliency=found.saliency,
        video=str(video.path),
        receipt=receipt,
        notes=tuple(found.notes) if presence is None or presence >= SURE else (*found.notes, *left_out),
    )
