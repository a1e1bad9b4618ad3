"""`find --model trace:FOLDER`: TRACE answers with events of times, scores and words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import torch
from torch import Tensor

from whenabouts.grounders.llm.conversation import Frames
from whenabouts.grounders.llm.papers.trace import TRACE
from whenabouts.grounders.llm.systems.system import System
from whenabouts.grounders.llm.systems.trace.decoding import generate, read
from whenabouts.grounders.llm.systems.trace.events import Event, parse
from whenabouts.grounders.llm.systems.trace.loading import Loaded, load
from whenabouts.grounders.llm.systems.trace.pictures import pixels, spread
from whenabouts.moment import Evidence, Moment
from whenabouts.video import Video

__all__ = ["Trace"]

BATCH = 16  # frames that CLIP sees at once


@dataclass
class Trace(System):
    """A folder of a published checkpoint of TRACE, as its authors run it: 128 frames, and greedy decoding.

    Moments stand in the order of the answer, so the first is what the authors score; the score of each is the one that
    TRACE writes, and 1 where it writes none. `said` holds all events with their words.
    """

    name: ClassVar[str] = "trace"
    paper = TRACE

    @property
    def weight_bytes(self) -> int:
        """Bytes of the weights, once they are loaded."""
        loaded = self.__dict__.get("loaded")
        return 0 if loaded is None else sum(value.nbytes for value in loaded.network.state_dict().values())

    def load(self, folder: Path, device: str) -> Loaded:
        """The network with what prepares its input. Raises ModelError, MissingExtra."""
        return load(folder, device)

    def show(self, video: Video, loaded: Loaded) -> Frames:
        """Squares of the size that its CLIP takes. Raises InputError, VideoError."""
        return spread(video, self.frames or self.paper.sampling.max_frames, loaded.size, pad=loaded.pad)

    @torch.inference_mode()
    def ask(
        self, loaded: Loaded, frames: Frames, queries: Sequence[str], duration: float
    ) -> list[tuple[list[Moment], str]]:
        """For each query the events of its answer that have a start and an end, and all events in words."""
        network, limit = loaded.network, self.paper.tokens
        kept = read(network, self.beginning(loaded, frames))
        answers = []
        for query in queries:
            said = generate(network, self.question(loaded, query), kept, stop=loaded.stop, limit=limit)
            events = parse(said, loaded.tokens.decode, vocabulary=network.vocabulary)
            answers.append(([m for event in events if (m := _moment(event))], "\n".join(map(str, events))))
        return answers

    def beginning(self, loaded: Loaded, frames: Frames) -> Tensor:
        """Embeddings (L, D) of what every prompt about these frames begins with: the system prompt, and the frames."""
        network, images, times = loaded.network, frames.images, frames.times
        before = f"[INST] <<SYS>>\n{self.paper.prompting.system}\n<</SYS>>\n\n"
        seen = [
            network.see(pixels(images[i : i + BATCH]).to(network.device), times[i : i + BATCH])
            for i in range(0, len(times), BATCH)
        ]
        return torch.cat([_words(loaded, before, first=True), *seen])

    def question(self, loaded: Loaded, query: str) -> Tensor:
        """Embeddings (L, D) of what follows: the query in the authors' words, and `<sync>`."""
        prompting = self.paper.prompting
        words = prompting.question.format(prompting.clean_query(query))
        return torch.cat([_words(loaded, f"\n{words} [/INST]"), loaded.network.sync])


def _words(loaded: Loaded, text: str, *, first: bool = False) -> Tensor:
    """Embeddings (L, D) of a piece of the prompt; the first one begins with the token of a beginning."""
    ids = [loaded.start] * first + loaded.tokens.encode(text)
    return loaded.network.embed(torch.tensor(ids, device=loaded.network.device))


def _moment(event: Event) -> Moment | None:
    start, end = event.span or (0.0, 0.0)
    if start >= end:
        return None
    return Moment(start, end, (*event.scores, 1.0)[0], evidence=(Evidence("seen", start, end, event.text or None),))
