"""`Prompting`: the prompt of a model, and how time is written between its frames."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from whenabouts.grounders.llm.conversation import Conversation, Part, Turn

__all__ = ["PLAIN_STAMP", "Prompting", "lowercase", "one_line"]

Stamps = Literal["none", "frames", "pairs", "list"]
PLAIN_STAMP = "<{:.1f} seconds>"


def lowercase(query: str) -> str:
    """A query in lower case and without its final full stop, as Time-R1 and its followers train with it.

    >>> lowercase("A man sits down. ")
    'a man sits down'
    """
    return query.strip().removesuffix(".").lower()


def one_line(query: str) -> str:
    """A query with single spaces, without full stops at its ends, as TimeLens and its followers ask it.

    >>> one_line("A man  sits   down. ")
    'A man sits down'
    """
    return " ".join(query.split()).strip(".").strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompting:
    """The prompt of a paper.

    question:       with `{}` where the query stands; quoted from the authors' code, as their checkpoint needs it
    second:         a second turn of the user, with `{}` for the query; then `question` has none
    coarse:         replaces `question` where a long video is first shown coarsely
    system:         the system prompt, if any
    prefix:         text before the frames, with `{count}` and `{times}` where stamps are a list
    stamps:         where times are written: nowhere, before every frame, before every pair of frames, or as one list
    stamp:          the text before a frame, with `{}` for its time in seconds
    question_first: the question stands before the frames, not after them
    clean_query:    what training did to queries
    opens_turn:     the chat template ends with the start of the model's turn; UniTime was trained without it
    """

    question: str
    second: str = ""
    coarse: str = ""
    system: str = ""
    prefix: str = ""
    stamps: Stamps = "none"
    stamp: str = ""
    question_first: bool = False
    clean_query: Callable[[str], str] = str.strip
    opens_turn: bool = True

    def conversation(self, query: str, times: Sequence[float], *, stamped: bool = False) -> Conversation:
        """The conversation about a query and frames at `times`, in seconds.

        stamped: write a time before every frame even where the paper has another way, for engines that send plain
        images.
        """
        return self._turns(self.question, query, self._frames(times, stamped=stamped))

    def coarse_conversation(self, query: str, times: Sequence[float], clip: int) -> Conversation:
        """The coarse question about a long video: one stamp before every `clip` frames, which form one piece."""
        shown: list[Part] = []
        for i, time in enumerate(times):
            if i % clip == 0:
                shown.append((self.stamp or PLAIN_STAMP).format(time))
            shown.append(i)
        return self._turns(self.coarse or self.question, query, tuple(shown))

    def _turns(self, question: str, query: str, frames: tuple[Part, ...]) -> Conversation:
        text = question.format(self.clean_query(query)) if "{}" in question else question
        turns = [Turn("user", (text, *frames) if self.question_first else (*frames, text))]
        if self.system:
            turns.insert(0, Turn("system", (self.system,)))
        if self.second:
            turns.append(Turn("user", (self.second.format(self.clean_query(query)),)))
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
