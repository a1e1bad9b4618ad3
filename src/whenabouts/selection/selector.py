"""What a frame selector is, and what it gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Protocol, runtime_checkable

from whenabouts.errors import InputError
from whenabouts.video import Video

__all__ = ["Selection", "Selector", "check_budget"]


@dataclass(frozen=True, slots=True)
class Selection:
    """Frames that were chosen for a query.

    times:    when each picture truly begins, in seconds on the clock of the video; strictly increasing
    scores:   how well each fits the query, in the order of `times`; empty from a selector that does not look
    looked:   how many pictures were looked at for it
    models:   sha256 of the weights that took part, by name
    settings: what shaped the choice
    notes:    what is to be told of it

    Raises InputError for times that do not increase.
    """

    selector: str
    query: str
    times: tuple[float, ...]
    scores: tuple[float, ...] = ()
    looked: int = 0
    models: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if any(after <= before for before, after in pairwise(self.times)):
            raise InputError(f"the times that {self.selector} chose do not increase")
        if self.scores and len(self.scores) != len(self.times):
            raise InputError(f"{self.selector} gave {len(self.scores)} scores of {len(self.times)} frames")


@runtime_checkable
class Selector(Protocol):
    """Chooses which frames of a video are shown to a model that answers a query."""

    name: str

    def select(self, video: Video, query: str, budget: int) -> Selection:
        """At most `budget` frames; all candidates where there are no more. The same input gives the same choice.

        A `Part` of a video is a video of its own. Raises VideoError, InputError, ModelError, MissingExtra.
        """
        ...


def check_budget(budget: int) -> None:
    """Raises InputError for a budget of less than one frame."""
    if budget < 1:
        raise InputError(f"a selection needs a budget of at least one frame, got {budget}")
