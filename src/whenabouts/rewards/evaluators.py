"""What evaluators read out of an answer, quirks included: those that belong to no single paper, and shared rules.

Every function takes the model's answer and gives the windows that its evaluator uses, rows [start, end] in
seconds, in the evaluator's order. Which of them is scored is the protocol's business (mostly the first). Nothing
is repaired: a window may be inverted, empty, or made of numbers that were never times. An answer on which the official
code fails to convert a number (`5..2`) gives no window.

The patterns accept what the official ones accept; they are written to take linear time on the endless digits of
a degenerate answer. The readers of single papers are in `grounders.llm.papers`, on the same rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from whenabouts.rewards.parse import Parser

__all__ = ["EVALUATORS", "NUMBER", "Windows", "in_pairs", "timechat_rules", "timelens_rules"]

Windows = list[list[float]]
NUMBER = r"(?<!\d)(\d+(?:\.\d*)?)"  # also "5."

_EXAMPLE = "a specific example is : 20.8 - 30.0 seconds"
_KEYWORDS = ("start", "end", "happen")
_CLOCK = re.compile(r"\b(\d{1,2}:\d{2}:\d{2}(?:\.\d+)?|\d{1,2}:\d{2}(?:\.\d+)?)\b")
_WHOLE_CLOCK = re.compile(r"\b(\d{1,2}:\d{2}:\d{2})\b")


def lmms_timelens(text: str) -> Windows:
    """The `timelens` task of lmms-eval: TimeLens' rules with a number pattern that also accepts `5.`."""
    return timelens_rules(text.lower(), r"\b\d+\.?\d*\b")


def lmms_charades(text: str) -> Windows:
    """The `charades_sta` task of lmms-eval: one sorted window, rather from sentences with start, end or happen.

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
    if pairs := in_pairs([_seconds(t) for s in chosen for t in re.findall(rf"\b{clock}\b", s)]):
        return _sorted_first(pairs)
    if pairs := in_pairs(_first_of_each(rf"\b{number}\b", chosen)):
        return _sorted_first(pairs)
    for sentence in chosen:
        if found := re.findall(rf"(?<!\d){number}\s*(?:s\s*)?[–-]\s*{number}", sentence):
            return _sorted_first(found)
    return []


def lmms_charades_cli(text: str) -> Windows:
    """The script `eval_tvg.py` of lmms-eval: one sorted window, from sentences with start, end or happen only.

    "to" becomes "-" everywhere. Number ranges come before the first number of each sentence, clock times `H:MM:SS` and
    ranges with an "s" before the dash.
    """
    sentences = [s for s in _sentences(_without_example(text)) if _is_about_time(s)]
    number = r"(\d+(?:\.\d+)?)"
    for sentence in sentences:
        if found := re.findall(rf"(?<!\d){number}\s*[–-]\s*{number}", sentence):
            return _sorted_first(found)
    if pairs := in_pairs(_first_of_each(rf"\b{number}\b", sentences)) or in_pairs(_first_clocks(sentences)):
        return _sorted_first(pairs)
    for sentence in sentences:
        if found := re.findall(rf"(?<!\d){number}\s*(?:s\s*)?[–-]\s*{number}", sentence):
            return _sorted_first(found)
    return []


def extremewhenbench(text: str) -> Windows:
    """ExtremeWhenBench's reference script (arXiv:2606.12300): the first range, rather of sentences about time."""
    text = text.lower()
    for part in [*([s for s in _sentences(text) if _is_about_time(s)] or [text]), text]:
        if found := re.findall(r"(?<!\d)(\d+(?:\.\d+)?)\s*[-~–]\s*(\d+(?:\.\d+)?)", part):
            return _sorted_first(found)
    return []


def lmms_extremewhenbench(text: str) -> Windows:
    """The `extremewhenbench` task of lmms-eval: the last range of the whole answer, sorted; also `a to b`."""
    number = r"(\d+(?:\.\d+)?)"
    return _sorted_first(re.findall(rf"(?<!\d){number}\s*(?:-|to|~|–|—)\s*{number}", text)[-1:])


EVALUATORS: tuple[Parser, ...] = (
    Parser("lmms-timelens", lmms_timelens),
    Parser("lmms-charades", lmms_charades),
    Parser("lmms-charades-cli", lmms_charades_cli),
    Parser("extremewhenbench", extremewhenbench),
    Parser("lmms-extremewhenbench", lmms_extremewhenbench),
)


def timelens_rules(text: str, number: str = r"\b(\d+\.\d+|\d+)\b") -> Windows:
    """TimeLens' rules on lower-case text: all clock times in pairs, or else `a - b`, `a to b`, any numbers in pairs."""
    if pairs := in_pairs([_seconds(t) for t in _CLOCK.findall(text)]):
        return pairs
    for gap in (r"\s*-\s*", r"\s+to\s+"):
        if found := re.findall(rf"{NUMBER}{gap}(\d+\.?\d*)", text):
            return [[float(a), float(b)] for a, b in found]
    return in_pairs([float(n) for n in re.findall(number, text)])


def timechat_rules(text: str, *, dashes: bool) -> Windows:
    """TimeChat's rules (arXiv:2312.02051): the first `a-b`, sorted, else the first numbers of two sentences about time.

    dashes: "to" becomes "-" first, and the example of the prompt is taken out.
    """
    text = _without_example(text) if dashes else text.lower()
    ranges = re.findall(r"(?<!\d)(\d+(?:\.+\d*)?)\s*-\s*(\d+\.*\d*)", text)
    if ranges:
        return _sorted_first(ranges)
    sentences = [s for s in _sentences(text) if _is_about_time(s)]
    pairs = in_pairs(_first_of_each(r"\b(\d+\.\d+\b|\b\d+)\b", sentences)) or in_pairs(_first_clocks(sentences))
    return _sorted_first(pairs)


def in_pairs(times: Sequence[float]) -> Windows:
    """Numbers two by two; an odd last one is dropped."""
    return [[times[i], times[i + 1]] for i in range(0, len(times) - 1, 2)]


def _without_example(text: str) -> str:
    return text.lower().replace(_EXAMPLE, "").replace("to", "-")


def _sentences(text: str) -> list[str]:
    return re.split(r"[!?\n]", text)


def _is_about_time(sentence: str) -> bool:
    return any(word in sentence for word in _KEYWORDS)


def _first_of_each(pattern: str, sentences: Iterable[str]) -> list[float]:
    return [float(found[0]) for s in sentences if (found := re.findall(pattern, s))]


def _first_clocks(sentences: Iterable[str]) -> list[float]:
    return [_seconds(found[0]) for s in sentences if (found := _WHOLE_CLOCK.findall(s))]


def _seconds(clock: str) -> float:
    total = 0.0
    for part in clock.split(":"):
        total = 60 * total + float(part)
    return total


def _sorted_first(found: Sequence[Sequence[float | str]]) -> Windows:
    try:
        windows = [sorted(map(float, pair)) for pair in found]
    except ValueError:
        return []
    return windows[:1]
