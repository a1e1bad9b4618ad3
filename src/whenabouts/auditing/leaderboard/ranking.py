"""Who may be ranked, and how: within one data set, split, version of truth, protocol and setting, by one metric."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from whenabouts.auditing.leaderboard.figure import BLIND, SECONDS, UNKNOWN, Figure

__all__ = ["METRICS", "chosen_metric", "ranks", "unranked", "withheld"]

METRICS = (
    "MR-full-mAP",
    "average_mAP",
    "R1@0.5",
    "mIoU",
    "R1@0.7",
    "R1@0.3",
    "HL-min-VeryGood-mAP",
    "R5@0.5",
    "AR@100",
)
NOT_STATED = {"split": "split not stated", "protocol": "protocol not stated", "setting": "setting not stated"}
WITHHELD = {"no": "second-hand", "quoted": "quoted by others"}


def withheld(figure: Figure, *, paper: bool = False) -> str:
    """Why a figure is never ranked, in words; empty for one that may be.

    paper: figures that were read in the table of a paper and not looked up again are ranked too
    """
    if figure.setting == BLIND:
        return "blind"
    if figure.confirmed in WITHHELD:
        return WITHHELD[figure.confirmed]
    if figure.confirmed != "yes" and not paper:
        return "paper, not looked up again"
    for name, told in NOT_STATED.items():
        if getattr(figure, name) == UNKNOWN:
            return told
    return ""


def unranked(figure: Figure, metric: str, *, paper: bool = False) -> str:
    """Why a figure is not ranked by a metric, in words; empty for one that is."""
    if reason := withheld(figure, paper=paper):
        return reason
    return f"no {metric}" if metric not in figure.scores else f"{metric} second-hand" if metric in figure.unread else ""


def ranks(figures: Sequence[Figure], metric: str, *, paper: bool = False) -> list[int | None]:
    """The rank of each figure among those that it shares its key with; None for one that is not ranked.

    Equal figures share the better rank, and the next one has the rank after all of them: 1, 2, 2, 4.
    """
    ranked = [figure for figure in figures if not unranked(figure, metric, paper=paper)]
    return [
        1 + sum(other.key == figure.key and other.scores[metric] > figure.scores[metric] for other in ranked)
        if not unranked(figure, metric, paper=paper)
        else None
        for figure in figures
    ]


def chosen_metric(figures: Iterable[Figure], *, paper: bool = False) -> str:
    """The first in METRICS that at least half of the figures which may be ranked have, else the one that most have."""
    known = list(figures)
    able = [figure for figure in known if not withheld(figure, paper=paper)] or known
    counts = Counter(name for figure in able for name in figure.scores if name not in {*SECONDS, *figure.unread})
    usual = (name for name in METRICS if 2 * counts[name] >= len(able))
    return next(usual, counts.most_common(1)[0][0])
