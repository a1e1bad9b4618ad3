"""What a grounder is, and what all of ours share."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, runtime_checkable

from whenabouts.errors import ModelError
from whenabouts.files.cache import keeping
from whenabouts.grounders.occurrences import beside
from whenabouts.grounders.understanding import Questions
from whenabouts.moment import Moment
from whenabouts.prediction import Prediction, Receipt
from whenabouts.progress import Fraction, Progress, stage
from whenabouts.query import EVERY, ParsedQuery, queries_of
from whenabouts.version import __version__

if TYPE_CHECKING:
    from whenabouts.video import Video

__all__ = ["THRESHOLD", "TOP", "BaseGrounder", "Early", "Grounder", "ask", "cut"]

TOP = 5
THRESHOLD = 0.0

Early = Callable[[list[Prediction]], None]  # receives what is known so far, one answer per query


@runtime_checkable
class Grounder(Protocol):
    """The protocol: V x q -> ranked moments with scores, a saliency curve and a presence probability."""

    def ground(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
        """Answer every query on one video: a list as long as `queries`, in their order."""
        ...


@dataclass(kw_only=True)
class BaseGrounder(ABC):
    """A grounder with the settings, checks and receipts that all methods have alike.

    top:        at most so many moments per query
    threshold:  moments that score less are left out
    understand: take queries apart: which occurrence is meant, and what stands before, after or between what. Without
                it a method is asked the whole sentence, as benchmarks do
    cache:      keep features and recognised text on disk, by content
    device:     where models run, as torch names it ("cpu", "cuda:1"); None is a GPU where there is one
    progress:   called with what is being done and the fraction of it that is done
    early:      called with the answers as far as they are known, while the rest is still being looked at

    A method loads its weights with the first query and keeps them for its lifetime. `look_seconds` says what a look
    costs and `reach` how long a video may be, by which a long video is searched first or looked at everywhere.
    `weights` names the fields that decide which weights those are; all others may be changed between two questions.
    A method that is `whole` reads constraints by itself, as language models do: it is asked the whole sentence.
    """

    name: ClassVar[str]
    weights: ClassVar[tuple[str, ...]] = ("device",)
    whole: ClassVar[bool] = False

    top: int = TOP
    threshold: float = THRESHOLD
    understand: bool = True
    cache: bool = True
    device: str | None = None
    progress: Progress | None = field(default=None, repr=False, compare=False)
    early: Early | None = field(default=None, repr=False, compare=False)
    _questions: Questions | None = field(default=None, init=False, repr=False, compare=False)

    def ground(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
        """One prediction per query, in their order. Raises VideoError, QueryError, ModelError, MissingExtra."""
        asked = queries_of(queries)
        with keeping(self.cache):
            if self.whole or not self.understand:
                return self._cut(self.answer(video, asked))
            self._questions = questions = self.read(asked)
            try:
                return self._cut(questions.answers(self.answer(video, questions.events), beside=self.beside))
            finally:
                self._questions = None

    def read(self, queries: Sequence[str]) -> Questions:
        """How queries are taken apart."""
        return Questions.of(queries)

    def tell(self, found: list[Prediction]) -> None:
        """Pass on what `answer` knows so far, one prediction for each of its queries, to whoever listens."""
        if self.early is not None:
            questions = self._questions
            self.early(self._cut(found if questions is None else questions.answers(found, beside=self.beside)))

    def beside(self, query: ParsedQuery, anchor: Moment, duration: float) -> Moment | None:
        """What is meant by a query that names only another event, such as "before the break"."""
        return beside(query, anchor, duration)

    @property
    def weight_bytes(self) -> int:
        """Bytes of memory that the weights take, as far as the grounder can tell; 0 before they are loaded."""
        return 0

    @property
    def look_seconds(self) -> float:
        """Seconds of a processor that a look at one second of video takes, decoding aside; infinite if unknown."""
        return math.inf

    @property
    def reach(self) -> float:
        """Seconds of the longest video that it can look at everywhere, at once or in windows."""
        return math.inf

    @abstractmethod
    def answer(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
        """One prediction per query with all its moments, best first; `ground` applies `top` and `threshold`.

        The queries are plain events unless the method is `whole`.
        """

    def receipt(self, video: Video, models: Mapping[str, str], **settings: Any) -> Receipt:
        """What made an answer: sha256 of the weights by name of the model, and the settings that shaped it."""
        shared = {"top": self.top, "threshold": self.threshold}
        return Receipt(__version__, self.name, video.sha256, dict(models), settings | shared)

    def _cut(self, answers: Sequence[Prediction]) -> list[Prediction]:
        return [cut(answer, self.top, self.threshold) for answer in answers]

    def stage(self, what: str) -> Fraction | None:
        """Progress of one step."""
        return stage(self.progress, what)


def ask(grounder: Grounder, video: Video, queries: Sequence[str], *, understand: bool = True) -> list[Prediction]:
    """What any grounder answers: for one that is no `BaseGrounder`, and not `whole`, queries are taken apart here.

    Raises as the grounder, and ModelError where it does not return one prediction per query.
    """
    if isinstance(grounder, BaseGrounder) or getattr(grounder, "whole", False) or not understand:
        return _one_each(grounder.ground(video, queries), queries)
    questions = Questions.of(queries_of(queries))
    return questions.answers(_one_each(grounder.ground(video, questions.events), questions.events))


def _one_each(given: object, queries: Sequence[str]) -> list[Prediction]:
    """What a grounder of anybody returned, if it is one prediction per query. Raises ModelError."""
    if not isinstance(given, list | tuple) or not all(isinstance(answer, Prediction) for answer in given):
        raise ModelError(f"the model returned {type(given).__name__} that is no list of predictions")
    if len(given) != len(queries):
        raise ModelError(f"the model gave {len(given)} answers to {len(queries)} queries")
    return [*given]


def cut(answer: Prediction, top: int, threshold: float) -> Prediction:
    """The answer with at most `top` moments, none of which scores less than `threshold`.

    Where a query asks for every occurrence, `top` does not count them.
    """
    kept = tuple(moment for moment in answer.moments if moment.score >= threshold)
    every = answer.understood is not None and answer.understood.which == EVERY
    return answer if every and kept == answer.moments else replace(answer, moments=kept if every else kept[:top])
