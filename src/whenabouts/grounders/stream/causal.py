"""A video read as if it were a stream: what an online grounder would have told, and when, as a prediction.

With it every benchmark of videos measures online grounding: `whenabouts predict BENCHMARK --model stream:NAME`.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from whenabouts.grounders.grounder import BaseGrounder
from whenabouts.grounders.stream import Event, OnlineGrounder, load_online
from whenabouts.moment import Moment
from whenabouts.prediction import Prediction
from whenabouts.video import Video

__all__ = ["Causal"]


@dataclass
class Causal(BaseGrounder):
    """Plays a video from its start to its end to an online grounder, which is made anew for every video.

    model:     what `load_online` takes, NAME or NAME:MODEL
    fps:       pictures shown per second; None is what the method wants
    threshold: the score from which the method tells of a moment; 0 is what it does by itself
    select:    what chooses the frames that a model in a window is shown
    settings:  more of the method's settings, by name

    At k / fps the picture on show then is pushed, so nothing later is known, and whatever is told is told at that time;
    with the end of the video its stream has ended. Moments are as they were known last, the best score first. Whether
    a query happens at all is not estimated. What went wrong on the way is in the `notes`.

    The `trace` has every event in order, {"step": "started", ...}, and at last {"step": "played"}: the `duration` in
    seconds, the `frames` shown, the `seconds` that these took on the wall, the `latency`, which is the median of the
    seconds from a picture to what it led to, and `resident_bytes`, the most that the method kept.
    """

    name: ClassVar[str] = "stream"
    weights: ClassVar[tuple[str, ...]] = ("model", "fps", "device")

    model: str
    fps: float | None = None
    select: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)

    def answer(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
        """One prediction per query; raises ModelError, MissingExtra, VideoError, QueryError."""
        given = {"fps": self.fps, "threshold": self.threshold or None, "device": self.device, "select": self.select}
        method = load_online(
            self.model, **{**self.settings, **{name: value for name, value in given.items() if value is not None}}
        )
        for query in dict.fromkeys(queries):
            method.add(query)
        told = _Played(method)
        told.play(video, self)
        receipt = self.receipt(video, method.models, stream={"name": self.model, **method.settings()})
        return [
            Prediction(
                query,
                told.moments(query, video.duration),
                video.duration,
                video=str(video.path),
                receipt=receipt,
                notes=(*method.notes(query), *told.failures),
                trace=told.trace(query, video.duration),
            )
            for query in queries
        ]


@dataclass
class _Played:
    """An online grounder while it is shown a video, and what it has told."""

    method: OnlineGrounder
    events: list[Event] = field(default_factory=list)
    failures: dict[str, None] = field(default_factory=dict)  # each once, in order
    frames: int = 0
    seconds: float = 0.0
    resident_bytes: int = 0

    def play(self, video: Video, causal: Causal) -> None:
        """Show all of the video, then end the stream."""
        watching = causal.stage("watching")
        step = 1 / self.method.fps
        for number, frame in enumerate(video.sample(self.method.fps, size=self.method.size)):
            now = number * step
            if frame.time > now + 1e-6:  # its first picture begins later: a stream would have shown nothing yet
                continue
            began = time.perf_counter()
            events = self.method.push(frame.image, now)
            taken = time.perf_counter() - began
            self.frames += 1
            self.seconds += taken
            self.resident_bytes = max(self.resident_bytes, self.method.resident_bytes)
            self._tell(events, now, taken)
            if watching:
                watching(min(1.0, now / video.duration))
        self._tell(self.method.finish(video.duration), video.duration, None)

    def _tell(self, events: Iterable[Event], now: float, latency: float | None) -> None:
        """Keep events as told at `now`, whatever time they claim."""
        self.events += [replace(event, emitted=now, latency=latency) for event in events]
        self.failures |= dict.fromkeys(self.method.failures())

    def moments(self, query: str, duration: float) -> tuple[Moment, ...]:
        """The last that is known of every moment, within the video, the best score first; without those never seen."""
        last = {event.number: event for event in self.events if event.query == query}
        found = [
            Moment(
                event.start, min(duration, duration if event.end is None else event.end), event.score, event.evidence
            )
            for event in last.values()
            if event.start < duration and (event.state != "ended" or event.end is not None)
        ]
        return tuple(sorted(found, key=lambda moment: -moment.score))

    def trace(self, query: str, duration: float) -> tuple[dict[str, Any], ...]:
        """Every event of the query in order, and then what the playing took for all queries together."""
        events = [{"step": event.state, **event.to_dict()} for event in self.events if event.query == query]
        latencies = [event.latency for event in self.events if event.latency is not None]
        played: Mapping[str, Any] = {
            "duration": duration,
            "frames": self.frames,
            "seconds": self.seconds,
            "latency": statistics.median(latencies) if latencies else None,
            "resident_bytes": self.resident_bytes,
        }
        return (*events, {"step": "played", **played})
