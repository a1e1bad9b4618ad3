"""Grounding by a threshold on any score of single pictures, as in MMDuet (arXiv:2411.17991), made causal.

MMDuet scores every frame, smooths over up to 14 neighbours, scales to [0, 1] over the video, and takes what lies above
a threshold (`metrics.mmduet` is that, with what comes later). Here the mean is of the newest pictures only, and the
scale that of the last minutes. There is always a largest score, so a query that never happens is told of as well,
unless scores are probabilities and `scaled` is False.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.encoders import DEFAULT_ENCODER, Encoder, load_encoder
from whenabouts.errors import InputError
from whenabouts.evidence.phrasing import sought
from whenabouts.grounders.stream.event import Event
from whenabouts.grounders.stream.looked import notes_on, visible
from whenabouts.grounders.stream.online import OnlineGrounder
from whenabouts.grounders.stream.pace import Pace
from whenabouts.grounders.stream.ranges import within
from whenabouts.grounders.stream.remembered import Remembered, most_in
from whenabouts.grounders.stream.scorer import EncoderScorer, Scorer
from whenabouts.moment import Evidence

__all__ = ["OnlineThreshold"]


@dataclass(slots=True, eq=False)
class _Curve:
    """Of one query: the newest scores, and the smoothed ones that give the scale."""

    newest: deque[float]
    past: Remembered
    peak: float = field(default=0.0)


class OnlineThreshold(OnlineGrounder):
    """Runs of pictures whose smoothed score reaches a threshold are moments.

    model:     an encoder, by name or itself, or any function of a picture and queries that gives a score for each
    fps:       pictures looked at a second: the paper's are 2 for Charades and 1 for QVHighlights
    window:    pictures before each that are averaged with it; the paper tries 0 to 14 to either side
    threshold: in [0, 1] where `scaled`; the paper tries 0.30 to 0.70
    scaled:    whether scores are brought to [0, 1] by the smallest and largest of the last `memory` seconds
    settled:   pictures before a scale is believed
    size:      side of the pictures that a function takes; an encoder has its own
    """

    name = "threshold"

    def __init__(
        self,
        model: str | Encoder | Scorer = DEFAULT_ENCODER,
        *,
        fps: float = 1.0,
        window: int = 2,
        threshold: float = 0.5,
        scaled: bool = True,
        memory: float = 600.0,
        settled: int = 10,
        size: int | None = None,
        device: str | None = None,
    ) -> None:
        super().__init__()
        within("(0, inf)", fps=fps, memory=memory)
        within("[0, inf)", whole=True, window=window)
        within("[1, inf)", whole=True, settled=settled)
        within("[0, 1]" if scaled else "(-inf, inf)", threshold=threshold)
        named = load_encoder(model, device=device) if isinstance(model, str) else model
        self.score: Scorer = named if callable(named) else EncoderScorer(named)
        self.fps = fps
        self.size = self.score.encoder.size if isinstance(self.score, EncoderScorer) else size
        self.window, self.threshold, self.scaled, self.settled = window, threshold, scaled, settled
        self.memory = memory
        self._most = most_in(memory, fps)
        self._curves: dict[str, _Curve] = {}
        self._pace = Pace(fps)

    def notes(self, query: str) -> tuple[str, ...]:
        """What of a query is not applied."""
        return notes_on(query)

    def added(self, query: str) -> None:
        """Begin its curve, unless its answer cannot be seen."""
        if visible(sought(query)):
            self._curves[query] = self._new()

    def removed(self, query: str) -> None:
        """Forget its curve."""
        self._curves.pop(query, None)

    def push(self, frame: NDArray[Any], t: float) -> list[Event]:
        """Score a picture, unless it comes too early.

        Raises InputError for a score that is not finite, and for what an encoder cannot take.
        """
        if isinstance(self.score, EncoderScorer):
            self.score.check(frame)
        look = self._pace.look(t)
        if look is None or not self._curves:
            return []
        scores = self.score(frame, [sought(query).event or query for query in self._curves])
        events = list[Event]()
        for query, score in zip(self._curves, scores, strict=True):
            if not np.isfinite(score):
                raise InputError(f"the scorer gave {score} for {query!r} at {t} s; it must give finite numbers")
            events += self._step(query, float(score), look.begin, t)
        return events

    def _step(self, query: str, score: float, begin: float, t: float) -> list[Event]:
        curve = self._curves[query]
        curve.newest.append(score)
        value = sum(curve.newest) / len(curve.newest)
        if self.scaled:
            value = self._on_scale(value, curve.past)
        shown = min(max(value, 0.0), 1.0)
        above, opened = value >= self.threshold, self.ledger.open(query)
        if opened and above:
            curve.peak = max(curve.peak, shown)
        elif opened:
            return [self.ledger.end(opened[0], begin, t, score=curve.peak)]
        elif above:
            curve.peak = shown
            return [self.ledger.start(query, begin, shown, t, (Evidence("seen", begin, t),))[1]]
        return []

    def _on_scale(self, value: float, past: Remembered) -> float:
        past.add(value)
        low, high = past.quantile(0.0), past.quantile(1.0)
        return (value - low) / (high - low) if len(past) >= self.settled and high > low else 0.0

    def lost(self, since: float, until: float) -> list[Event]:
        """End what is open unseen; the scale is forgotten after a gap as long as the memory."""
        for query, curve in self._curves.items():
            self._curves[query] = self._new()
            if until - since <= self.memory:
                self._curves[query].past = curve.past
        self._pace.interrupt(until)
        return super().lost(since, until)

    def snapshot(self) -> dict[str, Any]:
        """Everything that another run needs; pictures that stand still are encoded once more after it in both."""
        if isinstance(self.score, EncoderScorer):
            self.score.forget()
        curves = {
            query: {"newest": list(curve.newest), "past": list(curve.past), "peak": curve.peak}
            for query, curve in self._curves.items()
        }
        return super().snapshot() | {"pace": self._pace.snapshot(), "curves": curves}

    def restore(self, kept: dict[str, Any]) -> None:
        """Go on from a snapshot. Raises InputError if it is another method's."""
        if "curves" not in kept:
            raise InputError("this state was saved by another method; start anew, or watch with that one")
        super().restore(kept)
        self._pace = Pace.restored(kept["pace"], self.fps)
        for query in self._curves:
            state = kept["curves"][query]
            self._curves[query] = self._new(state["newest"], state["past"], state["peak"])

    def _new(self, newest: Any = (), past: Any = (), peak: float = 0.0) -> _Curve:
        return _Curve(deque(newest, maxlen=self.window + 1), Remembered(self._most, past), peak)

    @property
    def resident_bytes(self) -> int:
        """Of the scores that are remembered, and of an encoder's pictures."""
        pictures = self.score.resident_bytes if isinstance(self.score, EncoderScorer) else 0
        return pictures + sum(16 * len(curve.past) + 8 * len(curve.newest) for curve in self._curves.values())

    @property
    def models(self) -> dict[str, str]:
        """The encoder's; a function has none that is known."""
        score = self.score
        return {score.encoder.name: score.encoder.sha256} if isinstance(score, EncoderScorer) else {}

    def settings(self) -> dict[str, Any]:
        """All that shapes its events."""
        names = ("window", "threshold", "scaled", "memory", "settled")
        return super().settings() | {name: getattr(self, name) for name in names}
