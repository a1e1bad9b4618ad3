"""Whether a model keeps time on its way through an engine, judged by its answers about a video that is known.

A server that is sent frames may lose their times: it may take them for one second apart, or for 24 a second, or show
the model none at all. All answers are then wrong in the same way, and nothing else tells. So two questions are asked:
how long the video is, and when something plain happens in it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from whenabouts.grounders.llm.plain import in_digits, in_starts_and_ends
from whenabouts.moment import tiou
from whenabouts.rewards import worded
from whenabouts.rewards.parse import read

__all__ = ["LENGTH", "Judgement", "Verdict", "judge", "length_of"]

LENGTH = "How long is this video? Answer with its length in seconds."
Verdict = Literal["right", "uncertain", "frames", "scaled", "refuses", "nonsense"]

NEAR = 0.1  # of a length, by which an answer may be wrong
SAME = 0.5  # tIoU from which two moments are one
RATES = (24.0, 25.0, 30.0)  # frames per second that software assumes where it knows none
REFUSES = re.compile(
    r"\b(?:can(?:no|')?t|can not|unable|not able|sorry|won't|will not|refuse|decline)\b", re.IGNORECASE
)
TIME = re.compile(
    r"(?P<clock>\d{1,3}(?::[0-5]\d){1,2}(?:\.\d+)?)"
    r"|(?:(?P<minutes>\d{1,3})\s?m(?:in(?:ute)?s?)?\b[\s,]*(?:and\s)?)?(?P<number>\d{1,7}(?:\.\d+)?)[\s-]{0,2}"
    r"(?P<unit>frames?\b|s(?:ec(?:ond)?s?)?\b|m(?:in(?:ute)?s?)?\b)?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the two answers show.

    right:     both are right                     uncertain: one is, and the other is wrong in no way that is known, or
                                                             both are, in words that are not read, or among others
    frames:    times are numbers of frames        scaled:    times are `scale` times the true ones
    refuses:   no answer is given                 nonsense:  what is answered has nothing to do with the video
    """

    verdict: Verdict
    sentence: str
    scale: float | None = None

    @property
    def keeps_time(self) -> bool | None:
        """Whether times survive; None where that cannot be told."""
        return {"right": True, "uncertain": None, "refuses": None}.get(self.verdict, False)


def judge(length: str, moment: str, *, seconds: float, event: tuple[float, float], fps: float) -> Judgement:
    """Judge what was said to be the length of a video of `seconds`, and when `event` (seconds) happens in it.

    fps: frames that were shown per second of video

    >>> judge("26 s", "From 8.0 to 14.0 seconds.", seconds=26, event=(8, 14), fps=2).verdict
    'right'
    >>> judge("52", "[16, 28]", seconds=26, event=(8, 14), fps=2).sentence
    'it takes frames for one second apart: its times are 2 times the true ones'
    """
    found = _judge(length, moment, seconds, event, fps)
    other = in_digits(length), in_digits(moment)
    if found.verdict == "right" or other == (length, moment):
        return found
    meant = _judge(*other, seconds, event, fps)
    if meant.verdict != "right":
        return meant if meant.verdict == "scaled" else found
    return Judgement(
        "uncertain", "its times are right, but told in words or milliseconds, which are not read in answers"
    )


def _judge(length: str, moment: str, seconds: float, event: tuple[float, float], fps: float) -> Judgement:
    told, spans = length_of(length), worded_spans(moment, seconds)
    if told is None and not spans:
        if REFUSES.search(length) or REFUSES.search(moment) or not (length.strip() or moment.strip()):
            return Judgement("refuses", "it refuses to answer")
        return Judgement("nonsense", "its answers name no times")
    long = told is not None and told[1] != "frames" and _near(told[0], seconds)
    same = [unit != "frames" and _same((start, end), event) for start, end, unit in spans]
    found = bool(same) and all(same)
    numbers = any(unit == "frames" for _, _, unit in spans) or (not found and told is not None and told[1] == "frames")
    if numbers:
        return Judgement("frames", "it answers in numbers of frames, not in seconds", fps)
    if long and found:
        return Judgement("right", "it knows how long the video is and when things happen")
    if any(same) and not found:
        return Judgement("uncertain", f"it names other times beside the true ones: {_short(moment)}")
    if scaled := _scaled(told[0] if told else None, [(start, end) for start, end, _ in spans], seconds, event, fps):
        return scaled
    if found:
        return Judgement("uncertain", f"it knows when things happen, but not how long the video is: {_short(length)}")
    if long:
        return Judgement("uncertain", f"it knows how long the video is, but not when things happen: {_short(moment)}")
    return Judgement("nonsense", f"its times have nothing to do with the video: {_short(length)}; {_short(moment)}")


def _scaled(
    told: float | None, spans: list[tuple[float, float]], seconds: float, event: tuple[float, float], fps: float
) -> Judgement | None:
    """A known mistake, or one factor between all that is answered and what is true."""
    known = {fps: "it takes frames for one second apart"} | {
        fps / rate: f"it takes frames for {rate:g} a second" for rate in RATES
    }
    known |= {rate: f"it counts frames of a video of {rate:g} a second" for rate in RATES}
    for scale, why in known.items():
        if _near(scale, 1.0):
            continue
        moved = (event[0] * scale, event[1] * scale)
        if any(_same(span, moved) for span in spans) or (
            told is not None and not spans and _near(told, seconds * scale)
        ):
            return Judgement("scaled", f"{why}: its times are {scale:.3g} times the true ones", scale)
    for start, end in spans:
        scale = end / event[1]
        if told is not None and _near(told, seconds * scale) and _near(start, event[0] * scale):
            return Judgement("scaled", f"its times are {scale:.3g} times the true ones", scale)
    return None


def worded_spans(text: str, seconds: float) -> list[worded.Found]:
    """Intervals of an answer without its thoughts, as they are told: in seconds, or as numbers of frames."""
    said = read(text, duration=seconds, fps=1.0)
    if not said.windows:
        said = read(in_starts_and_ends(text), duration=seconds, fps=1.0)
    unit = "frames" if any("frame numbers" in note for note in said.notes) else "s"
    return [(start, end, unit) for start, end in said.windows]


def length_of(text: str) -> tuple[float, str] | None:
    """A length and its unit, "s", "frames" or "" where none is told: that with a unit, else the last number.

    >>> length_of("<think>52 frames</think>The video is about 1 minute 5 seconds long.")
    (65.0, 's')
    >>> length_of("It has 52 frames."), length_of("0:26"), length_of("nobody knows")
    ((52.0, 'frames'), (26.0, 's'), None)
    """
    said = re.split(r"</think>|<answer>", text, flags=re.IGNORECASE)[-1]
    found = []
    for match in TIME.finditer(said[:2_000]):
        if match["clock"]:
            value, unit = worded.time_of(match["clock"]) or 0.0, "s"
        else:
            unit = (match["unit"] or "")[:1].lower()
            value = float(match["number"]) * (60 if unit == "m" else 1) + 60 * int(match["minutes"] or 0)
            unit = {"f": "frames", "": ""}.get(unit, "s")
        found.append((value, unit))
    return next((each for each in found if each[1]), found[-1] if found else None)


def _same(a: tuple[float, float], b: tuple[float, float]) -> bool:
    return float(tiou([a], [b])[0, 0]) >= SAME


def _near(value: float, true: float) -> bool:
    return abs(value - true) <= NEAR * true


def _short(text: str) -> str:
    line = " ".join(text.split())
    return f"“{line[:60]}…”" if len(line) > 60 else f"“{line}”"
