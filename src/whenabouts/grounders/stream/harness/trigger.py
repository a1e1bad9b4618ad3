"""The harness as an online grounder: a model that was not trained for it judges every second of a stream.

All standing queries are asked in one conversation, so that twenty cost little more than one. The model answers with
silence, or says which events start and end in the second that it was just shown.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from functools import cached_property
from threading import Lock
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import InputError, ModelError
from whenabouts.grounders.llm.conversation import Conversation, Decoding, Engine, Frames, Reply, TooManyFrames, Turn
from whenabouts.grounders.llm.engines.openai import OpenAIEngine
from whenabouts.grounders.llm.grounder import VideoLLM
from whenabouts.grounders.stream.event import Event
from whenabouts.grounders.stream.harness import prompts
from whenabouts.grounders.stream.harness.background import Run, background
from whenabouts.grounders.stream.harness.layout import Chunk
from whenabouts.grounders.stream.harness.memory import PAPER, Memory, Sizes, Summary
from whenabouts.grounders.stream.harness.units import RESPONSE, SILENCE, Change, changes, mark, plain, silent, spoken
from whenabouts.grounders.stream.online import OnlineGrounder
from whenabouts.grounders.stream.pictures import check, scaled

__all__ = ["Harness"]

MOST_FAILURES = 32  # that wait to be asked for
NO_FRAMES = Frames((), (), 1.0)
CHARS_PER_TOKEN = 3


class Harness(OnlineGrounder):
    """Asks a vision-language model about every second, with what it remembers of the hours before.

    model:   openai:URL#NAME, hub:NAME, a folder of a model, or an engine
    short:   seconds that are shown as pictures, before they become text     mid, long, characters: see `Sizes`
    fps:     pictures per second        pixels: of one picture at most, the paper's in training
    lead:    seconds before the end of a chunk when its summary is begun; None is a tenth of it (ours)
    tokens:  longest answer             timeout: seconds that a server may take for one; then the second is silent
    run:     begins a job in the background

    The paper's sizes for closed models are `memory.CLOSED`. A server that takes fewer pictures at once makes `short` as
    small as it needs. An answer that cannot be read counts as silence, in `unreadable`. Where a server fails, open
    moments stay open and `failures` says why; before the first answer the failure is raised. A model on this machine is
    used by one thread at a time, so that there the second after a summary was begun waits for it.

    Raises InputError, ModelError.
    """

    name: ClassVar[str] = "harness"

    def __init__(
        self,
        model: str | Engine,
        *,
        short: int = PAPER.short,
        mid: int = PAPER.mid,
        long: int = PAPER.long,
        characters: int = PAPER.characters,
        fps: float = 1.0,
        pixels: int = 131_072,
        lead: int | None = None,
        tokens: int = 64,
        timeout: float = 30.0,
        run: Run = background,
    ) -> None:
        super().__init__()
        self.sizes = Sizes(short, mid, long, characters)
        if not (1 <= fps < math.inf and pixels >= 1 and tokens >= 1 and 0 < timeout < math.inf):
            raise InputError("a harness needs fps, pixels and tokens of at least 1, and a timeout above 0")
        self.model = model if isinstance(model, str) else model.name
        self._source = VideoLLM(model)
        self.fps, self.pixels, self.tokens, self.timeout = fps, pixels, tokens, timeout
        self.lead = max(1, short // 10) if lead is None else lead
        self.memory = Memory(self.sizes, self._condense, run)
        self.unreadable = 0  # answers so far
        self._short = short
        self._numbers: dict[str, int] = {}
        self._count = 0
        self._chunk: Chunk | None = None
        self._told: list[tuple[int, str]] = []  # in this chunk, by second
        self._prepared: int | None = None  # the first second that the summary of this chunk does not know
        self._words: list[str] = []  # for the next second
        self._now = -math.inf
        self._pictures: list[tuple[float, NDArray[np.uint8]]] = []  # of the second that is not asked about yet
        self._asked = -1  # the last second that was asked about
        self._answered = self._was_unreadable = False
        self._failures: deque[str] = deque(maxlen=MOST_FAILURES)

    def added(self, query: str) -> None:
        """Ask for it from the next second on."""
        self._count += 1
        self._numbers[query] = self._count
        self._words.append(prompts.asked(self._count, query))

    def removed(self, query: str) -> None:
        """Say that it is not asked for any more."""
        self._words.append(prompts.withdrawn(self._numbers.pop(query)))

    def push(self, frame: NDArray[Any], t: float) -> list[Event]:
        """Take a picture; a second is asked about once it has `fps` of them, or is over.

        Raises InputError, ModelError.
        """
        check(frame, t, self._now)
        self._now, second = t, _cell(t, 1)
        over = bool(self._pictures) and second > _cell(self._pictures[0][0], 1)
        events = self._ask() if over else []
        if second <= self._asked or (self._pictures and _cell(t, self.fps) == _cell(self._pictures[-1][0], self.fps)):
            return events
        self._pictures.append((t, scaled(frame, math.sqrt(self.pixels / (frame.shape[0] * frame.shape[1])))))
        if len(self._pictures) >= self.fps:
            events += self._ask()
        return events

    def lost(self, since: float, until: float) -> list[Event]:
        """Ask about what there was, end what goes on unseen, and begin a new chunk after it."""
        events = [*(self._ask() if self._pictures else []), *super().lost(since, until)]
        self._close()
        return events

    @property
    def answered(self) -> bool:
        """Whether the model answered once; until then its failure is raised, and ends a watch."""
        return self._answered

    def failures(self) -> list[str]:
        """What went wrong since this was asked last."""
        told = list(dict.fromkeys([*self._failures, *(_unsummed(why) for why in self.memory.failures)]))
        self._failures.clear()
        self.memory.failures.clear()
        return told

    def snapshot(self) -> dict[str, Any]:
        """Queries, open moments and all that is remembered in words; of the chunk that is shown, what was told."""
        memory = self.memory.snapshot()
        if self._chunk is not None:
            memory["mid"].append(asdict(Summary(self._chunk.start, self._chunk.end, self._telling(0), whole=False)))
        return super().snapshot() | {"memory": memory, "numbers": dict(self._numbers), "count": self._count}

    def restore(self, kept: dict[str, Any]) -> None:
        """Go on from a snapshot, with a new chunk."""
        super().restore(kept)
        self._numbers, self._count = {q: int(n) for q, n in kept["numbers"].items()}, int(kept["count"])
        self.memory.restore(kept["memory"])

    @property
    def resident_bytes(self) -> int:
        """Bytes of the pictures that are held and of all text."""
        waiting = sum(image.nbytes for _, image in self._pictures)
        return waiting + len(self.memory.text.encode()) + (self._chunk.nbytes if self._chunk else 0)

    @property
    def models(self) -> dict[str, str]:
        """The model by name, with what identifies its weights, once it has answered."""
        return {self.engine.name: self.engine.identity} if self._answered else {}

    def settings(self) -> dict[str, Any]:
        """The model, the sizes of the memory, and what a picture and an answer may be."""
        sizes = {name: getattr(self.sizes, name) for name in ("short", "mid", "long", "characters")}
        asked = {"pixels": self.pixels, "lead": self.lead, "tokens": self.tokens, "timeout": self.timeout}
        return super().settings() | {"model": self.model} | sizes | asked

    @property
    def engine(self) -> Engine:
        """What answers, made when it is first needed. Raises ModelError, MissingExtra."""
        return self._source.engine

    @cached_property
    def _alone(self) -> AbstractContextManager[Any]:
        """Held while a model on this machine answers: two threads at once would change each other's settings."""
        return nullcontext() if isinstance(self.engine, OpenAIEngine) else Lock()

    def _ask(self) -> list[Event]:
        """Show the second that is complete, and read the answer."""
        pictures, self._pictures = self._pictures, []
        second = self._asked = _cell(pictures[0][0], 1)
        if not self._queries:
            return []
        reply = self._reply(second, [t for t, _ in pictures], [image for _, image in pictures])
        assert self._chunk is not None
        if reply is None:
            self._chunk.answer(SILENCE)
            return []
        found = self._read(reply.text, second)
        self._chunk.answer(f"{RESPONSE} {spoken(reply.text)}" if found else SILENCE)
        events = [event for each in found for event in self._event(each, second, pictures[0][0], reply)]
        if self._prepared is None and self._chunk.end >= self._chunk.start + self._short - self.lead:
            self._prepare()
        return events

    def _reply(self, second: int, times: Sequence[float], images: Sequence[NDArray[np.uint8]]) -> Reply | None:
        """The answer to a second, None where there is none; a chunk that is full ends before it."""
        if self._chunk is not None and second >= self._chunk.start + self._short:
            self._close()
        while True:
            chunk = self._chunk or self._open(second)
            chunk.show(second, times, images, self._words)
            try:
                reply = self._answer(chunk.conversation, chunk.frames, self.tokens)
            except TooManyFrames as error:
                if chunk.seconds == 1:
                    raise
                most = min(chunk.pictures - 1, error.limit or chunk.pictures // 2)
                self._short = max(1, min(self._short - 1, int(most // self.fps)))
                self._failures.append(f"{self.model} takes fewer pictures at once, so {self._short} s are shown")
                chunk.take_back()
                self._close()
                continue
            except ModelError as error:
                if not self._answered:
                    raise
                self._failures.append(str(error))
                reply = None
            self._words = []
            if reply is not None and reply.failure:
                self._failures.append(f"the answer to {mark(second)} failed: {reply.failure}")
                reply = None
            self._answered = self._answered or reply is not None
            return reply

    def _answer(self, conversation: Conversation, frames: Frames, tokens: int) -> Reply:
        with self._alone:
            [[reply]] = self.engine.answer([conversation], frames, Decoding(tokens, seconds=self.timeout))
        return reply

    def _read(self, text: str, second: int) -> list[Change]:
        """What an answer says; nothing where it is silence, or cannot be read, which is counted."""
        if silent(text):
            self._was_unreadable = False
            return []
        found = changes(spoken(text) or "")
        known = set(self._numbers.values())
        if found and all(each.number in known for each in found):
            self._was_unreadable = False
            return found
        self.unreadable += 1
        if not self._was_unreadable:  # of a run of them the first is told of
            self._failures.append(f"the answer to {mark(second)} cannot be read and counts as silence: {text[:80]!r}")
        self._was_unreadable = True
        return []

    def _event(self, change: Change, second: int, t: float, reply: Reply) -> list[Event]:
        """The event of a change; nothing where a start or an end is said again."""
        query = next(query for query, number in self._numbers.items() if number == change.number)
        opened = self.ledger.open(query)
        if change.starts == bool(opened):
            return []
        self._told.append((second, f"at {second} s {query!r} {'starts' if change.starts else 'ends'}"))
        if change.starts:
            return [self.ledger.start(query, t, _sure(reply), self._now)[1]]
        end = t if t > opened[0].start else t + 1 / self.fps  # both in one second: that picture is all of it
        return [self.ledger.end(opened[0], end, self._now)]

    def _open(self, second: int) -> Chunk:
        """A new chunk, which begins with all that is remembered."""
        going_on = {query: opened[0].start for query in self._queries if (opened := self.ledger.open(query))}
        events = [prompts.asked(number, query, going_on.get(query)) for query, number in self._numbers.items()]
        self._words, self._told, self._prepared = [], [], None
        self._chunk = Chunk(prompts.SYSTEM, prompts.opening(self.memory.text, events), second, self.fps)
        return self._chunk

    def _prepare(self) -> None:
        """Begin to sum up the chunk as it is now."""
        chunk = self._chunk
        assert chunk is not None
        question = prompts.SUMMARISE.format(self.sizes.characters)
        self._prepared = chunk.end
        self.memory.prepare(self._writing(chunk.asking(question), chunk.frames))

    def _close(self) -> None:
        """The chunk ends; what it showed is remembered in words from now on."""
        chunk = self._chunk
        if chunk is None:
            return
        if self._prepared is None and chunk.seconds and self._answered:
            self._prepare()
        self.memory.close(chunk.start, chunk.end, self._telling(0), self._telling(self._prepared or 0))
        self._chunk, self._told, self._prepared = None, [], None

    def _telling(self, since: int) -> str:
        """What was told in this chunk from a second on."""
        said = "; ".join(text for second, text in self._told if second >= since)
        return said or ("nothing was told" if not since else "")

    def _condense(self, summaries: Sequence[Summary]) -> str:
        notes = "\n".join(f"[{each.start:g} s to {each.end:g} s] {each.text}" for each in summaries)
        question = prompts.CONDENSE.format(notes, self.sizes.characters)
        return self._writing((Turn("user", (question,)),), NO_FRAMES)()

    def _writing(self, conversation: Conversation, frames: Frames) -> Callable[[], str]:
        """A job that has the model write a text. It raises ModelError."""

        def write() -> str:
            reply = self._answer(conversation, frames, self.sizes.characters // CHARS_PER_TOKEN)
            if reply.failure:
                raise ModelError(reply.failure)
            if not (text := plain(reply.text)):
                raise ModelError(f"the answer has no words: {reply.text[:80]!r}")
            return text

        return write


def _cell(t: float, fps: float) -> int:
    return math.floor(t * fps + 1e-6)


def _sure(reply: Reply) -> float:
    """The probability of the control word with which a reply begins; 1 where the model gives no probabilities."""
    total, text = 0.0, ""
    for token, value in zip(reply.tokens, reply.logprobs, strict=True):
        text, total = text + token, total + value
        if ">" in text:
            break
    return min(1.0, math.exp(total))


def _unsummed(why: str) -> str:
    return f"a summary was not written, so what was told stands in its place: {why}"
