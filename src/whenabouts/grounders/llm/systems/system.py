"""What grounders of video-LLMs with modules of their own have alike: a folder, frames, and one question at a time."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

from whenabouts.grounders.grounder import BaseGrounder
from whenabouts.grounders.llm.asked import asked
from whenabouts.grounders.llm.conversation import Frames
from whenabouts.grounders.llm.engines.weights import weights_identity
from whenabouts.grounders.llm.paper import Paper
from whenabouts.grounders.llm.shown import shown
from whenabouts.moment import Moment
from whenabouts.prediction import Prediction
from whenabouts.video import Video

__all__ = ["System"]


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
        """The network with what prepares its input, on the device. Raises ModelError, MissingExtra."""

    @abstractmethod
    def ask(
        self, loaded: Any, frames: Frames, queries: Sequence[str], duration: float
    ) -> list[tuple[list[Moment], str]]:
        """For each query its moments in seconds, best first, and the words of the answer."""

    @cached_property
    def loaded(self) -> Any:
        """What `load` gives, on first use, and kept."""
        import torch

        return self.load(Path(self.model), self.device or ("cuda" if torch.cuda.is_available() else "cpu"))

    def answer(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
        """One prediction per query. Raises VideoError, ModelError, MissingExtra."""
        loaded = self.loaded
        frames = shown(video, self.paper.sampling, fps=self.fps, frames=self.frames)
        settings = asked(self.paper) | {"frames": len(frames.times), "fps": round(frames.fps, 4)}
        receipt = self.receipt(video, {self.model: weights_identity(self.model)}, **settings)
        return [
            Prediction(
                query,
                tuple(moments),
                video.duration,
                video=str(video.path),
                receipt=receipt,
                failure=None if moments else "the answer has no interval",
                said=(said,),
            )
            for query, (moments, said) in zip(queries, self.ask(loaded, frames, queries, video.duration), strict=True)
        ]
