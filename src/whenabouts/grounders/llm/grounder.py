"""A video-language model as a grounder: show frames, ask, read the answer, and never invent an interval."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any, ClassVar

from whenabouts.errors import ModelError
from whenabouts.grounders.grounder import Grounder
from whenabouts.grounders.llm import HUB, SERVER
from whenabouts.grounders.llm.asked import asked
from whenabouts.grounders.llm.asking import APART, Seen, ask_within_limit, stamped
from whenabouts.grounders.llm.choosing import Choosing, Chosen, chosen
from whenabouts.grounders.llm.conversation import Conversation, Decoding, Engine, Frames, Reply
from whenabouts.grounders.llm.engines.openai import OpenAIEngine, Usage
from whenabouts.grounders.llm.limit import Limit
from whenabouts.grounders.llm.long import SHORTLIST, Stretch, stretches
from whenabouts.grounders.llm.paper import Paper
from whenabouts.grounders.llm.papers import PAPERS
from whenabouts.grounders.llm.reading import SampledAnswer, prediction
from whenabouts.grounders.llm.recognition import paper_for, paper_of_run, promptable, recognised
from whenabouts.grounders.llm.sampling import PAIR
from whenabouts.grounders.llm.shown import shown, shown_coarsely
from whenabouts.grounders.llm.so_far import HeardAt, SoFar
from whenabouts.prediction import Prediction
from whenabouts.selection import Selector
from whenabouts.video import Video

__all__ = ["VideoLLM"]

SAMPLING_TEMPERATURE = 0.7  # if several answers are requested and the paper decodes greedily
QUANTISED = ("8bit", "4bit")


@dataclass
class VideoLLM(Choosing):
    """The grounder behind `find --model openai:URL#NAME`, `hub:NAME`, folders of models and names of papers.

    model:     one of these, or an engine
    prompting: the paper whose prompt and sampling are used, a name in `PAPERS`; None goes by the model's name
    frames:    at most so many are shown; None is as many as the paper's authors show, or as a server takes
    fps:       frames per second; None is the authors' rate
    samples:   answers requested per query: with several, their consensus counts, a moment's score is the share of
               answers that name it, and presence the share that name any
    long:      what is done with videos longer than one question covers: a name in `long.PLANS`; None is the paper's
    send:      what a server is sent: `frames`, or `video`
    select:    what chooses the frames for each query: a name for `selection.load_selector`, or a selector. There are as
               many as the paper shows, each after its time; None leaves the choice to the paper's own rule
    quantised: `8bit` or `4bit`, of a model on this machine
    timeout:   seconds that a server may take for one answer; None is the engine's default
    seconds:   what a server may take for all answers of one call, as a search has them left of its budget; queries
               that have none by then fail

    The engine is made when it is first needed and kept. An answer that cannot be read gives a prediction without
    moments whose `failure` says why; `said` keeps the words. An answer that the query does not happen has presence 0.
    Subtitles and text on screen are never put into the prompt.
    """

    name: ClassVar[str] = "video-llm"
    whole = True
    weights: ClassVar[tuple[str, ...]] = ("model", "quantised", "device", "send", "timeout")

    model: str | Engine
    prompting: str | None = None
    frames: int | None = None
    fps: float | None = None
    samples: int = 1
    long: str | None = None
    send: str = "frames"
    quantised: str | None = None
    timeout: float | None = None
    seconds: float | None = None
    _end: float | None = field(default=None, init=False, repr=False, compare=False)

    def answer(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
        """One prediction per query. Raises VideoError, ModelError, MissingExtra."""
        paper, engine, seen = self.paper, self.engine, Seen()
        self._check_select(paper)
        self._end = None if self.seconds is None else time.monotonic() + self.seconds
        plan = self.long or paper.long

        def coarse(some: Sequence[str]) -> tuple[list[str], list[float]]:
            return self._coarse(video, paper, some, seen)

        about_each = stretches(plan, video, queries, paper.longest, coarse, lambda: self._retriever)
        read: list[list[SampledAnswer]] = [[SampledAnswer() for _ in range(self.samples)] for _ in queries]
        every = sorted(dict.fromkeys(stretch for of_one in about_each for stretch in of_one))
        asking, so_far = self.stage("asking"), SoFar(video, queries, read, self.tell, sets=paper.sets)
        for number, stretch in enumerate(every, 1):
            about = [i for i, of_one in enumerate(about_each) if stretch in of_one]
            clock = (0.0, video.duration) if paper.prompting.absolute else stretch
            last = [about_each[i][-1] == stretch for i in about]
            heard = None if self.early is None else partial(so_far.hear, about, last, clock)
            replies = self._finely(video, paper, stretch, [queries[i] for i in about], seen, heard)
            for i, (of_one, fps) in zip(about, replies, strict=True):
                for sample, reply in zip(read[i], of_one, strict=True):
                    sample.add(clock, reply, fps)
            if asking:
                asking(number / len(every))
        long = {"long": plan} if video.duration > paper.longest else {}
        models = {engine.name: engine.identity} | seen.models
        receipt = self.receipt(video, models, **self._settings(paper, seen), **long)
        found = [
            prediction(query, samples, video, receipt, sets=paper.sets, notes=[*self._doubts(), *seen.noted(query)])
            for query, samples in zip(queries, read, strict=True)
        ]
        return [self._told_whole(each) for each in found] if paper.sets else found

    @cached_property
    def engine(self) -> Engine:
        """What answers, made when it is first needed. Raises ModelError, MissingExtra."""
        model = self.model
        if not isinstance(model, str):
            return model
        if model.startswith(SERVER):
            waiting = {} if self.timeout is None else {"timeout": self.timeout}
            return OpenAIEngine.parse(model, send=self.send, **waiting)
        from whenabouts.grounders.llm.engines.transformers import TransformersEngine

        if self.quantised not in {None, *QUANTISED}:
            raise ModelError(f"weights are quantised to {' or '.join(QUANTISED)}, not {self.quantised!r}")
        if model in PAPERS:
            model = PAPERS[model].checkpoints[0]
        return TransformersEngine(model.removeprefix(HUB), device=self.device, quantised=self.quantised)

    @property
    def paper(self) -> Paper:
        """The paper whose prompt and sampling are used. Raises ModelError if it cannot be prompted."""
        name = self.model if isinstance(self.model, str) else self.model.name
        if self.prompting is None and name not in PAPERS:
            return paper_of_run(Path(name)) or paper_for(name)
        chosen = self.prompting or name
        paper = promptable(PAPERS.named(chosen))
        if name == chosen and (paper.status != "prompt" or not paper.checkpoints):
            raise ModelError(f"{paper.title} has no checkpoint that loads here; give --model and --prompting {chosen}")
        return paper

    def _told_whole(self, answer: Prediction) -> Prediction:
        """With a note where `top` leaves out a part of an answer that is a set of intervals."""
        count = len(answer.moments)
        note = f"the answer names {count} intervals, of which {self.top} are kept; ask for more of them with top"
        return replace(answer, notes=(*answer.notes, note)) if count > self.top else answer

    def _doubts(self) -> list[str]:
        """What is to be told where no paper is known to fit the model."""
        name = self.model if isinstance(self.model, str) else self.model.name
        known = self.prompting is not None or name in PAPERS or paper_of_run(Path(name)) or recognised(name)
        return [] if known else [f"no paper is known to fit the model, so it was asked as {self.paper.title} is"]

    def _settings(self, paper: Paper, seen: Seen) -> dict[str, Any]:
        """How the model was asked, for the receipt."""
        decoding, engine = self._decoding(paper), self.engine
        stamped = seen.stamped or (paper.prompting.stamps == "none" and engine.stamped)  # a server may refuse a video
        written = {"stamped": stamped, "paired": self._paired, "apart": self.select is not None}
        settings = asked(paper, decoding, **written) | {"samples": self.samples}
        if isinstance(engine, OpenAIEngine):
            settings["decoding"] |= engine.drawn_otherwise(decoding)
        return settings | seen.settings | ({"quantised": self.quantised} if self.quantised else {})

    def _decoding(self, paper: Paper) -> Decoding:
        temperature = paper.temperature or (SAMPLING_TEMPERATURE if self.samples > 1 else 0.0)
        left = None if self._end is None else max(0.0, self._end - time.monotonic())
        return Decoding(paper.tokens, temperature, self.samples, paper.prompting.opens_turn, seconds=left)

    @property
    def usage(self) -> Usage | None:
        """Requests and tokens so far, where a server counts them."""
        engine = self.__dict__.get("engine")
        return engine.usage if isinstance(engine, OpenAIEngine) else None

    @property
    def weight_bytes(self) -> int:
        """Bytes of the weights that are loaded: 0 before the first question, and for a model on a server."""
        return int(getattr(self.__dict__.get("engine"), "weight_bytes", 0))

    @cached_property
    def _retriever(self) -> Grounder:
        """What shortlists the windows of a long video."""
        from whenabouts.grounders.similarity import Similarity

        return Similarity(top=SHORTLIST, cache=self.cache)

    def _check_select(self, paper: Paper) -> None:
        """Raises ModelError where chosen frames would be shown under wrong times, or the selector cannot be made."""
        if self.selector is None:
            return
        if getattr(self.engine, "send", "") == "video":
            raise ModelError(
                "a video keeps the times of even frames only, not of chosen ones; leave send or select out"
            )
        if paper.prompting.stamps == "even":
            raise ModelError(f"the prompt of {paper.title} says that frames are evenly spread; leave select out")

    def _finely(
        self,
        video: Video,
        paper: Paper,
        stretch: Stretch,
        queries: Sequence[str],
        seen: Seen,
        heard: HeardAt | None,
    ) -> list[tuple[list[Reply], float | None]]:
        """Replies to each query about a stretch, and the rate of the frames that were shown; None of chosen ones."""
        start, end = stretch
        begin = start if paper.prompting.absolute else 0.0

        def show(most: int | None) -> tuple[list[Conversation], Frames]:
            frames = shown(video, paper.sampling, stretch, fps=self.fps, frames=most)
            written = stamped(paper.prompting, self.engine, frames, seen)
            times = [begin + time for time in frames.times]
            ask = partial(paper.prompting.conversation, duration=end - start, stamped=written, paired=self._paired)
            return [ask(query, times) for query in queries], frames

        if (selector := self.selector) is not None:
            found: list[list[Reply]] = []
            while len(found) < len(queries):
                for of_one in self._about_chosen(selector, video, paper, stretch, queries[len(found) :], seen):
                    if heard is not None:
                        heard(len(found), of_one, None)
                    found.append(of_one)
            return [(each, None) for each in found]
        told = None if heard is None else lambda number, of_one, frames: heard(number, of_one, frames.fps)
        replies, frames = ask_within_limit(show, self.engine, self.frames, self._decoding(paper), seen, told)
        return [(each, frames.fps) for each in replies]

    def _about_chosen(
        self, selector: Selector, video: Video, paper: Paper, stretch: Stretch, queries: Sequence[str], seen: Seen
    ) -> list[list[Reply]]:
        """Replies to the first query about frames chosen for it; to all, if the selector does not look at queries."""
        start, end = stretch
        begin = start if paper.prompting.absolute else 0.0
        merged = self._paired
        made: list[Chosen] = []

        def show(most: int | None) -> tuple[list[Conversation], Frames]:
            one = chosen(selector, video, paper.sampling, queries[0], stretch, fps=self.fps, frames=most, merged=merged)
            made[:] = [one]
            times = [begin + time for time in one.frames.times]
            asked_now = queries[:1] if one.selection.scores else queries
            ask = paper.prompting.conversation
            return [ask(query, times, duration=end - start, apart=True) for query in asked_now], one.frames

        replies, _ = ask_within_limit(show, self.engine, self.frames, self._decoding(paper), seen)
        for query in queries[: len(replies)]:
            seen.selections.setdefault(query, []).append(made[0].selection)
        if merged:
            seen.tell(APART)
        limit: Limit = getattr(self.engine, "limit", seen.limit)
        if limit.most is not None and limit.most < (self.frames or math.inf) and made[0].budget > limit.most - PAIR:
            seen.tell(limit.told(len(made[0].frames.times)))
        return replies

    @property
    def _paired(self) -> bool:
        """Whether the engine merges two frames that stand side by side."""
        return bool(getattr(self.engine, "merges", False))

    def _coarse(self, video: Video, paper: Paper, queries: Sequence[str], seen: Seen) -> tuple[list[str], list[float]]:
        """Answers about the whole video, shown in clips of some 32 s, and the times of the clips."""
        stamps: list[float] = []

        def show(most: int | None) -> tuple[list[Conversation], Frames]:
            frames, clip, stamps[:] = shown_coarsely(video, paper.sampling, fps=self.fps, frames=most)
            ask = paper.prompting.coarse_conversation
            return [ask(query, len(frames.times), clip, stamps) for query in queries], frames

        decoding = replace(self._decoding(paper), temperature=0.0, samples=1)
        replies, _ = ask_within_limit(show, self.engine, self.frames, decoding, seen)
        return ["" if reply.failure else reply.text for [reply] in replies], stamps
