"""`find --model meco:FOLDER`: MeCo as its authors run it, from what its training left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import torch

from whenabouts.grounders.llm.conversation import Frames
from whenabouts.grounders.llm.papers.meco import MECO, EverySecond
from whenabouts.grounders.llm.shown import shown
from whenabouts.grounders.llm.systems.meco.answering import prompt, write
from whenabouts.grounders.llm.systems.meco.decoding import decode
from whenabouts.grounders.llm.systems.meco.head import EVENT, TRANSITION
from whenabouts.grounders.llm.systems.meco.loading import Loaded, load
from whenabouts.grounders.llm.systems.meco.pictures import pixels
from whenabouts.grounders.llm.systems.system import System, larger
from whenabouts.moment import Moment
from whenabouts.video import Video

__all__ = ["MeCo"]


@dataclass
class MeCo(System):
    """A folder that MeCo's official training left: a frame a second, an answer drawn at temperature 0.2, matched.

    charades: decode as for Charades-STA (see `decoding.decode`); False is as for QVHighlights

    Moments stand best first, and the score of each is its confidence. Draws follow a fixed seed, so that the same
    question has the same answer. Where no frame was matched there is no moment; officially it is the whole video.
    """

    name: ClassVar[str] = "meco"
    paper = MECO

    charades: bool = True

    def load(self, folder: Path, device: str) -> Loaded:
        """The network with what prepares its input. Raises ModelError."""
        return load(folder, device)

    def show(self, video: Video, loaded: Loaded) -> Frames:
        """A frame a second. Raises VideoError."""
        return shown(video, EverySecond(side=larger(loaded.side, video)), fps=self.fps, frames=self.frames)

    @torch.inference_mode()
    def ask(
        self, loaded: Loaded, frames: Frames, queries: Sequence[str], duration: float
    ) -> list[tuple[list[Moment], str]]:
        """For each query the moments of its answer, and the answer."""
        network = loaded.network
        seen = pixels(frames.images, loaded.side).to(network.device)
        return [self._ask(loaded, seen, frames.times, self._question(query), duration) for query in queries]

    def _question(self, query: str) -> str:
        prompting = self.paper.prompting
        return prompting.question.format(prompting.clean_query(query))

    def _ask(
        self, loaded: Loaded, seen: torch.Tensor, times: Sequence[float], question: str, duration: float
    ) -> tuple[list[Moment], str]:
        network = loaded.network
        before, after = (
            network.words(ids.to(network.device)) for ids in loaded.around(*prompt(loaded.family, question))
        )
        written = write(
            network,
            before,
            network.watch(seen, loaded.read(question).to(network.device)),
            after,
            structural=(loaded.event, loaded.transition),
            ends=loaded.ends,
            limit=self.paper.tokens,
            temperature=self.paper.temperature,
            generator=torch.Generator().manual_seed(0),
        )
        kinds = [EVENT if token == loaded.event else TRANSITION for token in written.structural]
        found = decode(written.cosines, network.scale.item(), kinds, duration, charades=self.charades)
        clock = seconds_of(times, duration)
        moments = [Moment(clock[round(m.start)], clock[round(m.end)], m.score) for m in found.moments]
        said: str = loaded.words.decode(written.tokens, clean_up_tokenization_spaces=False)
        return moments, said.strip()


def seconds_of(times: Sequence[float], duration: float) -> list[float]:
    """When each frame stands, in seconds, and the end of the last.

    A frame a second stands at its number, as it was trained; any other where it truly is.

    >>> seconds_of([0.0, 0.97, 2.01], 3.0), seconds_of([0.0, 9.2], 14.0)
    ([0.0, 1.0, 2.0, 3.0], [0.0, 9.2, 14.0])
    """
    if all(abs(time - number) <= 0.5 for number, time in enumerate(times)):
        return [float(number) for number in range(len(times) + 1)]
    return [*times, max(duration, times[-1])]
