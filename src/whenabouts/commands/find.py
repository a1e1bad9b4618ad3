"""`Find`: when sentences happen in one video."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pydantic import Field

from whenabouts.commands.command import Queries
from whenabouts.commands.grounding import Grounding
from whenabouts.commands.opening import Opening
from whenabouts.grounders.grounder import Early
from whenabouts.grounders.warm import WARM, WarmGrounders
from whenabouts.prediction import Prediction
from whenabouts.progress import Progress

if TYPE_CHECKING:
    from whenabouts.video import Video

__all__ = ["Find"]


class Find(Opening, Grounding):
    """When each query happens in one video."""

    queries: Queries
    brief: bool = Field(False, description="Leave out saliency curves and the steps of a search.")

    def run(
        self,
        video: Video,
        *,
        progress: Progress | None = None,
        early: Early | None = None,
        warm: WarmGrounders = WARM,
    ) -> list[Prediction]:
        """One prediction per query, in their order. A long video is searched first: see `search`.

        `early` receives what is known so far while the rest is still being looked at: subtitles answer at once.

        Raises VideoError, QueryError, ModelError, InputError, MissingExtra.
        """
        predictions = self.answer(video, self.queries, progress=progress, early=early, warm=warm)
        return [replace(each, saliency=None, trace=()) for each in predictions] if self.brief else predictions
