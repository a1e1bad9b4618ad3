"""Intervals in words: ranges such as `from 1:02 to 75 s`, and `starts at ... ends at ...`.

A range counts when something marks it as a time: a unit, a clock, decimals, or the words and signs around bare whole
numbers. "2-3 people" and "2024-05-06" are not times. Every pattern is bounded, so that an endless answer is read in
linear time.
"""

from __future__ import annotations

import re

__all__ = ["Found", "ranges", "time_of"]

Found = tuple[float, float, str]  # start, end, and "s", "percent" or "frames"

_TIME = r"""
    (?<![\w.:/])(?<!\d-)(?<!\w-)                                          # not inside a word, a date or a version
    (?: (?P<clock{0}> (?:\d{{1,2}}:)?\d{{1,3}}:[0-5]\d(?:\.\d{{1,9}})? ) (?!\d|[.:]\d)
      | (?P<number{0}> -?\d{{1,12}}(?:\.\d{{1,12}})? ) (?!\d|\.\d) (?:st\b|nd\b|rd\b|th\b)? )
    \s{{0,4}} (?P<unit{0}> %|percent\b|seconds?\b|secs?\b|s\b|minutes?\b|mins?\b|hours?\b|hrs?\b|h\b|frames?\b )?
"""
_END = _TIME.format("_b").replace(r"(?<![\w.:/])(?<!\d-)(?<!\w-)", "")
_RANGE = re.compile(
    r"(?P<frames>\bframes?\s{1,4})?"
    + _TIME.format("_a")
    + r"""(?P<join>
        \s{0,4}(?:-{1,3}>?|–|—|−|~|→|=>|\.\.\.?)\s{0,4}
      | \s{1,4}(?:to|until|till|through|and)\s{1,4}
        (?:(?:about|around|approximately|roughly|the|frames?|seconds?|t\s?=)\s{0,4}){0,2}
      | \s{0,4},\s{0,4} )"""
    + _END,
    re.VERBOSE | re.IGNORECASE,
)
_STATED = re.compile(
    r"\b(?P<which>start|begin|end|finish|stop)(?:s|es|ing|ning|ed)?(?:[\s_]{1,3}times?)?\W{1,5}"
    r"(?:(?:is|are|was|at|around|about|approximately|of)\W{1,4}){0,3}" + _TIME.format(""),
    re.VERBOSE | re.IGNORECASE,
)
_ONE = re.compile(rf"\s*{_TIME.format('')}\s*", re.VERBOSE | re.IGNORECASE)
_COMPOUND = re.compile(
    r"(?<![\w.:])(?:(\d{1,3})\s?(?:hours?|hrs?|h)\s{0,2})?(\d{1,3})\s?(?:minutes?|mins?|m)\s{0,2}(?:and\s)?"
    r"(\d{1,2}(?:\.\d{1,9})?)\s?(?:seconds?|secs?|s)\b",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    r"(?:from|between|at|in|during|the|happens|occurs|window|interval|segment|seconds?|times?|is|are|and|then|or)\W{0,3}$"
    r"|[\[(=:;,`]\s*$|(?:^|\n)\s*$",
    re.IGNORECASE,
)
_AFTER = re.compile(r"\s*(?:[.,;:!?)\]\n*<]|$|(?:and|or|then|in)\b|of the (?:video|clip))", re.IGNORECASE)
_SCALE = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0}


def ranges(text: str) -> list[Found]:
    """Every interval in `text`, in order; separate starts and ends count when there is no range."""
    text = _COMPOUND.sub(_in_plain_seconds, text)
    text = re.sub(r"(?<=:\d\d),(?=\d{1,3}\b)", ".", text)  # the decimal comma of subtitles
    found = [_found(m) for m in _RANGE.finditer(text) if _is_time(m, text)]
    return found or _stated(text)


def time_of(text: str) -> float | None:
    """The seconds of a text that is one time and nothing else, such as `1:02.5` or `62.5 s`."""
    m = _ONE.fullmatch(text)
    if m is None or (unit := _unit(m["unit"])) not in _SCALE:
        return None
    return _value(m["clock"], m["number"]) * _SCALE[unit]


def _in_plain_seconds(m: re.Match[str]) -> str:
    return f"{int(m[1] or 0) * 3600 + int(m[2]) * 60 + float(m[3])} s"


def _is_time(m: re.Match[str], text: str) -> bool:
    before, join = text[max(0, m.start() - 24) : m.start()], m["join"]
    if "," in join:
        return bool(re.search(r"[\[(]\s*$", before)) and text[m.end() : m.end() + 1] in {"]", ")"}
    if re.search(r"\band\b", join, re.IGNORECASE) and not re.search(r"\bbetween(?:\s+the)?\W*$", before, re.IGNORECASE):
        return False
    marked = m["frames"] or m["clock_a"] or m["clock_b"] or m["unit_a"] or m["unit_b"]
    if marked or "." in (m["number_a"] or "") or "." in (m["number_b"] or ""):
        return True
    return bool(_BEFORE.search(before)) and bool(_AFTER.match(text, m.start() + len(m[0].rstrip())))


def _found(m: re.Match[str]) -> Found:
    start, end = _value(m["clock_a"], m["number_a"]), _value(m["clock_b"], m["number_b"])
    first, last = _unit(m["unit_a"], m["frames"]), _unit(m["unit_b"], m["frames"])
    first, last = ("" if m["clock_a"] else first or last), ("" if m["clock_b"] else last or first)
    for unit in (first, last):
        if unit not in _SCALE:
            return start, end, unit
    return start * _SCALE[first], end * _SCALE[last], "s"


def _stated(text: str) -> list[Found]:
    found: list[Found] = []
    ends: dict[bool, float] = {}  # of the interval that is being read: its start (True) and its end
    for m in _STATED.finditer(text):
        unit = _unit(m["unit"])
        ends[m["which"].lower() in {"start", "begin"}] = _value(m["clock"], m["number"]) * _SCALE.get(unit, 1.0)
        if len(ends) == 2:
            found.append((ends[True], ends[False], "s" if unit in _SCALE else unit))
            ends = {}
    return found


def _unit(unit: str | None, frames: str | None = None) -> str:
    unit = "frames" if frames else (unit or "").lower()
    if unit.startswith("frame"):
        return "frames"
    return "percent" if unit in {"%", "percent"} else unit[:1]


def _value(clock: str | None, number: str | None) -> float:
    if clock is None:
        return float(number or "nan")
    total = 0.0
    for part in clock.split(":"):
        total = 60 * total + float(part)
    return total
