"""A question to TRACE: its prompt as embeddings, and the events of the answer."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from whenabouts.grounders.llm.conversation import Frames
from whenabouts.grounders.llm.paper import Paper
from whenabouts.grounders.llm.systems.trace.decoding import generate, read
from whenabouts.grounders.llm.systems.trace.events import Event, parse
from whenabouts.grounders.llm.systems.trace.loading import Loaded
from whenabouts.grounders.llm.systems.trace.pictures import pixels

__all__ = ["answers", "beginning", "question"]

BATCH = 16  # frames that CLIP sees at once


@torch.inference_mode()
def answers(loaded: Loaded, frames: Frames, paper: Paper, queries: Sequence[str]) -> list[list[Event]]:
    """The events of the answer to each query; the frames are read once."""
    network = loaded.network
    kept = read(network, beginning(loaded, frames, paper))
    said = [
        generate(network, question(loaded, paper, query), kept, stop=loaded.stop, limit=paper.tokens)
        for query in queries
    ]
    return [parse(ids, loaded.tokens.decode, vocabulary=network.vocabulary) for ids in said]


def beginning(loaded: Loaded, frames: Frames, paper: Paper) -> Tensor:
    """Embeddings (L, D) of what every prompt about these frames begins with: the system prompt, and the frames."""
    network, images, times = loaded.network, frames.images, frames.times
    before = f"[INST] <<SYS>>\n{paper.prompting.system}\n<</SYS>>\n\n"
    seen = [
        network.see(pixels(images[i : i + BATCH]).to(network.device), times[i : i + BATCH])
        for i in range(0, len(times), BATCH)
    ]
    return torch.cat([_words(loaded, before, first=True), *seen])


def question(loaded: Loaded, paper: Paper, query: str) -> Tensor:
    """Embeddings (L, D) of what follows: the query in the authors' words, and `<sync>`."""
    words = paper.prompting.question.format(paper.prompting.clean_query(query))
    return torch.cat([_words(loaded, f"\n{words} [/INST]"), loaded.network.sync])


def _words(loaded: Loaded, text: str, *, first: bool = False) -> Tensor:
    """Embeddings (L, D) of a piece of the prompt; the first one begins with the token of a beginning."""
    ids = [loaded.start] * first + loaded.tokens.encode(text)
    return loaded.network.embed(torch.tensor(ids, device=loaded.network.device))
