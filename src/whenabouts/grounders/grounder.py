"""What a grounder is, and what all of ours share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, runtime_checkable

from whenabouts.prediction import Prediction, Receipt
from whenabouts.progress import Fraction, Progress, stage
from whenabouts.query import parse_query, queries_of
from whenabouts.version import __version__

if TYPE_CHECKING:
    from whenabouts.video import Video

__all__ = ["THRESHOLD", "TOP", "BaseGrounder", "Grounder", "cut", "unapplied"]

TOP = 5
UNAPPLIED = "which occurrence, or what it stands before or after, is not applied here; ask with search to apply it"
THRESHOLD = 0.0


def unapplied(query: str) -> tuple[str, ...]:
    """What a grounder notes that takes the query as a whole, where it names an occurrence or a relation.

    >>> unapplied("a dog"), len(unapplied("the second time a dog barks"))
    ((), 1)
    """
    return () if parse_query(query).plain else (UNAPPLIED,)


@runtime_checkable
class Grounder(Protocol):
    """The protocol: V x q -> ranked moments with scores, a saliency curve and a presence probability."""

    def ground(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
        """Answer every query on one video: a list as long as `queries`, in their order."""
        ...


@dataclass(kw_only=True)
class BaseGrounder(ABC):
    """A grounder with the settings, checks and receipts that all methods have alike.

    top:       at most so many moments per query
    threshold: moments that score less are left out
    cache:     keep features and recognised text on disk, by content
    device:    where models run, as torch names it ("cpu", "cuda:1"); None is a GPU where there is one
    progress:  called with what is being done and the fraction of it that is done

    A method loads its weights with the first query and keeps them for its lifetime.
    `weights` names the fields that decide which weights those are; all others may be changed between two questions.
    """

    name: ClassVar[str]
    weights: ClassVar[tuple[str, ...]] = ("device",)

    top: int = TOP
    threshold: float = THRESHOLD
    cache: bool = True
    device: str | None = None
    progress: Progress | None = field(default=None, repr=False, compare=False)

    def ground(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
        """One prediction per query, in their order. Raises VideoError, QueryError, ModelError, MissingExtra."""
        return [cut(answer, self.top, self.threshold) for answer in self.answer(video, queries_of(queries))]

    @property
    def weight_bytes(self) -> int:
        """Bytes of memory that the weights take, as far as the grounder can tell; 0 before they are loaded."""
        return 0

    @abstractmethod
    def answer(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
        """One prediction per query with all its moments, best first; `ground` applies `top` and `threshold`."""

    def receipt(self, video: Video, models: Mapping[str, str], **settings: Any) -> Receipt:
        """What made an answer: sha256 of the weights by name of the model, and the settings that shaped it."""
        shared = {"top": self.top, "threshold": self.threshold}
        return Receipt(__version__, self.name, video.sha256, dict(models), settings | shared)

    def stage(self, what: str) -> Fraction | None:
        """Progress of one step."""
        return stage(self.progress, what)


def cut(answer: Prediction, top: int, threshold: float) -> Prediction:
    """The answer with at most `top` moments, none of which scores less than `threshold`."""
    kept = tuple(moment for moment in answer.moments if moment.score >= threshold)
    return replace(answer, moments=kept[:top])
