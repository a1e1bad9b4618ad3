"""What is known of several answers while a model is still asked for the rest."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from whenabouts.grounders.llm.conversation import Reply
from whenabouts.grounders.llm.reading import SampledAnswer, prediction
from whenabouts.prediction import Prediction
from whenabouts.video import Video

__all__ = ["HeardAt", "SoFar"]

HeardAt = Callable[[int, list[Reply], float | None], None]  # number of a query, replies, rate of the frames shown


@dataclass
class SoFar:
    """Passes on one prediction per query whenever the replies to one of them are there; the rest have no moments.

    read: what was read of each query in the stretches before
    """

    video: Video
    queries: Sequence[str]
    read: Sequence[Sequence[SampledAnswer]]
    tell: Callable[[list[Prediction]], None]
    sets: bool = False
    _known: list[Prediction] = field(init=False)

    def __post_init__(self) -> None:
        video = self.video
        self._known = [Prediction(query, (), video.duration, None, None, str(video.path)) for query in self.queries]

    def hear(
        self,
        about: Sequence[int],
        last: Sequence[bool],
        clock: tuple[float, float],
        number: int,
        replies: Sequence[Reply],
        fps: float | None,
    ) -> None:
        """Replies to the `number`-th of the queries that a stretch is asked `about`; `clock` and `fps` as for reading.

        last: whether it is the last stretch for each; until then an answer without moments means nothing
        """
        query = about[number]
        samples = copy.deepcopy(list(self.read[query]))
        for sample, reply in zip(samples, replies, strict=True):
            sample.add(clock, reply, fps)
        found = prediction(self.queries[query], samples, self.video, None, sets=self.sets)
        if found.moments or last[number]:
            self._known[query] = found
            self.tell(list(self._known))
