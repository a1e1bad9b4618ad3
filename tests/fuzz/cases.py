"""The cases of a target: what broke something before, then damaged seeds and drawn inputs, all by the seed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from fuzz.mutate import damaged
from fuzz.target import TARGETS, Target, load

__all__ = ["KEPT", "WHY", "Case", "cases_of", "kept_cases", "shares"]

KEPT = Path(__file__).parent / "kept"
WHY = "why.txt"  # beside an input: what it did
DRAWN = 0.3  # of the cases, where a target can draw whole inputs


class Case(NamedTuple):
    """An input: the name of its file, and what is in it."""

    name: str
    content: bytes


def shares(count: int, names: list[str]) -> dict[str, int]:
    """How many of `count` cases each target gets: at least one."""
    every = sum(TARGETS[name] for name in names)
    return {name: max(1, round(count * TARGETS[name] / every)) for name in names}


def kept_cases(name: str) -> list[Case]:
    """What broke a target once: each in a folder of its own, under the name that it had."""
    return [Case(path.name, path.read_bytes()) for path in sorted((KEPT / name).glob("*/*")) if path.name != WHY]


def cases_of(name: str, count: int, seed: int, folder: Path) -> Iterator[Case]:
    """`count` new cases of a target; `folder` is an empty one for making seeds."""
    target = load(name)
    seeds = dict(target.seeds(folder))
    contents = list(seeds.values())
    drawn = _drawn(target, round(count * DRAWN), seed) if target.drawn else []
    for number in range(count):
        random = Random(f"{seed} {name} {number}")
        if number < len(seeds) and number < count // 4:
            yield Case(*list(seeds.items())[number])  # as it is: what is sound must be answered
        elif drawn and random.random() < DRAWN:
            yield Case(*drawn[number % len(drawn)])
        else:
            file = random.choice(list(seeds))
            yield Case(file, damaged(seeds[file], contents, target.tokens, random))


def _drawn(target: Target, count: int, seed: int) -> list[tuple[str, bytes]]:
    """Whole inputs out of the target's strategy, always the same ones for a seed."""
    import hypothesis

    assert target.drawn is not None
    found: list[tuple[str, bytes]] = []

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=max(count, 1),
        database=None,
        deadline=None,
        derandomize=False,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(target.drawn())
    def collect(case: Any) -> None:
        found.append(case)

    collect()
    return found
