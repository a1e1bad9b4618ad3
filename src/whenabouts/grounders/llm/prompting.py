"""`Protocol`: how one system asks and is understood."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from whenabouts.grounders.llm.conversation import Conversation, Part, Turn
from whenabouts.grounders.llm.sampling import Sampling

__all__ = ["Protocol"]

Stamps = Literal["none", "frames", "pairs", "list"]
Status = Literal["prompt", "served", "head", "closed"]


@dataclass(frozen=True, slots=True)
class Protocol:
    """One system.

    question:    with `{}` where the query stands; quoted from the system's code as its checkpoint needs it
    second:      a second turn of the user, with `{}` for the query; then `question` has none
    coarse:      what replaces `question` where a long video is first asked roughly
    opened:      whether the model is told that its turn begins
    prefix:      words before the frames, with `{count}` and `{times}` where stamps are a list
    stamps:      how time is told in words: not at all, before every frame, before every pair of frames, or as a list
    stamp:       what stands before a frame, with `{}` for its seconds
    text_first:  whether the question stands before the frames
    tidy:        what training did to queries
    parser:      the official reader of answers, by its name in `rewards.parse.PARSERS`
    tokens:      the longest answer; temperature: 0 is greedy
    longest:     seconds that one question covers
    long:        what is done with longer videos: a name in `long.PLANS`
    backbone, checkpoints, licence, memory, paper, source: where it comes from and what it takes
    status:      `prompt`: any engine can ask; `served`: only a server that runs its own code can; `head`: it answers
                 through a head, implemented in `heads`, and not in words; `closed`: neither, and no head is here
    numbers:     published figures and where they stand
    """

    name: str
    title: str
    question: str
    second: str = ""
    coarse: str = ""
    opened: bool = True
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
    long: str = "windows"
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
        shown = self._shown(times, stamped=stamped)
        return self._turns(self.question, query, shown)

    def coarsely(self, query: str, times: Sequence[float], clip: int) -> Conversation:
        """The rough question about a long video: one stamp before every `clip` frames, which make one piece."""
        shown: list[Part] = []
        for i, time in enumerate(times):
            if i % clip == 0:
                shown.append((self.stamp or PLAIN_STAMP).format(time))
            shown.append(i)
        return self._turns(self.coarse or self.question, query, tuple(shown))

    def _turns(self, question: str, query: str, shown: tuple[Part, ...]) -> Conversation:
        asked = question.format(self.tidy(query)) if "{}" in question else question
        turns = [Turn("user", (asked, *shown) if self.text_first else (*shown, asked))]
        if self.system:
            turns.insert(0, Turn("system", (self.system,)))
        if self.second:
            turns.append(Turn("user", (self.second.format(self.tidy(query)),)))
        return tuple(turns)

    def _shown(self, times: Sequence[float], *, stamped: bool) -> tuple[Part, ...]:
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
