"""One standing query as pictures are compared with it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from whenabouts.evidence.everywhere import asked_kind
from whenabouts.evidence.phrasing import sought
from whenabouts.grounders.stream.change import Detector
from whenabouts.grounders.stream.remembered import Remembered
from whenabouts.query import ParsedQuery

__all__ = ["Looked", "notes_on", "standard", "visible"]

UNHEARD = (  # unless `hears` says otherwise
    "nobody listens here to what is said, so this query gets no answer; "
    "the model similarity does, in a watch with speech"
)
UNIT = 0.03  # the usual spread of a curve of the built-in encoder, on whose scale detectors work
SETTLED = 20  # scores before a spread is believed


@dataclass(slots=True, eq=False)
class Looked:
    """What is kept of one query: the event that pictures may show, and its detector.

    past: the scores of late, where the encoder is not calibrated
    told: the score that was told last
    """

    event: str
    detector: Detector
    past: Remembered | None = None
    told: float = 0.0

    def snapshot(self) -> dict[str, Any]:
        """Everything that pictures changed, as plain values."""
        past = None if self.past is None else list(self.past)
        return {"detector": self.detector.snapshot(), "told": self.told, "past": past}

    def restore(self, kept: dict[str, Any]) -> None:
        """Go on from a snapshot."""
        self.detector.restore(kept["detector"])
        self.told = float(kept["told"])
        if self.past is not None:
            self.past = Remembered(self.past.most, kept["past"] or ())


def standard(score: float, past: Remembered) -> float:
    """A score of unknown scale, by median and spread of those before it, on that of the built-in encoder.

    The first few are 0, which is what usual pictures have.
    """
    past.add(score)
    if len(past) < SETTLED:
        return 0.0
    low, middle, high = (past.quantile(share) for share in (0.1, 0.5, 0.9))
    spread = (high - low) / 2.56  # 1.28 spreads to either side, if the curve is normal
    return UNIT * (score - middle) / max(spread, 1e-6)


def visible(query: ParsedQuery) -> bool:
    """Whether pictures may answer: not what is said, written or heard, nor that something does not happen."""
    return not query.negated and asked_kind(query) in {None, "seen"}


def notes_on(query: str, hears: Collection[str] = ()) -> tuple[str, ...]:
    """What of a standing query is not applied, in sentences; `hears`: kinds of lines that will come."""
    read = sought(query)
    kind = asked_kind(read)
    notes = [f'"{part}" was not understood and is not applied' for part in read.unread]
    if not read.plain:
        notes.append(f'of a stream "{read.event or query}" is asked: which occurrence, and when, is not applied')
    if kind == "said" and kind not in hears:
        notes.append(UNHEARD)
    if kind == "written" and kind not in hears:
        notes.append("text on screen is not read in a stream, so this query gets no answer")
    if kind in {"heard", "signal"}:
        notes.append("sounds and signals are not looked for in a stream, so this query gets no answer")
    if read.negated:
        notes.append("that something does not happen cannot be told of a stream, so this query gets no answer")
    return tuple(notes)
