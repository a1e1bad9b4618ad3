"""What each video-LLM evaluator reads out of an answer: one function per evaluator, quirks included.

Every function takes the model's answer and gives the windows its evaluator would go on with, rows [start, end] in
seconds, in the evaluator's order. Which of them is scored is the protocol's business (mostly the first). Nothing
is repaired: a window may be inverted, empty, or made of numbers that were never times. An answer on which the official
code fails to convert a number (`5..2`) gives no window.

The patterns accept what the official ones accept; they are written to take linear time on the endless digits of
a degenerate answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np

__all__ = [
    "extremewhenbench",
    "lmms_charades",
    "lmms_charades_cli",
    "lmms_timelens",
    "time_r1",
    "time_r1_reward",
    "timelens",
    "timelens_reward",
    "timesuite",
    "unitime",
    "videochat_flash",
]

Windows = list[list[float]]

_EXAMPLE = "a specific example is : 20.8 - 30.0 seconds"
_KEYWORDS = ("start", "end", "happen")
_NUMBER = r"(?<!\d)(\d+(?:\.\d*)?)"  # also "5."
_CLOCK = re.compile(r"\b(\d{1,2}:\d{2}:\d{2}(?:\.\d+)?|\d{1,2}:\d{2}(?:\.\d+)?)\b")
_WHOLE_CLOCK = re.compile(r"\b(\d{1,2}:\d{2}:\d{2})\b")


def time_r1(text: str) -> Windows:
    """Time-R1's evaluation (arXiv:2503.13377): the last `a to b` or `a and b`, single spaces, lower case."""
    return _last(re.findall(rf"{_NUMBER} (?:to|and) (\d+\.?\d*)", text))


def time_r1_reward(text: str) -> Windows:
    """Time-R1's reward: the last `a to b` or `a and b` of the last complete <answer>, in any case."""
    answer, rest = "", text
    while "</answer>" in (rest := rest.partition("<answer>")[2]):
        answer, _, rest = rest.partition("</answer>")
    return _last(re.findall(rf"{_NUMBER} (?:to|and) (\d+\.?\d*)", answer, re.IGNORECASE))


def timelens(text: str) -> Windows:
    """TimeLens' evaluation (arXiv:2512.14698): all clock times in pairs, or else `a - b`, `a to b`, any numbers."""
    return _timelens(text.lower(), r"\b(\d+\.\d+|\d+)\b")


def timelens_reward(text: str) -> Windows:
    """TimeLens' training reward: as its evaluation, after every "to", even inside a word, has become "-"."""
    return _timelens(text.lower().replace("to", "-"), r"\b(\d+\.\d+|\d+)\b")


def lmms_timelens(text: str) -> Windows:
    """The `timelens` task of lmms-eval: TimeLens' rules with a number pattern that also accepts `5.`."""
    return _timelens(text.lower(), r"\b\d+\.?\d*\b")


def lmms_charades(text: str) -> Windows:
    """The `charades_sta` task of lmms-eval: one window, sorted, from sentences with start, end or happen in them.

    "to" becomes "-" everywhere. Clock ranges come before number ranges, clock times, the first number of each sentence.
    """
    sentences = _sentences(_without_example(text))
    chosen = [s for s in sentences if _is_about_time(s)] or sentences
    clock = r"(\d{1,2}:\d{2}(?::\d{2})?)"
    number = r"(\d+(?:\.\d+)?)"
    for sentence in chosen:
        if found := re.findall(rf"\b{clock}\s*[–-]\s*{clock}\b", sentence):
            return _sorted_first([(_seconds(a), _seconds(b)) for a, b in found])
    for sentence in chosen:
        if found := re.findall(rf"(?<!\d){number}\s*[–-]\s*{number}", sentence):
            return _sorted_first(found)
    if pairs := _pairs([_seconds(t) for s in chosen for t in re.findall(rf"\b{clock}\b", s)]):
        return _sorted_first(pairs)
    if pairs := _pairs(_first_of_each(rf"\b{number}\b", chosen)):
        return _sorted_first(pairs)
    for sentence in chosen:
        if found := re.findall(rf"(?<!\d){number}\s*(?:s\s*)?[–-]\s*{number}", sentence):
            return _sorted_first(found)
    return []


def lmms_charades_cli(text: str) -> Windows:
    """The script `eval_tvg.py` of lmms-eval: like `videochat_flash`, but ranges count in keyword sentences only."""
    sentences = [s for s in _sentences(_without_example(text)) if _is_about_time(s)]
    return _timechat(sentences, sentences)


def videochat_flash(text: str) -> Windows:
    """VideoChat-Flash (arXiv:2501.00574), after TimeChat: "to" becomes "-"; the first range, sorted."""
    text = _without_example(text)
    return _timechat([text], [s for s in _sentences(text) if _is_about_time(s)])


def timesuite(text: str) -> Windows:
    """TimeSuite's `format_tvg.py` (arXiv:2410.19702), after TimeChat: as `videochat_flash`, with "to" left alone."""
    text = text.lower()
    return _timechat([text], [s for s in _sentences(text) if _is_about_time(s)])


def unitime(text: str) -> Windows:
    """UniTime (arXiv:2506.18883): all numbers in pairs, through float32, an odd last one dropped; else [-1, -1]."""
    numbers = [float(str(np.float32(n))) for n in re.findall(r"\d+(?:\.\d+)?", text)]
    return _pairs(numbers) or [[-1.0, -1.0]]


def extremewhenbench(text: str) -> Windows:
    """ExtremeWhenBench's reference script (arXiv:2606.12300): the first range, rather of keyword sentences."""
    text = text.lower()
    for part in [*([s for s in _sentences(text) if _is_about_time(s)] or [text]), text]:
        if found := re.findall(r"(?<!\d)(\d+(?:\.\d+)?)\s*[-~–]\s*(\d+(?:\.\d+)?)", part):
            return _sorted_first(found)
    return []


def _timelens(text: str, number: str) -> Windows:
    if pairs := _pairs([_seconds(t) for t in _CLOCK.findall(text)]):
        return pairs
    for gap in (r"\s*-\s*", r"\s+to\s+"):
        if found := re.findall(rf"{_NUMBER}{gap}(\d+\.?\d*)", text):
            return [[float(a), float(b)] for a, b in found]
    return _pairs([float(n) for n in re.findall(number, text)])


def _timechat(places: Iterable[str], sentences: Sequence[str]) -> Windows:
    ranges = [r for place in places for r in re.findall(r"(?<!\d)(\d+(?:\.+\d*)?)\s*-\s*(\d+\.*\d*)", place)]
    if ranges:
        return _sorted_first(ranges)
    if pairs := _pairs(_first_of_each(r"\b(\d+\.\d+\b|\b\d+)\b", sentences)):
        return _sorted_first(pairs)
    clocks = [found[0] for s in sentences if (found := _WHOLE_CLOCK.findall(s))]
    return _sorted_first(_pairs([_seconds(t) for t in clocks]))


def _without_example(text: str) -> str:
    return text.lower().replace(_EXAMPLE, "").replace("to", "-")


def _sentences(text: str) -> list[str]:
    return re.split(r"[!?\n]", text)


def _is_about_time(sentence: str) -> bool:
    return any(word in sentence for word in _KEYWORDS)


def _first_of_each(pattern: str, sentences: Iterable[str]) -> list[float]:
    return [float(found[0]) for s in sentences if (found := re.findall(pattern, s))]


def _seconds(clock: str) -> float:
    total = 0.0
    for part in clock.split(":"):
        total = 60 * total + float(part)
    return total


def _pairs(times: Sequence[float]) -> Windows:
    return [[times[i], times[i + 1]] for i in range(0, len(times) - 1, 2)]


def _sorted_first(found: Sequence[Sequence[float | str]]) -> Windows:
    try:
        windows = [sorted(map(float, pair)) for pair in found]
    except ValueError:
        return []
    return windows[:1]


def _last(found: Sequence[tuple[str, str]]) -> Windows:
    return [[float(t) for t in found[-1]]] if found else []
