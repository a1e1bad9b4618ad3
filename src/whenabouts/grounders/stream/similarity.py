"""Similarity, online: pictures that look like a standing query, and lines that answer it, as they come.

What the embedded default does with a video (`evidence.seen`), without the end of the video: one vector a picture, all
queries in one matrix product, and a detector of changes for each (`change`). Sounds and signals are not looked for.
"""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.encoders import DEFAULT_ENCODER, Encoder, load_encoder
from whenabouts.errors import InputError
from whenabouts.evidence.boundaries import CUT
from whenabouts.evidence.phrasing import sought
from whenabouts.evidence.presence import CALIBRATION
from whenabouts.evidence.timed_text import TimedText
from whenabouts.grounders.stream.change import Change, Detector, Rules
from whenabouts.grounders.stream.event import Event
from whenabouts.grounders.stream.lines import Lines
from whenabouts.grounders.stream.looked import Looked, notes_on, standard, visible
from whenabouts.grounders.stream.online import OnlineGrounder
from whenabouts.grounders.stream.pace import Pace
from whenabouts.grounders.stream.ranges import within
from whenabouts.grounders.stream.remembered import Remembered, most_in
from whenabouts.grounders.stream.scorer import EncoderScorer
from whenabouts.moment import Evidence

__all__ = ["OnlineSimilarity"]

WORTH_TELLING = 0.05  # by which a score must have risen for an update


class OnlineSimilarity(OnlineGrounder):
    """The online grounder that needs no model but the embedded ones.

    model:  the encoder, by name or itself       fps: pictures looked at a second
    least:  the score from which a moment is told of, in (0, 1): higher is quieter, and misses more
    height, rise, fall: how far and how long a moment must stand out, as in `change.Rules`
    said:   the probability from which a line of speech or text answers
    cut:    cosine distance between neighbouring pictures that ends a shot
    memory: seconds from which it is known what is usual, outside moments; a moment that goes on for longer does not
            hide what stands out from it

    A score is the probability that the query happens there, where the encoder is calibrated; else it only ranks.
    Instead of pictures their vectors (D,) may be pushed.
    """

    name = "similarity"

    def __init__(
        self,
        model: str | Encoder = DEFAULT_ENCODER,
        *,
        fps: float = 1.0,
        least: float = 0.2,
        height: float = 0.5,
        rise: float = 0.08,
        fall: float = 0.1,
        cut: float = CUT,
        memory: float = 600.0,
        said: float = 0.5,
        device: str | None = None,
    ) -> None:
        super().__init__()
        within("(0, inf)", fps=fps, memory=memory, rise=rise, fall=fall)
        within("(0, 1)", least=least)
        within("[0, 1]", height=height, said=said)
        within("[0, 2]", cut=cut)
        self.encoder = load_encoder(model, device=device) if isinstance(model, str) else model
        self.fps, self.size = fps, self.encoder.size
        self.least, self.cut, self.memory = least, cut, memory
        self._calibration = CALIBRATION.get(self.encoder.name)
        self._scale = self._calibration or CALIBRATION[DEFAULT_ENCODER]
        self._rules = Rules(self._scale.height(least), height, rise, fall, memory=most_in(memory, fps))
        self._scorer = EncoderScorer(self.encoder)
        self._looked: dict[str, Looked] = {}  # those that pictures may answer
        self._last: NDArray[np.float16] | None = None  # the vector of the picture before
        self._pace = Pace(fps)
        self._lines = Lines(said)

    def notes(self, query: str) -> tuple[str, ...]:
        """What of a query is not applied."""
        return notes_on(query, self.hears)

    def added(self, query: str) -> None:
        """Make a detector for a query, unless its answer cannot be seen."""
        read = sought(query)
        if not visible(read):
            return
        past = None if self._scorer.calibrated else Remembered(self._rules.memory)
        self._looked[query] = Looked(read.event or query, Detector(self._rules), past)

    def removed(self, query: str) -> None:
        """Forget its curve."""
        self._looked.pop(query, None)
        self._lines.forget(query)

    def push(self, frame: NDArray[Any], t: float) -> list[Event]:
        """Look at a picture (size, size, 3) uint8, unless it comes too early, or at its vector (D,).

        Raises InputError for what is neither.
        """
        self._scorer.check(frame)
        look = self._pace.look(t)
        if look is None:
            return []
        scores = self._scorer(frame, [looked.event for looked in self._looked.values()])
        cut = _distance(self._scorer.vector, self._last) > self.cut
        self._last = self._scorer.vector
        events = list[Event]()
        for (query, looked), score in zip(self._looked.items(), scores, strict=True):
            value = score if looked.past is None else standard(score, looked.past)
            for change in looked.detector.push(value, look.begin, look.seconds, cut=cut):
                events += self._told(query, looked, change, t)
        return events

    def _told(self, query: str, looked: Looked, change: Change, t: float) -> list[Event]:
        score = round(self._scale.probability(change.peak), 4)
        if change.what == "started":
            looked.told = score
            return [self.ledger.start(query, change.time, score, t, (Evidence("seen", change.time, t),))[1]]
        [moment] = self.ledger.open(query)  # those of lines end at once
        moment.evidence = (Evidence("seen", moment.start, t),)
        if change.what == "ended":
            return [self.ledger.end(moment, change.time, t, score=score)]
        if score < looked.told + WORTH_TELLING:
            return []
        looked.told = score
        return [self.ledger.update(moment, t, score=score)]

    def hear(self, line: TimedText, t: float) -> list[Event]:
        """A line that answers a query is a moment that starts and ends at once, and is quoted."""
        events = list[Event]()
        for query, match in self._lines.hear(line, self._queries):
            found = match.moment()
            moment, started = self.ledger.start(query, found.start, found.score, t, found.evidence)
            events += [started, self.ledger.end(moment, found.end, t)]
        return events

    def lost(self, since: float, until: float) -> list[Event]:
        """End what is open unseen; what is usual is forgotten only after a gap as long as the memory."""
        for looked in self._looked.values():
            if until - since > self.memory:
                looked.detector.forget()
            else:
                looked.detector.interrupt()
        self._last = None
        self._pace.interrupt(until)
        self._lines.interrupt()
        return super().lost(since, until)

    def snapshot(self) -> dict[str, Any]:
        """Everything that another run needs; pictures that stand still are encoded once more after it in both."""
        self._scorer.forget()
        last = None if self._last is None else base64.b64encode(self._last.tobytes()).decode()
        looked = {query: each.snapshot() for query, each in self._looked.items()}
        lines = self._lines.snapshot()
        return super().snapshot() | {"pace": self._pace.snapshot(), "last": last, "looked": looked, "lines": lines}

    def restore(self, kept: dict[str, Any]) -> None:
        """Go on from a snapshot. Raises InputError if it is another method's."""
        if "looked" not in kept:
            raise InputError("this state was saved by another method; start anew, or watch with that one")
        last = None if kept["last"] is None else np.frombuffer(base64.b64decode(kept["last"]), np.float16)
        if last is not None and len(last) != self.encoder.dim:
            raise InputError(f"this state was saved with vectors of {len(last)} numbers, not {self.encoder.dim}")
        super().restore(kept)
        self._pace = Pace.restored(kept["pace"], self.fps)
        self._last = last
        self._lines.restore(kept["lines"])
        for query, state in kept["looked"].items():
            if query in self._looked:
                self._looked[query].restore(state)

    @property
    def resident_bytes(self) -> int:
        """Of the pictures and scores that are remembered."""
        memory = sum(32 * each.detector.rules.memory for each in self._looked.values())
        return memory + self._scorer.resident_bytes

    @property
    def encoded(self) -> int:
        """Pictures that went through the encoder; those that stand still are encoded once."""
        return self._scorer.encoded

    @property
    def models(self) -> dict[str, str]:
        """The encoder's, and those that compared lines."""
        return {self.encoder.name: self.encoder.sha256} | self._lines.models

    def settings(self) -> dict[str, Any]:
        """All that shapes its events."""
        shape = {name: getattr(self._rules, name) for name in ("height", "rise", "fall")}
        return (
            super().settings()
            | {"least": self.least, "cut": self.cut, "memory": self.memory, "said": self._lines.least}
            | shape
        )


def _distance(one: NDArray[np.float16] | None, other: NDArray[np.float16] | None) -> float:
    """The cosine distance of two vectors; 0 where there are not two."""
    if one is None or other is None:
        return 0.0
    a, b = one.astype(np.float32), other.astype(np.float32)
    return 1 - float(a @ b) / max(float(np.linalg.norm(a) * np.linalg.norm(b)), 1e-12)
