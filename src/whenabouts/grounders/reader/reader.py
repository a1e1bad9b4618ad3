"""`Reader`: shows a language model the transcript, window by window, and keeps what the transcript bears out."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from whenabouts.errors import ModelError
from whenabouts.evidence.retrieve import Match
from whenabouts.evidence.timed_text import TimedText
from whenabouts.grounders.llm import HUB, SERVER
from whenabouts.grounders.llm.conversation import Decoding, Engine, Frames
from whenabouts.grounders.llm.engines.openai import OpenAIEngine, Usage
from whenabouts.grounders.llm.together import together
from whenabouts.grounders.reader.answers import Claim, claims
from whenabouts.grounders.reader.check import checked
from whenabouts.grounders.reader.combine import combined
from whenabouts.grounders.reader.kept import keep, kept, key_of
from whenabouts.grounders.reader.prompt import VERSION, conversation, numbered
from whenabouts.grounders.reader.reading import ReaderAnswer, Reading
from whenabouts.grounders.reader.windows import windows
from whenabouts.grounders.search.budget import Budget
from whenabouts.progress import Fraction
from whenabouts.query import ParsedQuery

__all__ = ["Reader"]

NO_FRAMES = Frames((), (), 1.0)
FEW_LINES = 8  # of fewer lines any number may be named
MOST = 0.5  # of the lines of a window; who names more has not chosen
TIMEOUT = 60.0  # seconds for one answer of a server: one window is read, and a few lines are written
CLOSING = 1.0  # seconds that a request may outlive the waiting for it, so that only the waiting ends by the budget
PATIENCE = 8  # requests in a row without a usable answer, after which no more are made


@dataclass(frozen=True)
class Reader:
    """A language model that names the lines of a transcript which answer queries.

    engine:   what answers; it is shown no frames
    window:   bytes of UTF-8 shown at a time, which grow with a model's tokens in any script: 6,000 are 1,500 tokens of
              English, more or less
    overlap:  lines that two windows share
    together: queries asked at once about a window; one that gets no usable answer so is asked once more by itself
    tokens:   the longest answer, with the thoughts of a model that thinks before it answers
    cache:    keep answers on disk, by lines, query, model and prompt. A server does not say which weights it has: after
              they change under the same name, ask without the cache.
    """

    engine: Engine
    window: int = 6_000
    overlap: int = 4
    together: int = 5
    tokens: int = 2_048
    cache: bool = True

    @classmethod
    def named(cls, name: str, *, device: str | None = None, cache: bool = True) -> Reader:
        """From `openai:URL#NAME`, or `hub:NAME_OR_FOLDER`, which is loaded on `device`.

        Raises ModelError, MissingExtra.
        """
        if name.startswith(SERVER):
            return cls(OpenAIEngine.parse(name, timeout=TIMEOUT), cache=cache)
        if name.startswith(HUB):
            from whenabouts.grounders.llm.engines.text import local_engine

            return cls(local_engine(name.removeprefix(HUB), device=device), cache=cache)
        raise ModelError(f"{name!r} is not a reader; give openai:URL#NAME or hub:NAME")

    def second_opinion(
        self,
        lines: Sequence[TimedText],
        queries: Sequence[ParsedQuery],
        matches: Sequence[Sequence[Match]],
        progress: Fraction | None = None,
        *,
        budget: Budget | None = None,
        share: float = 1.0,
    ) -> list[tuple[list[Match], tuple[str, ...]]]:
        """For each query the matches of retrieval combined with what the reader finds, and notes. Raises as `read`."""
        answers = self.read(lines, queries, budget=budget, share=share, progress=progress)
        return [(combined(of_query, each), each.notes) for of_query, each in zip(matches, answers, strict=True)]

    @property
    def usage(self) -> Usage | None:
        """Requests and tokens so far, where a server counts them."""
        return self.engine.usage if isinstance(self.engine, OpenAIEngine) else None

    @property
    def weight_bytes(self) -> int:
        """Bytes of the weights in memory; 0 for a model on a server."""
        return int(getattr(self.engine, "weight_bytes", 0))

    def read(
        self,
        lines: Sequence[TimedText],
        queries: Sequence[str | ParsedQuery],
        *,
        budget: Budget | None = None,
        share: float = 1.0,
        progress: Fraction | None = None,
    ) -> list[ReaderAnswer]:
        """For each query what the reader finds in `lines`, which are in order of time.

        Of a query that was taken apart the event is asked. Once that `share` of `budget` is spent, or no request of a
        round is answered any more, what was read until then is the answer, and its notes say so.

        Raises ModelError when nothing is answered at all, MissingExtra.
        """
        asked = [query if isinstance(query, str) else query.event for query in queries]
        if not lines or not asked:
            return [ReaderAnswer() for _ in asked]
        work = _Work(self, lines, list(dict.fromkeys(asked)), budget, share, progress)
        work.run()
        answers = {query: work.answer(number) for number, query in enumerate(work.queries)}
        return [answers[query] for query in asked]


@dataclass(frozen=True, slots=True)
class _Request:
    """Queries, by their indices, that are asked together about a window."""

    window: int
    queries: tuple[int, ...]


@dataclass(slots=True)
class _Read:
    """What was answered about a window for one query: readings, and how many claims there were and were not true."""

    readings: list[Reading]
    claims: int

    @property
    def untrue(self) -> int:
        return self.claims - len(self.readings)

    @property
    def invented(self) -> bool:
        """Whether nothing of what was claimed is true; that is not to say that there is nothing."""
        return self.claims > 0 and not self.readings


@dataclass(slots=True)
class _Work:
    """One call of `read`."""

    reader: Reader
    lines: Sequence[TimedText]
    queries: list[str]
    budget: Budget | None
    share: float
    progress: Fraction | None
    done: dict[tuple[int, int], _Read | None] = field(default_factory=dict)  # by window and query; None: not usable
    stopped: str | None = None
    heard: bool = False
    told: dict[str, None] = field(default_factory=dict)  # how the model was asked otherwise than wanted
    useless: int = 0  # requests in a row without a usable answer
    windows: list[range] = field(init=False)
    rows: list[str] = field(init=False)

    def __post_init__(self) -> None:
        texts = [line.text for line in self.lines]
        sizes = [len(numbered([text], number).encode()) + 1 for number, text in enumerate(texts, 1)]
        self.windows = windows(sizes, self.reader.window, self.reader.overlap)
        self.rows = [numbered([texts[i] for i in window], window.start + 1) for window in self.windows]

    def run(self) -> None:
        """Ask everything that is not known, several requests at the same time where the engine takes them."""
        waiting = deque(self._unknown())
        self.heard = bool(self.done)
        parallel = getattr(self.reader.engine, "parallel", 1)
        while waiting:
            if self._spent():
                return
            if self.useless >= PATIENCE:
                self.stopped = "the answers of the reader cannot be used"
                return
            now = [waiting.popleft() for _ in range(min(parallel, len(waiting)))]
            before = self._counted()
            answers = self._answers(now)
            self._pay(before)
            said = [each for each in answers if each is not None]
            for request, each in zip(now, answers, strict=True):
                waiting.extend(self._take(request, each) if each is not None else ())
            if len(said) < len(now) and self._spent():
                return
            if failure := self._failed(said):
                self.stopped = f"the reader stopped answering ({failure})"
                return
            self._tell()

    def _spent(self) -> bool:
        """Whether the budget is spent; then it is what stopped the reading."""
        limit = self.budget.spent(self.share) if self.budget else None
        if limit:
            self.stopped = f"the budget of {limit} was spent"
        return limit is not None

    def _answers(self, requests: Sequence[_Request]) -> list[str | ModelError | None]:
        """What is said to each request; None where the budget was spent before anything was."""
        left = self.budget.left(self.share) if self.budget else None
        seconds = None if left is None else left + CLOSING
        if not hasattr(self.reader.engine, "parallel"):  # a model in this process works in this thread
            return [self._ask(request, seconds) for request in requests]
        until = (
            None if left is None else time.monotonic() + left + 0.01
        )  # whatever the rounding, the budget is spent then
        return together(lambda request: self._ask(request, seconds), requests, len(requests), until=until)

    def _failed(self, said: Sequence[str | ModelError]) -> ModelError | None:
        """The error of a round in which no request was answered. Raises it if no request ever was."""
        errors = [each for each in said if isinstance(each, ModelError)]
        self.heard = self.heard or len(errors) < len(said)
        if not self.heard:
            raise errors[0]
        return errors[0] if len(errors) == len(said) else None

    def answer(self, query: int) -> ReaderAnswer:
        """What was found for one query."""
        of_query = [self.done.get((window, query)) for window in range(len(self.windows))]
        known = [each for each in of_query if each is not None]
        read = [window for window, each in zip(self.windows, of_query, strict=True) if each and not each.invented]
        shown = {i for window in read for i in window}
        unread = tuple(line for i, line in enumerate(self.lines) if i not in shown)
        return ReaderAnswer(_distinct([r for each in known for r in each.readings]), unread, self._notes(known))

    def _notes(self, known: Sequence[_Read]) -> tuple[str, ...]:
        notes = list(self.told)
        total, untrue = sum(each.claims for each in known), sum(each.untrue for each in known)
        if untrue:
            notes.append(f"{untrue} of {total} answers of the reader were not in the transcript and were left out")
        parts = f"{len(known)} of {len(self.windows)} parts of the transcript"
        if len(known) < len(self.windows):
            because = f"{self.stopped}: " if self.stopped else ""
            notes.append(f"{because}the reader gave a usable answer for {parts}")
        return tuple(notes)

    def _unknown(self) -> Iterator[_Request]:
        """Requests for what is not kept from before."""
        for window in range(len(self.windows)):
            unknown = []
            for query in range(len(self.queries)):
                found = kept(self._key(window, query)) if self.reader.cache else None
                if found is None:
                    unknown.append(query)
                else:
                    self.done[window, query] = self._believed(window, found)
            for start in range(0, len(unknown), self.reader.together):
                yield _Request(window, tuple(unknown[start : start + self.reader.together]))

    def _ask(self, request: _Request, seconds: float | None) -> str | ModelError:
        rows, first = self.rows[request.window], self.windows[request.window].start + 1
        said = conversation(rows, first, [self.queries[query] for query in request.queries])
        decoding = Decoding(self.reader.tokens, probabilities=False, seconds=seconds)
        try:
            [[reply]] = self.reader.engine.answer([said], NO_FRAMES, decoding)
        except ModelError as error:
            return error
        self.told |= dict.fromkeys(reply.notes)
        refused = reply.failure and not reply.text
        return ModelError(f"{self.reader.engine.name}: {reply.failure}") if refused else reply.text

    def _take(self, request: _Request, said: str | ModelError) -> list[_Request]:
        """Read an answer; the requests for what it leaves unanswered."""
        found = claims(said, len(request.queries)) if isinstance(said, str) else {}
        again, usable = [], False
        for number, query in enumerate(request.queries, 1):
            read = self._believed(request.window, found[number]) if number in found else None
            usable = usable or read is not None
            if read is None and isinstance(said, str) and len(request.queries) > 1:
                again.append(_Request(request.window, (query,)))
                continue
            self.done[request.window, query] = read
            if read is not None and self.reader.cache:
                keep(self._key(request.window, query), found[number])
        self.useless = 0 if usable else self.useless + 1
        return again

    def _believed(self, window: int, found: Sequence[Claim]) -> _Read | None:
        """What is true of some claims; None where they name most lines, for then nothing is said by them."""
        shown = self.windows[window]
        readings = [reading for claim in found if (reading := checked(claim, self.lines, shown))]
        named = len({line for reading in readings for line in reading.lines})
        return None if len(shown) >= FEW_LINES and named > MOST * len(shown) else _Read(readings, len(found))

    def _key(self, window: int, query: int) -> str:
        engine = self.reader.engine
        return key_of(VERSION, engine.name, engine.identity, self.rows[window], self.queries[query])

    def _counted(self) -> tuple[int, int]:
        usage = self.reader.usage
        return (usage.prompt_tokens, usage.completion_tokens) if usage else (0, 0)

    def _pay(self, before: tuple[int, int]) -> None:
        if self.budget:
            read, written = self._counted()
            self.budget.read += read - before[0]
            self.budget.written += written - before[1]

    def _tell(self) -> None:
        if self.progress:
            self.progress(len(self.done) / (len(self.windows) * len(self.queries)))


def _distinct(readings: Sequence[Reading]) -> tuple[Reading, ...]:
    """In order of time, without those whose lines another has too, as from the window before."""
    distinct: list[Reading] = []
    for reading in sorted(readings, key=lambda one: -len(one.lines)):
        if not any(set(reading.lines) <= set(other.lines) for other in distinct):
            distinct.append(reading)
    return tuple(sorted(distinct, key=lambda one: (one.start, one.end)))
