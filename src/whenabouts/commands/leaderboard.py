"""`Leaderboard`: the published figures of a data set, and where a run of one's own stands among them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

from whenabouts.commands.command import Command
from whenabouts.errors import InputError

if TYPE_CHECKING:
    from whenabouts.auditing.leaderboard import Board, Listing

__all__ = ["Leaderboard"]


class Leaderboard(Command):
    """Rank published figures that were counted alike, beside blind baselines and what systems were trained on."""

    dataset: str | None = Field(None, description="Data set. Default: list those of which figures are known.")
    metric: str | None = Field(None, description="Metric to rank by. Default: that of most figures of a group.")
    split: str | None = Field(None, description="Only figures on this split.")
    protocol: str | None = Field(None, description="Only figures that were counted so.")
    setting: str | None = Field(None, description="Only figures of this setting, such as zero-shot or fine-tuned.")
    paper: bool = Field(False, description="Also rank figures from the tables of papers that were not looked up again.")
    place: Path | None = Field(
        None, description="Answers, as for `evaluate`: score them as the figures were, and show where they stand."
    )
    truth: Path = Field(Path(), description="With --place: annotation file, or a directory that has it.")
    train: Path | None = Field(None, description="With --place: annotations to choose the blind baseline from.")

    def run(self) -> Board | Listing:
        """The board, or what boards there are. Raises InputError, AnnotationError naming the file at fault."""
        from whenabouts.auditing.leaderboard import leaderboard, listing, place

        if self.dataset is None:
            if self.place or self.metric or self.split or self.protocol or self.setting:
                raise InputError("name a data set; without one the leaderboard lists those it has")
            return listing()
        board = leaderboard(
            self.dataset,
            metric=self.metric,
            split=self.split,
            protocol=self.protocol,
            setting=self.setting,
            paper=self.paper,
        )
        if self.place is None:
            return board
        return place(board, self.place, self.truth, split=self.split, train=self.train)
