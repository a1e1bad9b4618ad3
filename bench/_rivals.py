"""Rivals that take turns: what each costs in the same run, as seconds that pass and as seconds of the CPU.

Seconds of the CPU include those of programs that are started, and do not depend on what else the machine does.
"""

from __future__ import annotations

import resource
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

__all__ = ["Cost", "Row", "printed", "take_turns"]


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one call, in seconds."""

    wall: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Row:
    """Ours beside one rival: medians, and the medians of the ratios of each turn; above 1, ours is faster."""

    work: str
    rival: str
    ours: Cost
    theirs: Cost
    ratio: Cost


def cost(work: Callable[[], object]) -> Cost:
    """What one call takes."""
    cpu, wall = _cpu(), time.perf_counter()
    work()
    return Cost(time.perf_counter() - wall, _cpu() - cpu)


def take_turns(
    work: str, ours: Callable[[], object], rivals: Mapping[str, Callable[[], object]], rounds: int
) -> list[Row]:
    """Every rival beside ours, after one call of each that warms up; each round calls all of them."""
    for each in (ours, *rivals.values()):
        each()
    turns = [(cost(ours), {name: cost(rival) for name, rival in rivals.items()}) for _ in range(rounds)]
    return [
        Row(
            work,
            name,
            _median([mine for mine, _ in turns]),
            _median([theirs[name] for _, theirs in turns]),
            _median([Cost(t[name].wall / mine.wall, t[name].cpu / max(mine.cpu, 1e-9)) for mine, t in turns]),
        )
        for name in rivals
    ]


def printed(rows: list[Row]) -> dict[str, float]:
    """The rows as a table on standard output, and the ratios of the CPU's time by name."""
    print(
        f"{'work':34} {'peer':34} {'ours s':>8} {'peer s':>8} {'ours cpu':>9} {'peer cpu':>9} {'ratio':>6} {'cpu':>6}"
    )
    for row in rows:
        print(
            f"{row.work:34} {row.rival:34} {row.ours.wall:8.3f} {row.theirs.wall:8.3f} {row.ours.cpu:9.3f} "
            f"{row.theirs.cpu:9.3f} {row.ratio.wall:6.2f} {row.ratio.cpu:6.2f}"
        )
    return {f"{row.work} / {row.rival}": round(row.ratio.cpu, 2) for row in rows}


def _cpu() -> float:
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(used.ru_utime + used.ru_stime for used in both)


def _median(costs: list[Cost]) -> Cost:
    return Cost(statistics.median(c.wall for c in costs), statistics.median(c.cpu for c in costs))
