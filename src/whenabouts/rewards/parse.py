"""From a model's answer to intervals: a parser of our own that invents nothing.

    >>> read("Between 1:02.5 and 1:10, then again 95 - 99 s.").windows
    ((62.5, 70.0), (95.0, 99.0))
    >>> read("The event does not happen in this video.").absent
    True

`read` is what grounders and rewards use by default. The official parsers exist to reproduce published numbers: they
disagree with each other, and each with common sense somewhere (docs/benchmarks.md). Those of papers are in
`grounders.llm.papers`, those of other evaluators in `evaluators`.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from whenabouts.rewards import worded
from whenabouts.rewards.tags import fenced, nested_lists

__all__ = ["OWN", "TEXT_FIELDS", "Answer", "Parser", "Window", "read", "text_of"]

Window = tuple[float, float]
TEXT_FIELDS = ("text", "answer", "response", "output", "output_text", "prediction", "pred", "generated_cap")


@dataclass(frozen=True, slots=True)
class Answer:
    """What an answer says.

    windows: (start, end) in seconds, 0 <= start < end, in the order of the answer, without repetition
    absent:  the answer says, in words or as an empty list, that the event is not in the video
    notes:   what was repaired or left out: an inverted interval, percentages, frame numbers
    """

    windows: tuple[Window, ...] = ()
    absent: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Parser:
    """A named parser: `windows(text)` is a list of [start, end] in seconds, in the order its evaluator keeps.

    single: the official function gives one pair, or [None, None], instead of a list of pairs.
    """

    name: str
    windows: Callable[[str], list[list[float]]]
    single: bool = False

    def official(self, text: str) -> list[Any]:
        """The return value of the evaluator's own function, as JSON would hold it."""
        found = self.windows(text)
        if self.single:
            return list(found[0]) if found else [None, None]
        return found


def _own(text: str) -> list[list[float]]:
    """Ours: seconds, clock times, ranges in words, brackets, JSON; after `<think>`, from `<answer>`."""
    return [list(window) for window in read(text).windows]


OWN = Parser("whenabouts", _own)


def text_of(value: Any) -> str | None:
    """The answer in a JSON value: a string, or an object with one of TEXT_FIELDS; None if there is none."""
    if isinstance(value, Mapping):
        value = next((value[key] for key in TEXT_FIELDS if isinstance(value.get(key), str)), None)
    return value if isinstance(value, str) else None


def read(text: str, *, duration: float | None = None, fps: float | None = None) -> Answer:
    """Read the intervals of an answer: seconds, clock times, words, brackets or JSON.

    Only what follows the reasoning counts: the last <answer>, or the text after </think>. `duration` (seconds) turns
    percentages into times and `fps` frame numbers; without them both are only noted.
    """
    conclusion = _conclusion(text)
    found, none = _from_json(conclusion) or (worded.ranges(conclusion), False)
    windows: dict[Window, None] = {}
    notes: dict[str, None] = {}
    for start, end, unit in found:
        taken = _in_seconds(start, end, unit, duration, fps)
        if unit in _REPAIRED and not isinstance(taken, str):
            notes[_REPAIRED[unit]] = None
        if isinstance(taken, str):
            notes[taken] = None
        else:
            windows[taken] = None
    absent = not windows and (none or bool(_ABSENT.search(conclusion)))
    return Answer(tuple(windows), absent, tuple(notes))


_REPAIRED = {"percent": "percentages were read as parts of the duration", "frames": "frame numbers were read as times"}
_HAPPENS = (
    r"[^.!?\n]{0,60}?\b(?:in (?:the|this) (?:video|clip)|happen|occur|appear|present|shown|visible|found|find|exist"
    r"|depicted|locate)"
)
_ABSENT = re.compile(
    rf"\b(?:not|never|no longer|cannot|unable to|(?:is|does|did|was|could|ca)n['’]t){_HAPPENS}"
    r"|\bno (?:such|matching|relevant|corresponding) (?:event|moment|segment|interval|scene|action|clip)"
    r"|^\W*(?:none|n/a|absent|null|no match(?:es)?|nothing)\W*$",
    re.IGNORECASE,
)


def _conclusion(text: str) -> str:
    """An answer without its reasoning; nothing is left of reasoning that was cut off."""
    answers = re.split(r"<answer>", text, flags=re.IGNORECASE)
    if len(answers) > 1:
        return re.split(r"</answer>", answers[-1], flags=re.IGNORECASE)[0]
    after = re.split(r"</think>", text, flags=re.IGNORECASE)
    return "" if len(after) == 1 and re.search(r"<think>", text, re.IGNORECASE) else after[-1]


_STARTS = ("start", "start_time", "starttime", "start_sec", "start_seconds", "begin", "from")
_ENDS = ("end", "end_time", "endtime", "end_sec", "end_seconds", "stop", "to")


def _from_json(text: str) -> tuple[list[worded.Found], bool] | None:
    """The intervals of an answer in JSON, and whether it says that there are none; None where it has no JSON.

    The whole text, what its code fences hold, or the `[[start, end], …]` in it.
    """
    for parts in ([text], fenced(text)):
        values = [value for part in parts if isinstance(value := _json(part), list | dict)]
        if values:
            return _windows_in(values), all(map(_says_none, values))
    found = _windows_in([_json(part) for part in nested_lists(text)])
    return (found, False) if found else None


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _says_none(value: Any) -> bool:
    """A list of nothing, or an object with such a list."""
    if isinstance(value, dict):
        return not value or any(isinstance(v, list) and _says_none(v) for v in value.values())
    return isinstance(value, list) and all(map(_says_none, value))


def _windows_in(value: Any) -> list[worded.Found]:
    if isinstance(value, dict):
        lower = {str(k).lower(): v for k, v in value.items()}
        start, end = (
            next((t for k in keys if (t := _time(lower.get(k))) is not None), None) for keys in (_STARTS, _ENDS)
        )
        if start is not None and end is not None:
            return [(start, end, "s")]
        return [w for v in value.values() for w in _windows_in(v)]
    if isinstance(value, list):
        times = [_time(v) for v in value]
        if len(times) in (2, 3) and times[0] is not None and times[1] is not None:  # a third number is a score
            return [(times[0], times[1], "s")]
        return [w for v in value for w in _windows_in(v)]
    return worded.ranges(value) if isinstance(value, str) else []


def _time(value: Any) -> float | None:
    if isinstance(value, str):
        return worded.time_of(value)
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300:
        return float(value)
    return None


def _in_seconds(start: float, end: float, unit: str, duration: float | None, fps: float | None) -> Window | str:
    if unit == "percent":
        if duration is None:
            return "percentages, but the duration is not known"
        start, end = start / 100 * duration, end / 100 * duration
    elif unit == "frames":
        if not fps:
            return "frame numbers, but the frame rate is not known"
        start, end = start / fps, end / fps
    if not (math.isfinite(start) and math.isfinite(end)) or start < 0:
        return f"an interval that no video has: {start:g} to {end:g}"
    if end <= start:
        return f"an interval that does not end after it starts: {start:g} to {end:g}"
    return start, end
