"""A video-language model as a grounder: show frames, ask, read the answer, and never invent an interval."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from whenabouts.errors import ModelError, QueryError
from whenabouts.grounders.llm.conversation import Decoding, Engine, Frames
from whenabouts.grounders.llm.engines.openai import PREFIX, OpenAIEngine, Usage
from whenabouts.grounders.llm.long import Stretch, stretches
from whenabouts.grounders.llm.papers import SYSTEMS, system_for, system_of_run
from whenabouts.grounders.llm.prompting import Protocol
from whenabouts.grounders.llm.reading import Heard, prediction
from whenabouts.prediction import Prediction, Receipt
from whenabouts.version import __version__
from whenabouts.video import Video

__all__ = ["VideoLLM"]

Watch = Callable[[str, float], None]
WARM = 0.7  # temperature where several answers are asked for and the protocol is greedy
HUB = "hub:"
PAIR = 2  # frames come in pairs


@dataclass(slots=True)
class VideoLLM:
    """The grounder behind `find --model openai:URL#NAME`, `hub:NAME`, folders of models and names of systems.

    model:     one of these, or an engine        system: a name in `SYSTEMS`; None goes by the model's name
    frames:    at most so many are shown, whatever the system would show; servers limit them
    samples:   answers asked for per query: with several, their consensus counts, a moment's score is the share of
               answers that tell of it, and presence the share that tell of any
    long:      what is done with videos longer than the system can take: a name in `long.PLANS`; None is the system's
    own send:      `frames` or `video`, to a server        quantised: `8bit` or `4bit`, of a model on this machine
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
    long: str | None = None
    send: str = "frames"
    quantised: str | None = None
    cache: bool = True
    progress: Watch | None = field(default=None, repr=False)
    _engine: Engine | None = field(default=None, init=False, repr=False)

    def ground(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
        """One prediction per query. Raises VideoError, QueryError, ModelError, MissingExtra."""
        if any(not query.strip() for query in queries):
            raise QueryError("a query is empty; say in a few words what to look for")
        system, engine = self._protocol(), self.engine
        plan = self.long or system.long

        def rough(asked: Sequence[str], clip: float) -> list[str]:
            return self._rough(video, system, asked, clip)

        chosen = stretches(plan, video, queries, system, rough, self.frames)
        heard: list[list[Heard]] = [[Heard() for _ in range(self.samples)] for _ in queries]
        every = list(dict.fromkeys(stretch for of_one in chosen for stretch in of_one))
        decoding = Decoding(system.tokens, self._temperature(system), self.samples, system.opened)
        for number, stretch in enumerate(sorted(every)):
            about = [i for i, of_one in enumerate(chosen) if stretch in of_one]
            frames = self._shown(video, system, stretch)
            asked = [system.conversation(queries[i], frames.times, stamped=engine.stamped) for i in about]
            for i, replies in zip(about, engine.answer(asked, frames, decoding), strict=True):
                for one, reply in zip(heard[i], replies, strict=True):
                    one.add(stretch, reply, frames.fps)
            if self.progress:
                self.progress("asking", (number + 1) / len(every))
        settings: dict[str, Any] = {"system": system.name, "frames": self.frames, "samples": self.samples}
        settings |= {"long": plan} if len(every) > 1 else {}
        settings |= {"quantised": self.quantised} if self.quantised else {}
        receipt = Receipt(__version__, "video-llm", video.sha256, {engine.name: engine.identity}, settings)
        return [
            prediction(query, answers, video, receipt, top=self.top, threshold=self.threshold)
            for query, answers in zip(queries, heard, strict=True)
        ]

    @property
    def engine(self) -> Engine:
        """What answers, made when it is first asked for. Raises ModelError, MissingExtra."""
        if self._engine is None:
            self._engine = self.model if not isinstance(self.model, str) else self._made(self.model)
        return self._engine

    @property
    def usage(self) -> Usage | None:
        """What a server counted so far."""
        return self._engine.usage if isinstance(self._engine, OpenAIEngine) else None

    def _made(self, model: str) -> Engine:
        if model.startswith(PREFIX):
            return OpenAIEngine.named(model, send=self.send)
        from whenabouts.grounders.llm.engines.transformers import TransformersEngine

        if self.quantised not in {None, "8bit", "4bit"}:
            raise ModelError(f"weights are quantised to 8bit or 4bit, not {self.quantised!r}")
        if model in SYSTEMS:
            model = SYSTEMS[model].checkpoints[0]
        return TransformersEngine(model.removeprefix(HUB), quantised=self.quantised)

    def _protocol(self) -> Protocol:
        name = self.model if isinstance(self.model, str) else self.model.name
        if self.system is None and name not in SYSTEMS:
            return system_of_run(Path(name)) or system_for(name)
        asked = self.system or name
        if asked not in SYSTEMS:
            raise ModelError(f"there is no system {asked!r}; choose one of: {', '.join(SYSTEMS)}")
        system = SYSTEMS[asked]
        if system.status in {"head", "closed"}:
            raise ModelError(f"{system.title} does not answer in words, so it cannot be asked; see `whenabouts models`")
        if name == asked and (system.status != "prompt" or not system.checkpoints):
            raise ModelError(f"{system.title} has no checkpoint that loads here; give --model and --system {asked}")
        return system

    def _temperature(self, system: Protocol) -> float:
        return system.temperature or (WARM if self.samples > 1 else 0.0)

    def _shown(self, video: Video, system: Protocol, stretch: Stretch) -> Frames:
        """What the system's authors would show of a stretch, but at most `frames` of them."""
        seconds = stretch[1] - stretch[0]
        count = len(system.sampling.times(seconds, _rate(video, system, seconds)))
        return _frames(video, system, stretch, min(count, max(PAIR, self.frames // PAIR * PAIR)))

    def _rough(self, video: Video, system: Protocol, queries: Sequence[str], clip: float) -> list[str]:
        """Answers about the whole video, shown in clips."""
        clips = max(1, int(np.ceil(video.duration / clip)))
        each = max(1, self.frames // clips)
        frames = _frames(video, system, (0.0, video.duration), clips * each)
        asked = [system.coarsely(query, frames.times, each) for query in queries]
        found = self.engine.answer(asked, frames, Decoding(system.tokens, 0.0, 1, system.opened))
        return [replies[0].text for replies in found]


def _frames(video: Video, system: Protocol, stretch: Stretch, count: int) -> Frames:
    """So many frames from the first to the last of a stretch, evenly by number, with their true times."""
    start, end = stretch
    half = 0.5 / _rate(video, system, end - start)  # of a frame: the nearest is taken, not the one before
    step = (end - start - 2 * half) / max(1, count - 1)
    size = system.sampling.size(video.probe.width, video.probe.height, count)
    frames = list(islice(video.sample(1 / step, start=start + half, end=end, size=size), count))
    times = tuple(max(0.0, frame.time - start) for frame in frames)
    return Frames(times, tuple(frame.image for frame in frames), count / (end - start))


def _rate(video: Video, system: Protocol, seconds: float) -> float:
    """Frames per second of a video; enough to show four where it has fewer."""
    return max(float(video.probe.average_rate or system.sampling.fps), 4 / seconds)
