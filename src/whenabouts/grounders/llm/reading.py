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

    windows: on the video's clock, in the order of the answers, with how sure the reply is that names them
    """

    texts: list[str] = field(default_factory=list)
    windows: dict[tuple[float, float], float] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    absences: int = 0

    def add(self, stretch: tuple[float, float], reply: Reply, fps: float | None) -> None:
        """Read a reply whose times count from the start of a stretch, shown at `fps` frames per second of video.

        fps: None of frames that were chosen, whose numbers say no times
        """
        start, end = stretch
        self.texts.append(reply.text)
        self.notes += reply.notes
        if reply.failure:  # what was said until then may end within a number
            self.failures.append(reply.failure)
            return
        answer = read(reply.text, duration=end - start, fps=fps)
        inside, notes = _inside(answer, start, end)
        self.absences += answer.absent
        if inside:
            sure = confidence(reply)
            self.windows |= {window: 1.0 if sure is None else sure for window in inside if window not in self.windows}
            self.notes += notes
        elif not answer.absent:
            plain = "the answer has no interval" if reply.text.strip() else "the answer is empty"
            self.failures.append(notes[-1] if notes else plain)

    @property
    def absent(self) -> bool:
        """Whether the model said of every stretch that the query does not happen."""
        return self.absences == len(self.texts)


def prediction(
    query: str,
    samples: Sequence[SampledAnswer],
    video: Video,
    receipt: Receipt | None,
    *,
    sets: bool = False,
    notes: Sequence[str] = (),
) -> Prediction:
    """What one or several samples of one model's answers say, all its moments, best first.

    sets:  an answer is a set of intervals: each is a moment, in its order, also where two overlap
    notes: what else is to be told
    """
    present, absent = sum(bool(one.windows) for one in samples), sum(one.absent for one in samples)
    several = len(samples) > 1
    found = _agreed(samples) if several else _of_one(samples[0], apart=not sets)
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
        notes=tuple(dict.fromkeys([*notes, *(note for one in samples for note in one.notes)])),
    )


def _agreed(samples: Sequence[SampledAnswer]) -> tuple[Moment, ...]:
    """What several answers agree on; a moment's score is the share of them that name it."""
    moments = [
        Moment(a.start, a.end, a.share, (Evidence("seen", a.start, a.end),), spread=(a.start_spread, a.end_spread))
        for a in consensus([list(sample.windows) for sample in samples])
        if a.start < a.end
    ]
    return _apart(moments)


def _of_one(sample: SampledAnswer, *, apart: bool) -> tuple[Moment, ...]:
    """The windows of one answer, the surest reply first; without those that mean the same where `apart`."""
    moments = [
        Moment(start, end, sure, (Evidence("seen", start, end),))
        for (start, end), sure in sample.windows.items()
        if start < end
    ]
    if apart or len(sample.texts) > 1:  # stretches overlap
        return _apart(moments)
    return tuple(moments)


def _apart(moments: Sequence[Moment]) -> tuple[Moment, ...]:
    """Best first, without what is a moment already."""
    table = np.array([[m.start, m.end] for m in moments]).reshape(-1, 2)
    return tuple(moments[i] for i in nms(table, [m.score for m in moments], DUPLICATE_TIOU))


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
