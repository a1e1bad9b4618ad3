"""What stands beside published figures: blind baselines that were measured here, and attempts to run a system again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from whenabouts.auditing.facts import read_facts
from whenabouts.auditing.leaderboard.figure import BLIND, UNKNOWN, Figure, Key, figures
from whenabouts.auditing.leaderboard.rules import rule

__all__ = ["Baseline", "Rerun", "addresses", "baselines", "no_baselines", "reruns_of"]

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Baseline:
    """What answers reach that never look at the video: scores in per cent, and who measured them."""

    name: str
    scores: Mapping[str, float]
    source: str

    def to_dict(self) -> dict[str, Any]:
        """Everything, as JSON values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Rerun:
    """What somebody got who ran a system again: scores in per cent."""

    system: str
    scores: Mapping[str, float]
    by: str
    source: str

    def to_dict(self) -> dict[str, Any]:
        """Everything, as JSON values."""
        return asdict(self)


def reruns_of(figure: Figure) -> tuple[Rerun, ...]:
    """The attempts to run the system of a figure again, on the same split and in the same setting."""
    place = (figure.dataset, figure.split, figure.setting)
    return tuple(
        Rerun(row["system"], _scores(row, ("system", "dataset", "split", "setting", "by", "source")), *_told(row))
        for row in _table("reruns.csv")
        if row["system"] == figure.system and (row["dataset"], row["split"], row["setting"]) == place
    )


def baselines(key: Key) -> tuple[Baseline, ...]:
    """The blind baselines of a split, counted as the protocol counts; none where it counts no first window."""
    counts = rule(key.protocol).counts if key.truth == "original" else None
    if counts is None:
        return ()
    measured = (
        Baseline(row["baseline"], _scores(row, ("dataset", "split", "protocol", "baseline", "source")), row["source"])
        for row in _table("blind.csv")
        if (row["dataset"], row["split"], row["protocol"]) == (key.dataset, key.split, key.protocol)
    )
    return (*measured, *_published(key, counts))


def no_baselines(key: Key) -> str:
    """Why there is none, in a sentence."""
    if rule(key.protocol).counts is None:
        return "There is no blind baseline here for what this protocol counts."
    if key.split == UNKNOWN:
        return "No blind baseline can be computed, for the split is not stated."
    return "No blind baseline was computed, for no annotations of this split, or none to learn from, were at hand."


@cache
def addresses() -> dict[str, str]:
    """The address of each source that has one."""
    rows = (row for _, row in read_facts(HERE / "sources.csv", "source", "address", "read"))
    return {row["source"]: row["address"] for row in rows if row["address"]}


def _published(key: Key, counts: str) -> Iterable[Baseline]:
    for one in figures(key.dataset):
        if one.setting == BLIND and one.split == key.split and rule(one.protocol).counts == counts:
            yield Baseline(one.system.removeprefix("Blind: "), one.scores, f"{one.source} {one.arxiv}")


def _scores(row: Mapping[str, str], facts: Iterable[str]) -> dict[str, float]:
    return {name: float(text) for name, text in row.items() if name not in facts and text}


def _told(row: Mapping[str, str]) -> tuple[str, str]:
    return row["by"], row["source"]


@cache
def _table(name: str) -> tuple[dict[str, str], ...]:
    return tuple(row for _, row in read_facts(HERE / name, "dataset", "split", "source"))
