"""A video-language model as a grounder: show frames, ask, read the answer, and never invent an interval."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from whenabouts import __version__
from whenabouts.errors import ModelError, QueryError
from whenabouts.grounders.llm.consensus import consensus
from whenabouts.grounders.llm.openai import PREFIX, OpenAIEngine
from whenabouts.grounders.llm.protocol import Conversation
from whenabouts.grounders.llm.protocol import Protocol as System
from whenabouts.grounders.llm.systems import SYSTEMS, system_for, system_of_run
from whenabouts.moment import Evidence, Moment, nms
from whenabouts.prediction import Prediction, Receipt
from whenabouts.rewards.parse import Answer, read
from whenabouts.video import Video

__all__ = ["Engine", "VideoLLM"]

Watch = Callable[[str, float], None]
WARM = 0.7  # temperature where several answers are asked for and the protocol is greedy
HUB = "hub:"
OVERLAP = 0.5  # of a window with the one before


class Engine(Protocol):
    """Sends conversations about frames and returns what was said."""

    stamped: bool

    @property
    def name(self) -> str:
        """What answers."""
        ...

    @property
    def identity(self) -> str:
        """What is known of its weights, best a sha256."""
        ...

    def answer(
        self,
        conversations: Sequence[Conversation],
        images: Sequence[NDArray[np.uint8]],
        *,
        tokens: int,
        temperature: float,
        samples: int = 1,
    ) -> list[list[str]]:
        """`samples` answers to each conversation, all about the same frames (H, W, 3) uint8."""
        ...


@dataclass(frozen=True, slots=True)
class VideoLLM:
    """The grounder behind `find --model openai:URL#NAME`, `hub:NAME` and folders of models.

    model:    one of these, or an engine        system: a name in `SYSTEMS`; None goes by the model's name
    frames:   at most so many are shown, whatever the system would show; servers limit them
    samples:  answers asked for per query: with several, their consensus counts, a moment's score is the share of
              answers that tell of it, and presence the share that tell of any
    top, threshold, progress: as for `Similarity`

    An answer that cannot be read gives a prediction without moments whose `failure` says why; `said` keeps the words.
    An answer that the query does not happen has presence 0. Subtitles and text on screen are never put into the prompt.
    """

    model: str | Engine
    system: str | None = None
    frames: int = 64
    samples: int = 1
    top: int = 5
    threshold: float = 0.0
    cache: bool = True
    progress: Watch | None = field(default=None, repr=False)

    def ground(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
        """One prediction per query. Raises VideoError, QueryError, ModelError, MissingExtra."""
        if any(not query.strip() for query in queries):
            raise QueryError("a query is empty; say in a few words what to look for")
        engine, system = self._engine(), self._system()
        windows = _windows(video.duration, system.longest)
        said: list[list[list[tuple[float, float, str]]]] = [[[] for _ in range(self.samples)] for _ in queries]
        for number, (start, end) in enumerate(windows):
            times, images = self._shown(video, system, start, end)
            relative = [t - start for t in times]
            asked = [system.conversation(q, relative, stamped=engine.stamped) for q in queries]
            temperature = system.temperature or (WARM if self.samples > 1 else 0.0)
            found = engine.answer(asked, images, tokens=system.tokens, temperature=temperature, samples=self.samples)
            for query, texts in enumerate(found):
                for sample, text in enumerate(texts):
                    said[query][sample].append((start, end, text))
            if self.progress:
                self.progress("asking", (number + 1) / len(windows))
        settings: dict[str, Any] = {"system": system.name, "frames": self.frames, "samples": self.samples}
        receipt = Receipt(__version__, "video-llm", video.sha256, {engine.name: engine.identity}, settings)
        return [self._prediction(query, answers, video, receipt) for query, answers in zip(queries, said, strict=True)]

    def _engine(self) -> Engine:
        if not isinstance(self.model, str):
            return self.model
        if self.model.startswith(PREFIX):
            return OpenAIEngine.named(self.model)
        from whenabouts.grounders.llm.transformers import TransformersEngine

        return TransformersEngine(self.model.removeprefix(HUB))

    def _system(self) -> System:
        if self.system is None:
            name = self.model if isinstance(self.model, str) else self.model.name
            return system_of_run(Path(name)) or system_for(name)
        if self.system not in SYSTEMS:
            raise ModelError(f"there is no system {self.system!r}; choose one of: {', '.join(SYSTEMS)}")
        return SYSTEMS[self.system]

    def _shown(
        self, video: Video, system: System, start: float, end: float
    ) -> tuple[list[float], list[NDArray[np.uint8]]]:
        """Times on the video's clock and pictures; what is on show at each time."""
        seconds = end - start
        count = min(len(system.sampling.times(seconds, max(system.sampling.fps, 4 / seconds))), self.frames)
        fps = count / seconds
        width, height = _displayed(video)
        size = system.sampling.size(width, height, count)
        frames = list(islice(video.sample(fps, start=start, end=end, size=size), count))
        return [start + k / fps for k in range(len(frames))], [frame.image for frame in frames]

    def _prediction(
        self, query: str, answers: list[list[tuple[float, float, str]]], video: Video, receipt: Receipt
    ) -> Prediction:
        words = tuple(text for parts in answers for _, _, text in parts)
        taken: list[list[tuple[float, float]]] = []
        failures: list[str] = []
        absent = 0
        for parts in answers:
            windows: list[tuple[float, float]] = []
            gone = 0
            for start, end, text in parts:
                answer = read(text, duration=end - start)
                inside, notes = _inside(answer, start, end)
                windows += inside
                gone += answer.absent
                if not inside and not answer.absent:
                    failures += notes or [_why(text)]
            taken.append(windows)
            absent += gone == len(parts)
        agreed = consensus(taken)
        moments = [
            Moment(a.start, a.end, a.share, evidence=(Evidence("seen", a.start, a.end),))
            for a in agreed
            if a.share >= self.threshold and a.start < a.end
        ]
        table = np.array([[m.start, m.end] for m in moments]).reshape(-1, 2)
        kept = nms(table, [m.score for m in moments], OVERLAP)
        found = tuple(moments[i] for i in kept)[: self.top]
        told = sum(bool(windows) for windows in taken)
        presence = told / len(taken) if told + absent == len(taken) and (self.samples > 1 or absent) else None
        failure = None if found or absent else (failures or ["the answer is empty"])[0]
        return Prediction(
            query, found, video.duration, presence, None, str(video.path), receipt, failure=failure, said=words
        )


def _windows(duration: float, longest: float) -> list[tuple[float, float]]:
    """Stretches of at most `longest` seconds that cover the film, each half over the one before."""
    if duration <= longest:
        return [(0.0, duration)]
    step = longest * OVERLAP
    starts = [*np.arange(0.0, duration - longest, step).tolist(), duration - longest]
    return [(start, start + longest) for start in starts]


def _inside(answer: Answer, start: float, end: float) -> tuple[list[tuple[float, float]], list[str]]:
    """Windows of an answer on the video's clock, cut at the end of what was shown; those outside are refused."""
    kept, notes = [], list(answer.notes)
    for a, b in answer.windows:
        if a >= end - start:
            notes.append(f"an interval after the end of what was shown: {a:g} to {b:g}")
        else:
            kept.append((start + a, min(start + b, end)))
    return kept, notes


def _why(text: str) -> str:
    return "the answer has no interval" if text.strip() else "the answer is empty"


def _displayed(video: Video) -> tuple[int, int]:
    probe = video.probe
    return probe.width, probe.height
