"""What the leaderboard has: data sets, their splits, and how many figures of each are ranked."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from whenabouts.auditing.leaderboard.board import leaderboard
from whenabouts.auditing.leaderboard.figure import UNKNOWN, datasets
from whenabouts.documents.document import Document, Section, Table

__all__ = ["Listing", "listing"]


@dataclass(frozen=True, slots=True)
class Row:
    """A data set: how many figures it has, how many of them are ranked in how many groups, and on which splits."""

    dataset: str
    figures: int
    ranked: int
    groups: int
    splits: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """All data sets."""

    rows: tuple[Row, ...]

    def to_dict(self) -> dict[str, Any]:
        """Everything, as JSON values."""
        return {"datasets": [asdict(row) for row in self.rows]}

    def document(self) -> Document:
        """The same to read."""
        cells = tuple((row.dataset, row.figures, row.ranked, row.groups, ", ".join(row.splits)) for row in self.rows)
        table = Table(("data set", "figures", "ranked", "groups", "splits"), cells)
        total = sum(row.figures for row in self.rows)
        return Document(
            "Leaderboard",
            f"{total} published figures of {len(cells)} data sets",
            (),
            (Section("Data sets", (), (table,)),),
        )


def listing() -> Listing:
    """What there is."""
    rows = []
    for name in datasets():
        groups = leaderboard(name).groups
        splits = dict.fromkeys(group.key.split for group in groups if group.key.split != UNKNOWN)
        figures, ranked = (
            sum(len(of) for of in each) for each in zip(*((g.standings, g.ranked) for g in groups), strict=True)
        )
        rows.append(Row(name, figures, ranked, sum(bool(g.ranked) for g in groups), tuple(splits)))
    return Listing(tuple(rows))
