"""What every form of VideoITG gives before frames are chosen: frames by number, each with a score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from whenabouts.video import Video

__all__ = ["Scored", "Scorer"]


@dataclass(frozen=True, slots=True)
class Scored:
    """Frames that were looked at.

    numbers: of the pictures, counted from 0 as `video.times` has them; increasing
    scores:  in [0, 1], one per number; empty where it is only known that these were chosen
    models, settings, notes: as in a `Selection`
    """

    numbers: tuple[int, ...]
    scores: tuple[float, ...]
    models: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


class Scorer(Protocol):
    """Scores the frames of a video for a question."""

    def score(self, video: Video, question: str) -> Scored:
        """Raises VideoError, InputError, ModelError, MissingExtra."""
        ...
