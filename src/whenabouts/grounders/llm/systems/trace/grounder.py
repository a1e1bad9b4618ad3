"""`find --model trace:FOLDER`: TRACE answers with events of times, scores and words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from whenabouts.grounders.llm.choosing import selected
from whenabouts.grounders.llm.conversation import Frames
from whenabouts.grounders.llm.papers.trace import TRACE
from whenabouts.grounders.llm.systems.system import ChoosingSystem
from whenabouts.grounders.llm.systems.trace.events import Event
from whenabouts.grounders.llm.systems.trace.pictures import chosen_squares, spread
from whenabouts.moment import Evidence, Moment
from whenabouts.selection import Selection, Selector
from whenabouts.video import Video

if TYPE_CHECKING:
    from whenabouts.grounders.llm.systems.trace.loading import Loaded

__all__ = ["Trace"]


@dataclass
class Trace(ChoosingSystem):
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
        """The network with what prepares its input. Raises ModelError."""
        from whenabouts.grounders.llm.systems.trace.loading import load

        return load(folder, device)

    def show(self, video: Video, loaded: Loaded) -> Frames:
        """Squares of the size that its CLIP takes. Raises ModelError for a rate, InputError, VideoError."""
        return spread(video, self.paper.sampling.narrowed(self.fps, self.frames), loaded.size, pad=loaded.pad)

    def choose(self, video: Video, loaded: Loaded, query: str, selector: Selector) -> tuple[Frames, Selection]:
        """As many squares as `show` gives at most, each with the tokens of its own time. Raises as `show`."""
        rule = self.paper.sampling.narrowed(self.fps, self.frames)
        selection = selected(selector, video, query, rule.max_frames)
        return chosen_squares(video, selection.times, loaded.size, pad=loaded.pad), selection

    def ask(
        self, loaded: Loaded, frames: Frames, queries: Sequence[str], duration: float
    ) -> list[tuple[list[Moment], str]]:
        """For each query the events of its answer that have a start and an end, and all events in words."""
        from whenabouts.grounders.llm.systems.trace.asking import answers

        return [
            ([moment for event in events if (moment := _moment(event))], "\n".join(map(str, events)))
            for events in answers(loaded, frames, self.paper, queries)
        ]


def _moment(event: Event) -> Moment | None:
    start, end = event.span or (0.0, 0.0)
    if start >= end:
        return None
    return Moment(start, end, (*event.scores, 1.0)[0], evidence=(Evidence("seen", start, end, event.text or None),))
