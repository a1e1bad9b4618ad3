"""What grounders of video-LLMs with modules of their own have alike: a folder, frames, and one question at a time."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

from whenabouts.encoders.device import torch_device
from whenabouts.errors import MissingExtra
from whenabouts.grounders.grounder import BaseGrounder
from whenabouts.grounders.llm.asked import asked
from whenabouts.grounders.llm.asking import selecting
from whenabouts.grounders.llm.choosing import Choosing
from whenabouts.grounders.llm.conversation import Frames
from whenabouts.grounders.llm.engines.weights import weights_identity
from whenabouts.grounders.llm.paper import Paper
from whenabouts.grounders.llm.shown import shown
from whenabouts.moment import Moment
from whenabouts.prediction import Prediction, Receipt
from whenabouts.selection import Selection, Selector
from whenabouts.video import Video

__all__ = ["ChoosingSystem", "System", "larger"]


@dataclass
class System(BaseGrounder):
    """A system that is loaded from a folder of its published files, `NAME:FOLDER`.

    model:  the folder
    frames: at most so many are shown; None is as many as its authors show
    fps:    frames per second; None is the authors' rate

    A class of its own names its `paper`, and says how it is loaded and how it answers.
    """

    paper: ClassVar[Paper]
    whole = True
    weights: ClassVar[tuple[str, ...]] = ("model", "device")

    model: str
    frames: int | None = None
    fps: float | None = None

    @abstractmethod
    def load(self, folder: Path, device: str) -> Any:
        """The network with what prepares its input, on the device. Raises ModelError."""

    def show(self, video: Video, loaded: Any) -> Frames:
        """The frames that are shown of a video, with their true times. Raises VideoError."""
        return shown(video, self.paper.sampling, fps=self.fps, frames=self.frames)

    @abstractmethod
    def ask(
        self, loaded: Any, frames: Frames, queries: Sequence[str], duration: float
    ) -> list[tuple[list[Moment], str]]:
        """For each query its moments in seconds, best first, and the words of the answer."""

    def identities(self, loaded: Any) -> dict[str, str]:
        """What identifies the weights, at best a sha256, by name of the folder or file."""
        return {self.model: weights_identity(self.model)}

    @cached_property
    def loaded(self) -> Any:
        """What `load` gives, on first use, and kept."""
        try:
            return self.load(Path(self.model), torch_device(self.device))
        except ImportError as error:
            raise MissingExtra("hub", f"{self.paper.title} on this machine") from error

    def answer(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
        """One prediction per query. Raises VideoError, ModelError, MissingExtra."""
        return self._about(self.show(video, self.loaded), video, queries)

    def _about(
        self, frames: Frames, video: Video, queries: Sequence[str], selection: Selection | None = None
    ) -> list[Prediction]:
        """One prediction per query from the same frames; `selection` is what chose them."""
        loaded = self.loaded
        settings = asked(self.paper) | {"frames": len(frames.times), "fps": round(frames.fps, 4)}
        settings |= selecting([selection] if selection else [])
        models = self.identities(loaded) | dict(selection.models if selection else {})
        receipt = self.receipt(video, models, **settings)
        answers = self.ask(loaded, frames, queries, video.duration)
        notes = selection.notes if selection else ()
        return [
            _prediction(query, moments, said, video, receipt, notes)
            for query, (moments, said) in zip(queries, answers, strict=True)
        ]


@dataclass
class ChoosingSystem(Choosing, System):
    """A system that is told the time of every frame, so that a selector may choose them: as many as `show` shows.

    Each query has its own frames. Raises ModelError where a system takes only certain numbers of frames.
    """

    @abstractmethod
    def choose(self, video: Video, loaded: Any, query: str, selector: Selector) -> tuple[Frames, Selection]:
        """The frames that are chosen for a query, with their true times. Raises VideoError, ModelError."""

    def answer(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
        """One prediction per query. Raises VideoError, ModelError, MissingExtra."""
        selector = self.selector
        if selector is None:
            return super().answer(video, queries)
        found = []
        for query in queries:
            frames, selection = self.choose(video, self.loaded, query, selector)
            found += self._about(frames, video, [query], selection)
        return found


def larger(side: int, video: Video) -> int:
    """Pixels of the shorter side at which a video's frames are taken for a network that sees `side`: at most twice.

    The network's own filter then makes them small, as the authors' code does with whole frames.
    """
    return min(2 * side, video.probe.width, video.probe.height)


def _prediction(
    query: str, moments: Sequence[Moment], said: str, video: Video, receipt: Receipt, told: Sequence[str]
) -> Prediction:
    """The moments inside the video; what was cut or left out is noted, after what is to be `told`."""
    kept, notes = [], []
    for one in moments:
        if one.start >= video.duration:
            notes.append(f"an interval after the end of the video: {one.start:g} to {one.end:g}")
            continue
        if one.end > video.duration:
            notes.append(f"an end after the end of the video was cut: {one.start:g} to {one.end:g}")
        kept.append(replace(one, end=min(one.end, video.duration)))
    return Prediction(
        query,
        tuple(kept),
        video.duration,
        video=str(video.path),
        receipt=receipt,
        failure=None if kept else (notes or ["the answer has no interval"])[0],
        said=(said,),
        notes=(*told, *notes),
    )
