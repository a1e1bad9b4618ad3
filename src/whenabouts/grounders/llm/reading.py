"""From a model's replies to a prediction: nothing is invented, and what was repaired is noted."""

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

__all__ = ["SampledAnswer", "prediction"]

DUPLICATE_TIOU = 0.5  # from which two moments are one


@dataclass(slots=True)
class SampledAnswer:
    """One sample of a model's replies to a query, over all stretches of a video.

    windows are on the video's clock; `confidences` has one value per reply with windows.
    """

    texts: list[str] = field(default_factory=list)
    windows: list[tuple[float, float]] = field(default_factory=list)
    confidences: list[float] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    absences: int = 0

    def add(self, stretch: tuple[float, float], reply: Reply, fps: float) -> None:
        """Read a reply about a stretch that was shown at `fps` frames per second of video."""
        start, end = stretch
        answer = read(reply.text, duration=end - start, fps=fps)
        inside, notes = _inside(answer, start, end)
        self.texts.append(reply.text)
        self.notes += reply.notes
        self.absences += answer.absent
        if inside:
            self.windows += inside
            self.notes += notes
            self.confidences.append(1.0 if (value := confidence(reply)) is None else value)
        elif not answer.absent:
            plain = reply.failure or ("the answer has no interval" if reply.text.strip() else "the answer is empty")
            self.failures.append(notes[-1] if notes else plain)

    @property
    def absent(self) -> bool:
        """Whether the model said of every stretch that the query does not happen."""
        return self.absences == len(self.texts)


def prediction(query: str, samples: Sequence[SampledAnswer], video: Video, receipt: Receipt) -> Prediction:
    """The consensus of several samples of one model's answers, all its moments, best first."""
    agreed = consensus([sample.windows for sample in samples])
    several = len(samples) > 1
    confidences = {} if several else _confidences(samples[0])
    moments = [
        Moment(
            a.start,
            a.end,
            a.share if several else confidences.get((a.start, a.end), 1.0),
            evidence=(Evidence("seen", a.start, a.end),),
            spread=(a.start_spread, a.end_spread) if several else None,
        )
        for a in agreed
        if a.start < a.end
    ]
    moments.sort(key=lambda m: -m.score)
    table = np.array([[m.start, m.end] for m in moments]).reshape(-1, 2)
    found = tuple(moments[i] for i in nms(table, [m.score for m in moments], DUPLICATE_TIOU))
    present, absent = sum(bool(one.windows) for one in samples), sum(one.absent for one in samples)
    clear = present + absent == len(samples) and (several or absent)
    failures = [failure for one in samples for failure in one.failures]
    return Prediction(
        query,
        found,
        video.duration,
        present / len(samples) if clear else None,
        None,
        str(video.path),
        receipt,
        failure=None if found or absent else (failures or ["the answer is empty"])[0],
        said=tuple(text for one in samples for text in one.texts),
        notes=tuple(dict.fromkeys(note for one in samples for note in one.notes)),
    )


def _confidences(sample: SampledAnswer) -> dict[tuple[float, float], float]:
    """The confidence of each window of the one sample, where every reply had one."""
    one_each = len(sample.confidences) == len(sample.windows)
    return dict(zip(sample.windows, sample.confidences, strict=True)) if one_each else {}


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
