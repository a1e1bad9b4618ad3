"""From what was heard to a prediction: nothing is invented, and what was repaired is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from whenabouts.grounders.llm.confidence import confidence
from whenabouts.grounders.llm.consensus import consensus
from whenabouts.grounders.llm.conversation import Reply
from whenabouts.moment import Evidence, Moment, nms
from whenabouts.prediction import Prediction, Receipt
from whenabouts.rewards.parse import Answer, read
from whenabouts.video import Video

__all__ = ["Heard", "prediction"]

OVERLAP = 0.5  # tIoU from which two moments are one


@dataclass(slots=True)
class Heard:
    """One sample's replies about all stretches of a video: windows on the video's clock, and what was wrong."""

    words: list[str] = field(default_factory=list)
    windows: list[tuple[float, float]] = field(default_factory=list)
    sure: list[float] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    denials: int = 0

    def add(self, stretch: tuple[float, float], reply: Reply, fps: float) -> None:
        """Read a reply about a stretch that was shown at `fps` frames per second of video."""
        start, end = stretch
        answer = read(reply.text, duration=end - start, fps=fps)
        inside, notes = _inside(answer, start, end)
        self.words.append(reply.text)
        self.denials += answer.absent
        if inside:
            self.windows += inside
            self.notes += notes
            self.sure.append(1.0 if (sure := confidence(reply)) is None else sure)
        elif not answer.absent:
            plain = "the answer has no interval" if reply.text.strip() else "the answer is empty"
            self.failures.append(notes[-1] if notes else plain)

    @property
    def denied(self) -> bool:
        """Whether it was said of every stretch that the query does not happen."""
        return self.denials == len(self.words)


def prediction(
    query: str, heard: Sequence[Heard], video: Video, receipt: Receipt, *, top: int, threshold: float
) -> Prediction:
    """What several samples of answers come to."""
    agreed = consensus([one.windows for one in heard])
    several = len(heard) > 1
    sure = {} if several else _surest(heard[0])
    moments = [
        Moment(
            a.start,
            a.end,
            a.share if several else sure.get((a.start, a.end), 1.0),
            evidence=(Evidence("seen", a.start, a.end),),
            spread=(a.start_spread, a.end_spread) if several else None,
        )
        for a in agreed
        if a.start < a.end
    ]
    moments = sorted((m for m in moments if m.score >= threshold), key=lambda m: -m.score)
    table = np.array([[m.start, m.end] for m in moments]).reshape(-1, 2)
    found = tuple(moments[i] for i in nms(table, [m.score for m in moments], OVERLAP))[:top]
    told, denied = sum(bool(one.windows) for one in heard), sum(one.denied for one in heard)
    clear = told + denied == len(heard) and (several or denied)
    failures = [failure for one in heard for failure in one.failures]
    return Prediction(
        query,
        found,
        video.duration,
        told / len(heard) if clear else None,
        None,
        str(video.path),
        receipt,
        failure=None if found or denied else (failures or ["the answer is empty"])[0],
        said=tuple(text for one in heard for text in one.words),
        notes=tuple(dict.fromkeys(note for one in heard for note in one.notes)),
    )


def _surest(heard: Heard) -> dict[tuple[float, float], float]:
    """How sure the one answer was of each of its windows, where there was one per reply."""
    same = len(heard.sure) == len(heard.windows)
    return dict(zip(heard.windows, heard.sure, strict=True)) if same else {}


def _inside(answer: Answer, start: float, end: float) -> tuple[list[tuple[float, float]], list[str]]:
    """Windows of an answer on the video's clock, cut at the end of what was shown; those outside are refused."""
    kept, notes = [], list(answer.notes)
    for a, b in answer.windows:
        if a >= end - start:
            notes.append(f"an interval after the end of what was shown: {a:g} to {b:g}")
            continue
        if b > end - start:
            notes.append(f"an end after the end of what was shown was cut: {a:g} to {b:g}")
        kept.append((start + a, min(start + b, end)))
    return kept, notes
