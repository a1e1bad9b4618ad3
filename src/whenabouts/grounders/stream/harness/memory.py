"""What is remembered in words: summaries of chunks that are no longer shown, and blocks of several summaries.

Time goes through three tiers, first in first out. A chunk of `short` seconds is shown as it is. When it ends it becomes
one of at most `mid` summaries. When these are full they become one of at most `long` blocks, of which the oldest is
forgotten: short × (1 + mid + long × mid) seconds are covered, 12 hours as set in the paper.

Summaries and blocks are written in the background, before they are needed. One that is late or fails holds up nothing,
and no time is lost: what was told stands in its place, or the summaries themselves cut to the length of a block. A late
one replaces that when the next chunk begins, so that the text does not change within a chunk. What was told after a
summary was begun stands beside it; what was only seen in these last seconds is not remembered.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import asdict, dataclass
from typing import Any

from whenabouts.errors import InputError
from whenabouts.grounders.stream.harness.background import Run, background

__all__ = ["CLOSED", "PAPER", "Memory", "Sizes", "Summary"]

Condense = Callable[[Sequence["Summary"]], str]


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is remembered; `characters` of each summary or block at most (ours). Raises InputError."""

    short: int = 200
    mid: int = 5
    long: int = 42
    characters: int = 1000

    def __post_init__(self) -> None:
        if min(self.short, self.mid, self.long) < 1 or self.characters < 40:
            raise InputError("a memory needs short, mid and long of at least 1, and 40 characters or more")

    @property
    def covered(self) -> int:
        """Seconds that are covered once all is full."""
        return self.short * (1 + self.mid + self.long * self.mid)


PAPER = Sizes()
CLOSED = Sizes(short=10, mid=4, long=8)  # the paper's for closed models


@dataclass(slots=True)
class Summary:
    """What happened from `start` to `end` (seconds).

    whole: a model has summed it up; else it is what was told
    tail:  what was told after that had begun
    """

    start: float
    end: float
    text: str
    whole: bool = True
    tail: str = ""


@dataclass(slots=True)
class _Job:
    """A text that is being written, and the summary it belongs to once there is one."""

    text: Future[str]
    summary: Summary | None = None


class Memory:
    """Two tiers of text; the third, what is shown, is whoever asks.

    condense: makes the text of a block of summaries
    run:      begins a job and returns its future result; tests give one that they decide
    """

    def __init__(self, sizes: Sizes, condense: Condense, run: Run = background) -> None:
        self.sizes, self.condense, self.run = sizes, condense, run
        self.mid: list[Summary] = []
        self.long: deque[Summary] = deque(maxlen=sizes.long)
        self.failures: deque[str] = deque(maxlen=32)  # why texts were not written, until somebody asks
        self._chunk: _Job | None = None  # at most one of each at a time: a thread that hangs has no second beside it
        self._block: _Job | None = None

    def prepare(self, summarise: Callable[[], str]) -> None:
        """Begin to sum up the chunk that is about to end; nothing happens while another is not done."""
        if self._chunk is None:
            self._chunk = _Job(self.run(summarise))

    def close(self, start: float, end: float, told: str, tail: str = "") -> None:
        """The chunk from `start` to `end` ended: remember its summary, or what was told in it until there is one.

        tail: what was told after the summary was begun
        """
        if len(self.mid) == self.sizes.mid:
            self._make_block()
        summary = Summary(start, end, self._cut(told), whole=False, tail=self._cut(tail, self.sizes.characters // 2))
        self.mid.append(summary)
        if self._chunk is not None and self._chunk.summary is None:
            self._chunk.summary = summary
        self._adopt()
        if len(self.mid) == self.sizes.mid and self._block is None:
            kept = tuple(self.mid)
            self._block = _Job(self.run(lambda: self.condense(kept)))

    @property
    def text(self) -> str:
        """All that is remembered, oldest first, one line per block or summary."""
        return "\n".join(f"[{each.start:g} s to {each.end:g} s] {each.text}" for each in (*self.long, *self.mid))

    @property
    def characters(self) -> int:
        """Characters that are held, which `most_characters` bounds."""
        return sum(len(each.text) + len(each.tail) for each in (*self.long, *self.mid))

    @property
    def most_characters(self) -> int:
        """The bound of `characters`, for ever."""
        return (self.sizes.mid + self.sizes.long) * self.sizes.characters * 3 // 2

    def snapshot(self) -> dict[str, Any]:
        """What is remembered, as plain values; texts that are still being written are not."""
        return {"mid": [asdict(each) for each in self.mid], "long": [asdict(each) for each in self.long]}

    def restore(self, kept: dict[str, Any]) -> None:
        """Go on from a snapshot, of other sizes too: what is too much is forgotten, oldest first."""
        every = [Summary(**row) for row in kept["mid"]]
        over = max(0, len(every) - self.sizes.mid)
        self.mid = every[over:]
        self.long = deque([*(Summary(**row) for row in kept["long"]), *every[:over]], maxlen=self.sizes.long)
        for each in (*self.mid, *self.long):
            each.text, each.tail = self._cut(each.text), ""

    def _make_block(self) -> None:
        """The summaries become a block: condensed if that is done, else shortened to its length, until it is."""
        share = max(1, self.sizes.characters // len(self.mid) - 1)
        joined = " ".join(each.text[:share] for each in self.mid)
        block = Summary(self.mid[0].start, self.mid[-1].end, self._cut(joined), whole=False)
        self.long.append(block)
        self.mid = []
        if self._block is not None and self._block.summary is None:
            self._block.summary = block
        self._adopt()

    def _adopt(self) -> None:
        """Put texts that are done where they belong."""
        self._chunk, self._block = self._placed(self._chunk), self._placed(self._block)

    def _placed(self, job: _Job | None) -> _Job | None:
        if job is None or job.summary is None or not job.text.done():
            return job
        try:
            text = job.text.result().strip()
        except Exception as error:  # whatever went wrong beside the stream does not end the stream
            self.failures.append(str(error))
            return None
        if text:
            tail = f" {job.summary.tail}" if job.summary.tail else ""
            job.summary.text = self._cut(text, self.sizes.characters - len(tail)) + tail
            job.summary.whole, job.summary.tail = True, ""
        return None

    def _cut(self, text: str, most: int | None = None) -> str:
        """One line of at most so many characters; None is what a summary may have."""
        line, most = " ".join(text.split()), self.sizes.characters if most is None else most
        return line if len(line) <= most else line[: most - 1].rstrip() + "…"
