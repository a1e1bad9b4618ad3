"""`Board`: the published figures of a data set, ranked where they can be, with what one needs to judge them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from whenabouts.auditing.contamination import Contamination, contamination
from whenabouts.auditing.leaderboard.beside import Baseline, Rerun, baselines, reruns_of
from whenabouts.auditing.leaderboard.figure import BLIND, Figure, Key, figures
from whenabouts.auditing.leaderboard.naming import metric_named, named, one_of
from whenabouts.auditing.leaderboard.placed import Placed
from whenabouts.auditing.leaderboard.ranking import chosen_metric, ranks, unranked
from whenabouts.auditing.leaderboard.rules import protocols_named, rule
from whenabouts.documents.document import Document

if TYPE_CHECKING:
    from whenabouts.auditing.portraits import Trait

__all__ = ["Board", "Group", "Standing", "leaderboard"]


@dataclass(frozen=True, slots=True)
class Standing:
    """A figure in its group.

    rank:     from 1; None for one that is not ranked, and `unranked` says why
    training: whether the system was trained on what it is tested on
    reruns:   what others got who ran it again
    """

    figure: Figure
    rank: int | None
    unranked: str
    training: Contamination
    reruns: tuple[Rerun, ...]

    def to_dict(self) -> dict[str, Any]:
        """Everything, as JSON values."""
        return self.figure.to_dict() | {
            "rank": self.rank,
            "unranked": self.unranked,
            "training": self.training.to_dict(),
            "reruns": [one.to_dict() for one in self.reruns],
        }


@dataclass(frozen=True, slots=True)
class Group:
    """Figures that can be compared: ranked ones first, by `metric`, then the others."""

    key: Key
    metric: str
    standings: tuple[Standing, ...]
    blind: tuple[Baseline, ...] = ()

    @property
    def ranked(self) -> list[Standing]:
        """Those that are ranked, the best first."""
        return [one for one in self.standings if one.rank is not None]

    def to_dict(self) -> dict[str, Any]:
        """Everything, as JSON values."""
        return self.key._asdict() | {
            "counted": rule(self.key.protocol).says,
            "metric": self.metric,
            "rows": [one.to_dict() for one in self.standings],
            "blind": [one.to_dict() for one in self.blind],
        }


@dataclass(frozen=True, slots=True)
class Board:
    """The groups of a data set: those with most ranked figures first, those with none last.

    paper:  figures from papers' tables that were not looked up again are ranked too
    placed: where a run of the user's stands, in each group that it can be compared with
    traits: what kind of predictor gave its answers, such as one that has the annotations
    """

    dataset: str
    groups: tuple[Group, ...]
    paper: bool = False
    placed: tuple[Placed, ...] = ()
    traits: tuple[Trait, ...] = ()
    notes: tuple[str, ...] = field(default=())

    def to_dict(self) -> dict[str, Any]:
        """Everything that the page shows, as JSON values."""
        return {
            "dataset": self.dataset,
            "paper": self.paper,
            "groups": [group.to_dict() for group in self.groups],
            "placed": [one.to_dict() for one in self.placed],
            "traits": [asdict(one) for one in self.traits],
            "notes": list(self.notes),
        }

    def document(self) -> Document:
        """The same to read."""
        from whenabouts.auditing.leaderboard.shown import document

        return document(self)


def leaderboard(
    dataset: str,
    *,
    metric: str | None = None,
    split: str | None = None,
    protocol: str | None = None,
    setting: str | None = None,
    paper: bool = False,
) -> Board:
    """The published figures of a data set.

    metric:  to rank by; default: in each group that which most of its figures have
    split, protocol, setting: only these; a protocol also by the names that others have for it
    paper:   rank figures from papers' tables that were not looked up again

    Raises InputError for a name that is unknown, with those there are.
    """
    name, only = named(dataset)
    chosen = [one for one in figures(name) if one.setting != BLIND]
    for what, values in (
        ("split", () if split is None and only is None else (split or only,)),
        ("protocol", () if protocol is None else protocols_named(protocol)),
        ("setting", () if setting is None else (setting,)),
    ):
        chosen = _only(chosen, what, values) if values else chosen
    by = None if metric is None else metric_named(metric, chosen, name)
    keys = dict.fromkeys(one.key for one in chosen)
    groups = [_group(key, [one for one in chosen if one.key == key], by, paper) for key in keys]
    groups.sort(key=lambda group: (not group.ranked, -len(group.ranked)))
    return Board(name, tuple(groups), paper)


def _only(chosen: Sequence[Figure], what: str, values: Sequence[str | None]) -> list[Figure]:
    kept = [one for one in chosen if getattr(one, what) in values]
    if not kept:
        one_of(str(values[0]), dict.fromkeys(str(getattr(one, what)) for one in chosen), what)
    return kept


def _group(key: Key, chosen: Sequence[Figure], metric: str | None, paper: bool) -> Group:
    by = metric or chosen_metric(chosen, paper=paper)
    standings = [
        Standing(
            figure,
            rank,
            unranked(figure, by, paper=paper),
            contamination(figure.system, key.dataset, key.split, key.setting),
            reruns_of(figure),
        )
        for figure, rank in zip(chosen, ranks(chosen, by, paper=paper), strict=True)
    ]
    return Group(key, by, tuple(_ordered(standings, by)), baselines(key))


def _ordered(standings: Iterable[Standing], metric: str) -> list[Standing]:
    def place(one: Standing) -> tuple[float, float]:
        return one.rank or float("inf"), -one.figure.scores.get(metric, -1.0)

    return sorted(standings, key=place)
