"""`Prompting`: the prompt of a model, and how time is written between its frames."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from whenabouts.grounders.llm.conversation import Conversation, Part, Turn

__all__ = ["PLAIN_STAMP", "Prompting", "Stamps", "lowercase", "one_line"]

Stamps = Literal["none", "frames", "pairs", "list", "even"]
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
    prefix:         text before the frames
    stamps:         where times are written: nowhere; before every frame, or before every two where a model merges two
                    (`paired` of `conversation`); before every pair of frames; as one list; or `even`: the number of
                    frames and the duration, over which they are spread evenly. Of these two, `{times}`, `{count}` and
                    `{duration}` stand in the question, its second turn or the prefix
    stamp:          the text before a frame, with `{}` for its time in seconds
    digits:         to which the times of frames are rounded before those of a pair are averaged; None is not at all
    absolute:       of a part of a video, times are told on the clock of the whole
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
    digits: int | None = None
    absolute: bool = False
    question_first: bool = False
    clean_query: Callable[[str], str] = str.strip
    opens_turn: bool = True

    def conversation(
        self,
        query: str,
        times: Sequence[float],
        *,
        duration: float | None = None,
        stamped: bool = False,
        paired: bool = False,
        apart: bool = False,
    ) -> Conversation:
        """The conversation about a query and frames at `times`, in seconds.

        duration: of what is shown, in seconds; None is up to the last frame
        stamped:  write a time before every frame where the paper writes no times
        paired:   the model merges two frames that stand side by side into one step: one time stands before both, as
                  frames apart would cost twice the paper's budget of tokens
        apart:    write one before every frame wherever the paper writes times, so that no two are seen as one
        """
        seconds = duration if duration is not None else max(times, default=0.0)
        listed = ", ".join(f"{t:.1f}" for t in times)
        facts = {"count": len(times), "times": listed, "duration": seconds} if self.stamps in {"list", "even"} else {}
        prefix = (self.prefix.format(**facts),) if self.prefix else ()
        frames = self._frames(times, *self.written(stamped=stamped, paired=paired, apart=apart))
        return self._turns(self.question, query, (*prefix, *frames), facts)

    def written(self, *, stamped: bool, paired: bool = False, apart: bool = False) -> tuple[Stamps, str]:
        """Where times are written, and the text of one; `stamped`, `paired` and `apart` as of `conversation`."""
        if apart:
            return "frames", self.stamp or PLAIN_STAMP
        timeless = self.stamps in {"none", "even"}
        told: tuple[Stamps, str] = ("frames", PLAIN_STAMP) if stamped and timeless else (self.stamps, self.stamp)
        return ("pairs", told[1]) if paired and told[0] == "frames" else told

    def coarse_conversation(self, query: str, count: int, clip: int, stamps: Sequence[float]) -> Conversation:
        """The coarse question about `count` frames of a long video: every `clip` of them are a piece under one stamp.

        stamps: the times of the pieces, in seconds
        """
        shown: list[Part] = []
        for i in range(count):
            if i % clip == 0:
                shown.append((self.stamp or PLAIN_STAMP).format(stamps[i // clip]))
            shown.append(i)
        return self._turns(self.coarse or self.question, query, tuple(shown), {})

    def _turns(self, question: str, query: str, frames: tuple[Part, ...], facts: dict[str, object]) -> Conversation:
        asked = self.clean_query(query)
        text = question.format(asked, **facts) if "{}" in question else question
        words = (text,) if text else ()
        turns = [Turn("user", (*words, *frames) if self.question_first else (*frames, *words))]
        if self.system:
            turns.insert(0, Turn("system", (self.system,)))
        if self.second:
            turns.append(Turn("user", (self.second.format(asked, **facts),)))
        return tuple(turns)

    def _frames(self, times: Sequence[float], stamps: Stamps, stamp: str) -> tuple[Part, ...]:
        told = times if self.digits is None else [round(time, self.digits) for time in times]
        parts: list[Part] = []
        for i, time in enumerate(told):
            if stamps == "frames":
                parts.append(stamp.format(time))
            elif stamps == "pairs" and i % 2 == 0:
                pair = told[i : i + 2]
                parts.append(stamp.format(sum(pair) / len(pair)))
            parts.append(i)
        return tuple(parts)
