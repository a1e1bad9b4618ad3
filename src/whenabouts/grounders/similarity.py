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
from whenabouts.evidence import EvidenceKind, EvidenceSettings
from whenabouts.evidence.edges import refine
from whenabouts.evidence.everywhere import Chosen, Everywhere, Found
from whenabouts.evidence.kinds import FPS
from whenabouts.evidence.phrasing import sought
from whenabouts.files.cache import keeping
from whenabouts.grounders.distinct import distinct
from whenabouts.grounders.evidence import SURE, EvidenceGrounder
from whenabouts.prediction import Prediction, Receipt
from whenabouts.video import Video
from whenabouts.video.part import Part

__all__ = ["Similarity"]


@dataclass
class Similarity(EvidenceGrounder):
    """The grounder behind `whenabouts.find`, which needs no model but the embedded ones.

    fps:    frames looked at per second of video
    frames: maximum number of frames of a whole video, for models with a fixed budget; None means no limit

    A moment's score is the probability that it answers the query, where the encoder is calibrated; else its height
    relative to the best one. `presence` is the best score, or None without calibration and without words that answer.
    """

    name = "similarity"
    weights = ("encoder", "speech_model", "sound_model", "reader", "device")

    fps: float = FPS
    frames: int | None = None

    def ground(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
        """One prediction per query, in their order, with exact edges; who asks about a part of a video places them."""
        with keeping(self.cache):
            found = super().ground(video, queries)
            if isinstance(video, Part):
                return found
            step = max(1 / self.fps, video.duration / self.frames) if self.frames else 1 / self.fps
            return refine(video, found, self._kinds.models, step=step, progress=self.stage("placing edges"))

    def answer(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
        """One prediction per query with all its moments, best first."""
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
