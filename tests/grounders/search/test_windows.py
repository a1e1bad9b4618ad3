"""Hierarchical windows: few looks, and they end where the event is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.grounders.search.windows import Windows
from whenabouts.moment import Moment


@dataclass
class Overlap:
    """A verifier that sees how much of an event lies in a window; counts its looks."""

    event: tuple[float, float]
    name: str = "overlap"
    looks: int = 0
    seen: list[Moment] = field(default_factory=list)

    def verify(self, video: Any, query: str, moments: Sequence[Moment]) -> list[float]:
        self.looks += len(moments)
        self.seen += moments
        start, end = self.event
        return [max(0.0, min(end, m.end) - max(start, m.start)) / (end - start) for m in moments]


@given(st.floats(1, 40_000), st.floats(0, 0.9), st.floats(0.5, 30))
def test_the_best_region_holds_the_event(duration: float, where: float, length: float) -> None:
    start = where * duration
    eye = Overlap((start, min(duration, start + length)))
    [regions] = Windows(eye).regions(SimpleNamespace(duration=duration), ["x"])  # type: ignore[arg-type]
    best = regions[0]
    assert min(best.end, eye.event[1]) - max(best.start, start) >= 0.5 * (eye.event[1] - start) - 1e-6
    assert best.end - best.start <= 60
    assert all(-1e-6 <= m.start < m.end <= duration + 1e-6 for m in eye.seen)
    assert all(a is b or a.end <= b.start or b.end <= a.start for a in regions for b in regions)


def test_an_hour_costs_few_looks() -> None:
    eye = Overlap((2000.0, 2004.0))
    [[best, *_]] = Windows(eye).regions(SimpleNamespace(duration=3600.0), ["x"])  # type: ignore[arg-type]
    assert best.start <= 2000.0 and best.end >= 2004.0 and best.end - best.start == pytest.approx(30.0)
    assert eye.looks <= 2 * 3600 / 480 + 3 * 4 * 4
