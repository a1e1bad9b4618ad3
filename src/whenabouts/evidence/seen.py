"""What is seen: frame vectors · query vector is a curve, and the stretches of it that stand out are moments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from whenabouts.encoders.features import Features, kept_features, video_features
from whenabouts.encoders.glimpse import glimpse
from whenabouts.evidence.blocks import blocks
from whenabouts.evidence.boundaries import segments, shots
from whenabouts.evidence.frame_facts import frame_facts
from whenabouts.evidence.impression import Describing
from whenabouts.evidence.kinds import Answer, EvidenceSettings, MomentKind
from whenabouts.evidence.likeness import Likeness
from whenabouts.evidence.presence import CALIBRATION, PRESENCE, Calibration
from whenabouts.moment import Evidence, Moment
from whenabouts.prediction import Saliency
from whenabouts.video.part import Part

if TYPE_CHECKING:
    from whenabouts.video import Video

__all__ = ["Seen", "frame_edges", "moments_of", "rate_of"]

GLIMPSED = 300.0  # seconds of a video from which a first answer comes from keyframes; what is shorter takes no time


class Seen(MomentKind):
    """Pictures that look like the query, beyond what they have in common with any query.

    A score is the probability that the query happens there, where the encoder is calibrated; else the height of the
    curve, relative to the best moment. Ends lie half-way between two frames that were looked at: `evidence.edges` puts
    those of the moments that matter where the picture changes.
    """

    name, label, help = "seen", "seen", "What the picture shows."
    activity = "looking at frames"
    regional = True
    _bank: Likeness | None = None

    @property
    def identities(self) -> Mapping[str, str]:
        """The encoder's."""
        return {self.models.frame_encoder.name: self.models.frame_encoder.sha256}

    def answers(self, video: Video, queries: Sequence[str], settings: EvidenceSettings) -> list[Answer]:
        """Moments and curve of every query; the video is looked at once for all of them."""
        encoder, rate = self.models.frame_encoder, rate_of(video, settings)
        cache, progress, viewer = settings.cache, settings.progress, settings.viewer
        frames = video_features(video, encoder, fps=rate, cache=cache, progress=progress, viewer=viewer)
        return self._answers(video, frames, queries, settings)

    def glimpses(self, video: Video, queries: Sequence[str], settings: EvidenceSettings) -> list[Answer]:
        """From keyframes, where looking at all of a video takes a while and was not done before."""
        encoder, rate = self.models.frame_encoder, rate_of(video, settings)
        if isinstance(video, Part) or video.duration < GLIMPSED:
            return []
        if settings.cache and kept_features(video, encoder, fps=rate) is not None:
            return []
        frames = glimpse(video, encoder)
        return [] if frames is None else self._answers(video, frames, queries, settings)

    def _answers(
        self, video: Video, frames: Features, queries: Sequence[str], settings: EvidenceSettings
    ) -> list[Answer]:
        """What the vectors of frames say of every query."""
        encoder, name = self.models.frame_encoder, self.models.frame_encoder.name
        texts = encoder.encode_texts(list(queries))
        calibrations: Sequence[Calibration | None] = [CALIBRATION.get(name)] * len(queries)
        if name not in CALIBRATION:
            scores = np.concatenate([texts @ block.T for block in blocks(frames.half)], axis=1)
            cuts = shots(frames.half)
        elif isinstance(video, Part):  # parts are compared with each other, by height alone
            scores = self._likeness(cache=settings.cache).curves(texts, frames.half)
            cuts = shots(frames.half)
        else:
            bank = self._likeness(cache=settings.cache)
            facts = frame_facts(frames, encoder, bank, cache=settings.cache)
            scores, cuts = bank.curves(texts, frames.half, facts.hubs), facts.cuts
            if (weights := PRESENCE.get(name)) and facts.shown and isinstance(encoder, Describing):
                meanings = encoder.meanings(list(queries))
                pairs = zip(facts.shown.best(meanings), encoder.familiarity(meanings), strict=True)
                calibrations = [weights.calibration(float(z), float(near)) for z, near in pairs]
        edges, times = frame_edges(frames, video.duration), tuple(frames.times.tolist())
        return [
            Answer(
                moments_of(curve, cuts, edges, calibration),
                Saliency(times, tuple(round(value, 5) for value in curve.tolist())),
                probability=name in CALIBRATION,
            )
            for curve, calibration in zip(scores, calibrations, strict=True)
        ]

    def _likeness(self, *, cache: bool) -> Likeness:
        if self._bank is None:
            self._bank = Likeness.of(self.models.frame_encoder, cache=cache)
        return self._bank


def rate_of(video: Video, settings: EvidenceSettings) -> float:
    """Frames per second that are looked at."""
    return min(settings.fps, settings.frames / video.duration) if settings.frames else settings.fps


def frame_edges(frames: Features, duration: float) -> NDArray[np.float64]:
    """Where frame i begins and frame i - 1 ends, (N + 1,) seconds: half-way, as a cut lies somewhere between two."""
    middles = (frames.times[1:] + frames.times[:-1]) / 2
    return np.concatenate([[0.0], middles, [duration]])


def moments_of(
    curve: NDArray[np.float32], cuts: NDArray[np.intp], edges: NDArray[np.float64], calibration: Calibration | None
) -> tuple[Moment, ...]:
    """The segments of a curve as moments with scores in [0, 1], best first."""
    stretches = segments(curve, cuts)
    low = float(curve.min())
    moments = []
    for first, last, peak in stretches:
        start, end = float(edges[first]), float(edges[last])
        relative = (peak - low) / max(stretches[0].peak - low, 1e-12)
        score = calibration.probability(peak) if calibration else relative
        if start < end:
            moments.append(Moment(start, end, score, (Evidence(Seen.name, start, end),)))
    return tuple(moments)
