"""What was told of each query on a stream, as metrics take it: read from the traces of answers.

An event is a row {"number", "state", "start", "end", "score", "emitted", …}, as `grounders.stream.Event` writes it.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from whenabouts.benchmarks.example import Example
from whenabouts.errors import AnnotationError
from whenabouts.evaluation.predictions import Source, read_by_query
from whenabouts.files.records import Row
from whenabouts.metrics.online.answer import Floats, OnlineAnswer

__all__ = ["COST", "Told", "online_answer", "read_traces", "sound_windows"]

STATES = ("started", "updated", "ended")
COST = ("frames", "seconds", "resident_bytes")
SHORTEST = 1e-3  # seconds of a window
PLAYED = "played"  # the last step of a trace: what the playing took


@dataclass(frozen=True, slots=True)
class Told:
    """What was told of one query, in order.

    duration: of its stream, in seconds
    played:   what showing the stream took, for all of its queries together, as far as it is said: see COST
    where:    file and line
    """

    events: tuple[Row, ...]
    duration: float
    played: Mapping[str, float]
    where: str


def read_traces(source: Source, examples: Sequence[Example]) -> dict[str | int, Told]:
    """What was told of each query, by qid, from answers that have a `trace`. Raises AnnotationError."""
    told: dict[str | int, Told] = {}
    for qid, row in read_by_query(source, examples).items():
        if "trace" not in row:
            row.refuse("trace", "is missing: only answers of `whenabouts predict --model stream:NAME` say when")
        steps = row.rows("trace")
        if not steps or steps[-1].get("step") != PLAYED:
            row.refuse("trace", f"must end with the step {PLAYED!r}")
        played = {name: steps[-1].number(name) for name in COST if name in steps[-1]}
        told[qid] = Told(tuple(steps[:-1]), steps[-1].number("duration"), played, row.where)
    return told


def online_answer(example: Example, told: Told | None, truths: Floats, duration: float) -> OnlineAnswer:
    """One query as metrics take it; without `told` nothing was told. Raises AnnotationError naming the row."""
    if told is None:
        return OnlineAnswer([], [], [], truths, duration)
    moments: dict[float, list[Row]] = {}
    for event in told.events:
        moments.setdefault(event.number("number"), []).append(event)
    table = [_moment(rows, duration) for rows in moments.values()]
    history = [
        [place, event.number("emitted"), event.number("start"), event.number("end", np.nan)]
        for place, rows in enumerate(moments.values())
        for event in rows
    ]
    history += [[place, row[3], row[0], row[1]] for place, row in enumerate(table) if row[6]]
    columns = np.array(table, dtype=np.float64).reshape(-1, 7)
    try:
        return OnlineAnswer(
            columns[:, :2],
            columns[:, 2:4],
            columns[:, 4],
            truths,
            duration,
            columns[:, 5],
            np.reshape(history, (-1, 4)),
        )
    except AnnotationError as error:
        raise AnnotationError(f"{told.where}: {error}") from None


def sound_windows(examples: Iterable[Example]) -> dict[str | int, Floats]:
    """The true windows of each query that have a length, by qid; others are counted in a warning."""
    windows, left_out = {}, 0
    for example in examples:
        sound = example.windows[:, 0] < example.windows[:, 1]
        windows[example.qid] = example.windows[sound]
        left_out += int((~sound).sum())
    if left_out:
        warnings.warn(f"{left_out} true windows have no length and do not count online", stacklevel=3)
    return windows


def _moment(rows: Sequence[Row], duration: float) -> tuple[float, float, float, float, float, float, bool]:
    """Start, end, when each was told, last and first score, and whether it never ended."""
    for number, event in enumerate(rows):
        if event.text("state") not in STATES:
            event.refuse("state", f"must be one of: {', '.join(STATES)}")
        if event["state"] == "ended" and number + 1 < len(rows):
            rows[number + 1].refuse("number", "is that of a moment that has ended")
    first, last = rows[0], rows[-1]
    start, told = last.number("start"), last.number("emitted")
    open_ = last["state"] != "ended"
    # one that ended before anything of it was seen has no length, and counts as told all the same
    unseen = (start + SHORTEST,) if last.get("seen_end") is False else ()
    end = max(duration, start + SHORTEST) if open_ else last.number("end", *unseen)
    end_told = max(duration, told) if open_ else told
    return start, end, first.number("emitted"), end_told, last.number("score"), first.number("score"), open_
