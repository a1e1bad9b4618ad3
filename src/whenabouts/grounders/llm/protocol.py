"""`Protocol`: how one system asks and is understood; and the conversation that an engine sends."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from whenabouts.grounders.llm.sampling import Sampling

__all__ = ["Conversation", "Part", "Protocol", "Turn"]

Part = str | int  # words, or the number of a frame
Stamps = Literal["none", "frames", "pairs", "list"]
Status = Literal["prompt", "needs head", "needs features"]


@dataclass(frozen=True, slots=True)
class Turn:
    """What a role says: words and frames in order."""

    role: Literal["system", "user"]
    parts: tuple[Part, ...]


Conversation = tuple[Turn, ...]


@dataclass(frozen=True, slots=True)
class Protocol:
    """One system.

    question:    with `{}` where the query stands; quoted from the system's code as its checkpoint needs it
    second:      a second turn of the user, with `{}` for the query; then `question` has none
    prefix:      words before the frames, with `{count}` and `{times}` where stamps are a list
    stamps:      how time is told in words: not at all, before every frame, before every pair of frames, or as a list
    stamp:       what stands before a frame, with `{}` for its seconds
    text_first:  whether the question stands before the frames
    tidy:        what training did to queries
    parser:      the official reader of answers, by its name in `rewards.parse.PARSERS`
    tokens:      the longest answer; temperature: 0 is greedy
    longest:     seconds that one question covers; longer films are asked in windows
    backbone, checkpoints, licence, paper, source: where it comes from
    status:      `prompt`: any engine can ask; else what the system needs beyond text, and this file does not have
    numbers:     published figures and where they stand
    """

    name: str
    title: str
    question: str
    second: str = ""
    system: str = ""
    prefix: str = ""
    stamps: Stamps = "none"
    stamp: str = ""
    text_first: bool = False
    tidy: Callable[[str], str] = str.strip
    parser: str = "timelens"
    tokens: int = 512
    temperature: float = 0.0
    longest: float = 600.0
    sampling: Sampling = field(default_factory=Sampling)
    backbone: str = ""
    checkpoints: tuple[str, ...] = ()
    licence: str = ""
    paper: str = ""
    source: str = ""
    status: Status = "prompt"
    memory: str = ""
    numbers: str = ""

    def conversation(self, query: str, times: Sequence[float], *, stamped: bool = False) -> Conversation:
        """What is said about frames at `times` (seconds).

        With `stamped` time is told before every frame even where the system has another way, for engines that show
        plain pictures.
        """
        asked = self.question.format(self.tidy(query)) if "{}" in self.question else self.question
        frames = self._frames(times, stamped=stamped)
        first = (asked, *frames) if self.text_first else (*frames, asked)
        turns = [Turn("user", first)]
        if self.system:
            turns.insert(0, Turn("system", (self.system,)))
        if self.second:
            turns.append(Turn("user", (self.second.format(self.tidy(query)),)))
        return tuple(turns)

    def _frames(self, times: Sequence[float], *, stamped: bool) -> tuple[Part, ...]:
        stamps, stamp = self.stamps, self.stamp
        if stamped and stamps == "none":
            stamps, stamp = "frames", PLAIN_STAMP
        listed = ", ".join(f"{t:.1f}" for t in times)
        parts: list[Part] = [self.prefix.format(count=len(times), times=listed)] if self.prefix else []
        for i, time in enumerate(times):
            if stamps == "frames":
                parts.append(stamp.format(time))
            elif stamps == "pairs" and i % 2 == 0:
                pair = times[i : i + 2]
                parts.append(stamp.format(sum(pair) / len(pair)))
            parts.append(i)
        return tuple(parts)


PLAIN_STAMP = "<{:.1f} seconds>"
