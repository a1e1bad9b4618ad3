"""All figures of what was told on streams, by name, and what clueless answers reach under the same rules."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from whenabouts.evaluation.online.told import COST, Told
from whenabouts.metrics.online.alarms import (
    false_alarms,
    false_alarms_per_hour,
    quiet_hours,
    recall_at_false_alarms,
)
from whenabouts.metrics.online.answer import Floats, OnlineAnswer
from whenabouts.metrics.online.decayed import online_map, online_recall
from whenabouts.metrics.online.delay import delays
from whenabouts.metrics.online.onvtg import onvtg, suppress
from whenabouts.metrics.online.points import OFFSETS, point_map
from whenabouts.metrics.online.proactive import first_words
from whenabouts.metrics.online.revisions import first_correct, revisions
from whenabouts.metrics.online.windows import count_windows, sw_f1

__all__ = ["blind", "compute", "counts", "figures", "official"]

Figures = dict[str, float]
TIOU = 0.5  # from which a moment is the true one, for delays
EVERY = 10.0  # seconds between the alarms of a clueless answer


def figures(answers: Sequence[OnlineAnswer]) -> Figures:
    """Every figure by its name; shares are percentages, delays seconds; NaN where there is nothing to measure."""
    delay, said = delays(answers, TIOU), count_windows(answers)
    points = [point_map(answers, offset) for offset in OFFSETS]
    correct = [first_correct(a, TIOU) - a.truths[:, 0] for a in answers]
    after = np.concatenate(correct) if correct else np.zeros(0)
    known = after[~np.isnan(after)]
    speaking = first_words(answers)
    found: Figures = {}
    found |= {f"oR{n}@{m}": 100 * online_recall(answers, n, m) for n in (1, 5) for m in (0.3, 0.5, 0.7)}
    found |= {f"omAP@{m}": 100 * online_map(answers, m) for m in (0.3, 0.5, 0.7)}
    found |= {f"p-mAP@{seconds:g}s": 100 * points[OFFSETS.index(seconds)] for seconds in (1.0, 3.0, 5.0, 10.0)}
    found |= {
        "p-mAP, mean of 1 to 10 s": 100 * float(np.mean(points)),
        "SW-F1": 100 * sw_f1(said.hits, said.false_alarms, said.misses),
    }
    found["windows found, %"] = 100 * delay.hits / delay.truths if delay.truths else float("nan")
    for end in ("start", "end"):
        late = getattr(delay, end)
        found |= {
            f"{end} delay, median s": late.median,
            f"{end} |delay|, median s": late.absolute_median,
            f"{end} |delay|, 90 % below s": late.absolute_p90,
            f"{end} told early, %": 100 * late.early,
        }
    found["first correct, median s after the start"] = float(np.median(known)) if len(known) else float("nan")
    found["ever correct, %"] = 100 * len(known) / len(after) if len(after) else float("nan")
    found["false alarms per hour"] = false_alarms_per_hour(answers)
    for rate, recall in recall_at_false_alarms(answers).items():
        found[f"recall at {rate:g} false alarms per hour, %"] = 100 * recall
    found |= {
        "first words within 2 s, %": 100 * speaking.right,
        "first words at a wrong time, %": 100 * speaking.wrong_time,
        "silent where it happens, %": 100 * speaking.silent,
        "revisions per moment": revisions(answers),
    }
    return found


def counts(answers: Sequence[OnlineAnswer]) -> dict[str, float]:
    """What the figures are about."""
    return {
        "queries": len(answers),
        "answered": sum(bool(len(a.moments)) for a in answers),
        "true_windows": sum(len(a.truths) for a in answers),
        "moments": sum(len(a.moments) for a in answers),
        "false_alarms": false_alarms(answers),
        "quiet_hours": quiet_hours(answers),
    }


def official(answers: Sequence[OnlineAnswer]) -> Figures:
    """OnVTG's figures in per cent and seconds, after its suppression; none where a query has several true windows."""
    happen = [a for a in answers if len(a.truths)]
    if not happen or any(len(a.truths) > 1 for a in happen):
        return {}
    kept = [suppress(a.moments, a.scores) for a in happen]
    proposals = [np.column_stack([a.moments, a.emitted])[rows] for a, rows in zip(happen, kept, strict=True)]
    scores = [a.scores[rows] for a, rows in zip(happen, kept, strict=True)]
    found = onvtg(proposals, scores, [a.truths[0] for a in happen])
    recalls = {f"R{n}@{m}": 100 * value for (n, m), value in found.recall.items()}
    return {**recalls, "mIoU": 100 * found.miou, "SD": found.sd, "ED": found.ed, "queries skipped": found.skipped}


def blind(answers: Sequence[OnlineAnswer]) -> dict[str, Figures]:
    """The figures of answers that never look: one moment as long as the stream, and an alarm every ten seconds."""
    every = [np.arange(0.0, a.duration, EVERY) for a in answers]
    return {
        "whole stream": figures([_clueless(a, np.zeros(1)) for a in answers]),
        f"every {EVERY:g} s": figures([_clueless(a, starts) for a, starts in zip(answers, every, strict=True)]),
    }


def compute(told: Sequence[Told]) -> dict[str, float | None]:
    """What the playing took, where the answers say so; of queries on one stream it is counted once.

    max_fps:        pictures that could have been shown per second
    latency:        median seconds on the wall from a picture to what it led to
    resident_bytes: the most that was kept
    seconds_per_second: seconds of computing for a second of stream
    """
    latencies = [event.number("latency") for each in told for event in each.events if event.get("latency") is not None]
    plays = {
        (each.duration, each.played["seconds"], each.played["frames"]): each.played
        for each in told
        if each.played.keys() >= set(COST)
    }
    seconds = sum(played["seconds"] for played in plays.values())
    streamed = sum(duration for duration, *_ in plays)
    return {
        "max_fps": sum(played["frames"] for played in plays.values()) / seconds if seconds else None,
        "latency": float(np.median(latencies)) if latencies else None,
        "resident_bytes": max((played["resident_bytes"] for played in plays.values()), default=None),
        "seconds_per_second": seconds / streamed if seconds else None,
    }


def _clueless(answer: OnlineAnswer, starts: Floats) -> OnlineAnswer:
    ends = np.append(starts[1:], answer.duration)
    windows = np.column_stack([starts, ends])
    return OnlineAnswer(windows, windows, np.ones(len(starts)), answer.truths, answer.duration)
