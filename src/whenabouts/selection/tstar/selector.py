"""T* as a selector: a tenth of the frames at one a second is looked at, and those that answer best are shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import InputError, MissingExtra, ModelError
from whenabouts.evidence.likeness import Likeness
from whenabouts.query import queries_of
from whenabouts.selection.candidates import picture_times
from whenabouts.selection.scored import Indices, LookingSelector
from whenabouts.selection.selector import Selection, check_budget
from whenabouts.selection.tstar.detector import Detector, DetectorJudge, LikenessJudge
from whenabouts.selection.tstar.search import FOUND, SHARE, Search
from whenabouts.selection.tstar.words import Ask, sought
from whenabouts.video import Video

__all__ = ["TStar"]

HUB = "hub:"
BY_LIKENESS = "frames were judged by their likeness to the query, not by an object detector"


@dataclass(kw_only=True)
class TStar(LookingSelector):
    """Temporal search. Raises InputError for settings out of range.

    detector:        what judges frames: "hub:" with a folder or a name on the hub, an OWL-ViT model; an object of
                     your own; None is the encoder
    ask:             a language model, from a prompt to its reply, that names what to look for; None is the query
    found:           confidence above which a target is found, and no longer sought
    share:           of the frames that may be looked at; 1,000 at most, and one round of 64 at least
    seed:            of the frames that are looked at; the same seed gives the same choice
    strict_official: what is shown is drawn by chance, as `search` says with all else; needs scipy
    """

    name = "tstar"

    detector: str | Detector | None = None
    ask: Ask | None = field(default=None, repr=False)
    found: float = FOUND
    share: float = SHARE
    seed: int = 0
    strict_official: bool = False

    def __post_init__(self) -> None:
        if not (0 <= self.found <= 1 and 0 < self.share <= 1):
            raise InputError(f"T* needs shares between 0 and 1, got found {self.found} and share {self.share}")
        if not 0 <= self.seed < 2**32:
            raise InputError(f"the seed of T* must be at least 0 and less than 2^32, got {self.seed}")
        if isinstance(self.detector, str) and not self.detector.startswith(HUB):
            raise ModelError(f"unknown detector {self.detector!r}; give {HUB}NAME_OR_FOLDER of an OWL-ViT model")
        if self.strict_official and find_spec("scipy") is None:
            raise MissingExtra("torch", "the official spline of T*")

    def select(self, video: Video, query: str, budget: int) -> Selection:
        """At most `budget` frames. Raises VideoError, InputError, QueryError, ModelError, MissingExtra."""
        check_budget(budget)
        queries_of(query)
        times = picture_times(video, self.fps)
        if budget >= len(times):
            return Selection(self.name, query, tuple(times.tolist()), settings=self.settings)
        judge, things = self.judge, sought(query, self.ask)

        def look(frames: Indices) -> NDArray[np.float32]:
            found = judge.confidences(video, times[frames].tolist(), [*things.targets, *things.cues])
            if not np.isfinite(found).all():
                raise InputError(f"{self.name} cannot choose by scores that are not finite numbers; check the encoder")
            return found

        search = Search(len(times), look, len(things.targets), self.found, self.share, self.seed, self.strict_official)
        chosen = search.run(budget)
        return Selection(
            self.name,
            query,
            tuple(times[chosen].tolist()),
            tuple(search.scores[chosen].tolist()),
            looked=int(search.seen.sum()),
            models=judge.identity,
            settings=self.settings | {"detector": min(judge.identity)},
            notes=(*things.notes, *((BY_LIKENESS,) if isinstance(judge, LikenessJudge) else ())),
        )

    @cached_property
    def judge(self) -> DetectorJudge | LikenessJudge:
        """What judges frames, loaded when it is first needed. Raises ModelError, MissingExtra."""
        if self.detector is None:
            return LikenessJudge(self.frame_encoder, Likeness.of(self.frame_encoder, cache=self.cache))
        if isinstance(self.detector, str):
            from whenabouts.selection.tstar.owl import OWLDetector

            return DetectorJudge(OWLDetector(self.detector.removeprefix(HUB), device=self.device))
        return DetectorJudge(self.detector)
