"""`Find`: when sentences happen in one video."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, Field

from whenabouts.commands.command import Query, checked_queries
from whenabouts.commands.grounding import Grounding
from whenabouts.commands.liking import Liking
from whenabouts.commands.opening import Reading
from whenabouts.errors import ModelError
from whenabouts.grounders import settings_of
from whenabouts.grounders.grounder import Early
from whenabouts.grounders.warm import WARM, WarmGrounders
from whenabouts.prediction import Prediction
from whenabouts.progress import Progress

if TYPE_CHECKING:
    from whenabouts.video import Video

__all__ = ["Find"]


class Find(Liking, Reading, Grounding):
    """When each query happens in one video."""

    queries: Annotated[
        list[Query], BeforeValidator(lambda given: given if given in ([], ()) else checked_queries(given))
    ] = Field([], max_length=100, description="What to look for, in a few words; with an example, none are needed.")
    brief: bool = Field(False, description="Leave out saliency curves and the steps of a search.")

    def run(
        self,
        video: Video,
        *,
        progress: Progress | None = None,
        early: Early | None = None,
        warm: WarmGrounders = WARM,
    ) -> list[Prediction]:
        """One prediction per query, in their order; one where there is an example and no query.

        A long video is searched first: see `search`.

        `early` receives what is known so far while the rest is still being looked at: subtitles answer at once.

        Raises VideoError, QueryError, ModelError, InputError, MissingExtra.
        """
        predictions = self.answer(video, self.asked, progress=progress, early=early, warm=warm)
        return [replace(each, saliency=None, trace=()) for each in predictions] if self.brief else predictions

    @property
    def asked(self) -> list[str]:
        """The queries as answers state them: with an example, each names it (`Example.query`)."""
        if (example := self.example) is None:
            return self.queries
        return list(dict.fromkeys(example.query(query) for query in self.queries or [""]))

    @property
    def further(self) -> dict[str, Any]:
        """The example, for a model that takes one. Raises ModelError for any other."""
        if self.like is None:
            return {}
        if "like" not in settings_of(self.model):
            raise ModelError(f"the model {self.model} takes no example; leave the model out, or ask in words")
        return {"like": self.example}

    @property
    def _words(self) -> list[str]:
        return self.queries

    def _searches(self, duration: float, special: Mapping[str, Any], warm: WarmGrounders) -> bool:
        """With an example everything is looked at: a search around a model asks in words."""
        if self.like is None:
            return super()._searches(duration, special, warm)
        for name in ("search", "budget", "verify", "calibrator"):
            if getattr(self, name):
                raise ModelError(f"{name} cannot be used with an example; leave one of them out")
        return False
