"""`Figure`: a published row, with where it was read and how sure it is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from whenabouts.auditing.facts import read_facts
from whenabouts.errors import AnnotationError

__all__ = ["BLIND", "CONFIRMED", "SECONDS", "UNKNOWN", "Figure", "Key", "datasets", "figures"]

FOLDER = Path(__file__).parent / "figures"
UNKNOWN = "?"
BLIND = "blind"
CONFIRMED = ("yes", "paper?", "quoted", "no")  # what they mean, `grounders.llm.published` says
SECONDS = ("start-delay", "end-delay")  # columns in seconds, late ones positive; all others are per cent
BEFORE = ("system", "arxiv", "split", "truth", "protocol", "evaluation", "setting", "features")
NEEDED = ("system", "split", "truth", "protocol", "setting", "source", "kind")
AFTER = ("source", "kind", "confirmed", "unread", "note")


class Key(NamedTuple):
    """What figures must have in common to be ranked."""

    dataset: str
    split: str
    truth: str
    protocol: str
    setting: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A row of a published table.

    split, protocol, setting: `?` where they are not stated
    truth:      the version of the annotations: `original`, or who repaired them
    protocol:   how it was counted: see `rules.rule`
    evaluation: the protocol in PROTOCOLS of its own evaluation, where that differs in what an unreadable answer costs
    features:   features or backbone
    scores:     per cent, by the names that `evaluate` prints
    kind:       what the source is: README, paper, abstract, page, log, issue, re-implementation, second-hand
    confirmed:  one of CONFIRMED
    unread:     the metrics whose values are told of elsewhere and were not found in the source
    """

    dataset: str
    system: str
    arxiv: str
    split: str
    truth: str
    protocol: str
    evaluation: str
    setting: str
    features: str
    scores: Mapping[str, float]
    source: str
    kind: str
    confirmed: str
    unread: tuple[str, ...]
    note: str

    @property
    def key(self) -> Key:
        """What it shares with the figures that it may be ranked with."""
        return Key(self.dataset, self.split, self.truth, self.protocol, self.setting)

    @property
    def title(self) -> str:
        """The system, with its features where they tell rows apart."""
        return f"{self.system} ({self.features})" if self.features else self.system

    def to_dict(self) -> dict[str, Any]:
        """Everything, as JSON values."""
        return asdict(self)


def datasets() -> list[str]:
    """The data sets of which figures are known, in order."""
    return sorted(path.stem for path in FOLDER.glob("*.csv"))


@cache
def figures(dataset: str) -> tuple[Figure, ...]:
    """The figures of a data set, in the order of its file. Raises AnnotationError naming file, line and field."""
    path = FOLDER / f"{dataset}.csv"
    return tuple(_figure(dataset, path, line, row) for line, row in read_facts(path, *BEFORE, *AFTER))


def _figure(dataset: str, path: Path, line: int, row: dict[str, str]) -> Figure:
    facts = {name: row[name] for name in (*BEFORE, *AFTER)}
    if facts["confirmed"] not in CONFIRMED:
        raise AnnotationError(f"{path}:{line}: confirmed: {facts['confirmed']!r} is none of {', '.join(CONFIRMED)}")
    if empty := [name for name in NEEDED if not facts[name]]:
        raise AnnotationError(f"{path}:{line}: {empty[0]} is empty; write {UNKNOWN} for what is not stated")
    scores = {name: _number(path, line, name, text) for name, text in row.items() if name not in facts and text}
    if not scores:
        raise AnnotationError(f"{path}:{line} has no figure")
    unread = tuple(facts.pop("unread").split())
    if strange := [name for name in unread if name not in scores]:
        raise AnnotationError(f"{path}:{line}: unread: {strange[0]!r} has no figure")
    return Figure(dataset=dataset, scores=scores, unread=unread, **facts)


def _number(path: Path, line: int, name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and (name in SECONDS or 0 <= value <= 100)):
        raise AnnotationError(f"{path}:{line}: {name}: {text!r} is no percentage")
    return value
