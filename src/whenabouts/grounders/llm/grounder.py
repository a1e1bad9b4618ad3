"""A video-language model as a grounder: show frames, ask, read the answer, and never invent an interval."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from whenabouts.errors import ModelError
from whenabouts.grounders.grounder import BaseGrounder, Grounder
from whenabouts.grounders.llm import HUB, SERVER
from whenabouts.grounders.llm.asked import asked
from whenabouts.grounders.llm.conversation import Decoding, Engine, Frames
from whenabouts.grounders.llm.engines.openai import OpenAIEngine, Usage
from whenabouts.grounders.llm.long import SHORTLIST, Stretch, stretches
from whenabouts.grounders.llm.paper import Paper
from whenabouts.grounders.llm.papers import PAPERS
from whenabouts.grounders.llm.reading import SampledAnswer, prediction
from whenabouts.grounders.llm.recognition import paper_for, paper_of_run
from whenabouts.grounders.llm.sampling import PAIR
from whenabouts.grounders.llm.shown import shown
from whenabouts.prediction import Prediction
from whenabouts.video import Video

__all__ = ["VideoLLM"]

SAMPLING_TEMPERATURE = 0.7  # if several answers are requested and the paper decodes greedily
QUANTISED = ("8bit", "4bit")


@dataclass
class VideoLLM(BaseGrounder):
    """The grounder behind `find --model openai:URL#NAME`, `hub:NAME`, folders of models and names of papers.

    model:     one of these, or an engine
    prompting: the paper whose prompt and sampling are used, a name in `PAPERS`; None goes by the model's name
    frames:    at most so many are shown; None is as many as the paper's authors show, or as a server takes
    fps:       frames per second; None is the authors' rate
    samples:   answers requested per query: with several, their consensus counts, a moment's score is the share of
               answers that name it, and presence the share that name any
    long:      what is done with videos longer than one question covers: a name in `long.PLANS`; None is the paper's
    send:      what a server is sent: `frames`, or `video`
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
        paper, engine = self.paper, self.engine
        self._end = None if self.seconds is None else time.monotonic() + self.seconds
        plan = self.long or paper.long

        def coarse(some: Sequence[str], clip: float) -> list[str]:
            return self._coarse(video, paper, some, clip)

        chosen = stretches(plan, video, queries, paper.longest, coarse, self._most(paper), lambda: self._retriever)
        read: list[list[SampledAnswer]] = [[SampledAnswer() for _ in range(self.samples)] for _ in queries]
        every = sorted(dict.fromkeys(stretch for of_one in chosen for stretch in of_one))
        decoding = Decoding(paper.tokens, self._temperature(paper), self.samples, paper.prompting.opens_turn)
        asking = self.stage("asking")
        for number, stretch in enumerate(every, 1):
            about = [i for i, of_one in enumerate(chosen) if stretch in of_one]
            frames = self._frames(video, paper, stretch)
            conversations = [
                paper.prompting.conversation(queries[i], frames.times, stamped=engine.stamped) for i in about
            ]
            for i, replies in zip(about, engine.answer(conversations, frames, self._now(decoding)), strict=True):
                for sample, reply in zip(read[i], replies, strict=True):
                    sample.add(stretch, reply, frames.fps)
            if asking:
                asking(number / len(every))
        settings: dict[str, Any] = asked(paper, decoding, stamped=engine.stamped) | {"samples": self.samples}
        settings |= {} if self.frames is None else {"frames": self.frames}
        settings |= {} if self.fps is None else {"fps": self.fps}
        settings |= {"long": plan} if len(every) > 1 else {}
        settings |= {"quantised": self.quantised} if self.quantised else {}
        receipt = self.receipt(video, {engine.name: engine.identity}, **settings)
        return [prediction(query, samples, video, receipt) for query, samples in zip(queries, read, strict=True)]

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
        paper = PAPERS.named(chosen)
        if paper.status in {"system", "head", "closed"}:
            raise ModelError(
                f"{paper.title} does not answer in words, so it cannot be prompted; see `whenabouts models`"
            )
        if name == chosen and (paper.status != "prompt" or not paper.checkpoints):
            raise ModelError(f"{paper.title} has no checkpoint that loads here; give --model and --prompting {chosen}")
        return paper

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

    def _temperature(self, paper: Paper) -> float:
        return paper.temperature or (SAMPLING_TEMPERATURE if self.samples > 1 else 0.0)

    def _frames(self, video: Video, paper: Paper, stretch: Stretch) -> Frames:
        """What the paper shows of a stretch."""
        return shown(video, paper.sampling, stretch, fps=self.fps, frames=self.frames)

    def _most(self, paper: Paper) -> int:
        return self.frames or paper.sampling.max_frames

    def _coarse(self, video: Video, paper: Paper, queries: Sequence[str], clip: float) -> list[str]:
        """Answers about the whole video, shown in clips of so many seconds."""
        clips = max(1, int(np.ceil(video.duration / clip)))
        each = max(PAIR, self._most(paper) // clips // PAIR * PAIR)
        frames = shown(video, paper.sampling, frames=clips * each)
        conversations = [paper.prompting.coarse_conversation(query, frames.times, each) for query in queries]
        decoding = Decoding(paper.tokens, 0.0, 1, paper.prompting.opens_turn)
        return [replies[0].text for replies in self.engine.answer(conversations, frames, self._now(decoding))]

    def _now(self, decoding: Decoding) -> Decoding:
        """With the time that is left."""
        return decoding if self._end is None else replace(decoding, seconds=max(0.0, self._end - time.monotonic()))
