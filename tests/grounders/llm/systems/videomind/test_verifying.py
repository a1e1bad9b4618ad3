"""What VideoMind's verifier is shown, how it scores, and the units spans are rounded to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.grounders.llm.systems.videomind.verifying import UNITS, rounded, thirds, verifier_score, widened


def test_half_the_length_is_added_on_each_side() -> None:
    assert widened((10.0, 14.0), 60.0) == (8.0, 16.0)
    assert widened((0.0, 50.0), 60.0) == (0.0, 60.0)


@given(st.floats(0.1, 500), st.floats(0, 1), st.floats(0, 1))
def test_what_the_verifier_sees_is_long_enough_and_holds_the_candidate(duration: float, a: float, b: float) -> None:
    span = (min(a, b) * duration, max(a, b) * duration)
    start, end = widened(span, duration)
    assert -1e-9 <= start <= span[0] + 1e-9 and span[1] - 1e-9 <= end <= duration + 1e-9
    assert end - start >= min(2.0, duration) - 1e-9


def test_the_score_grows_with_yes_and_cannot_leave_its_range() -> None:
    assert verifier_score(0.0, 1.0) == pytest.approx(0.268941, abs=1e-6)
    assert verifier_score(0.0, 1.0) + verifier_score(1.0, 0.0) == pytest.approx(1)
    assert verifier_score(0.6, 0.1) > verifier_score(0.6, 0.2) > 0.5


def test_failure_gives_five_overlapping_thirds() -> None:
    assert thirds(12.0) == [(0, 4), (2, 6), (4, 8), (6, 10), (8, 12)]


@pytest.mark.parametrize(
    ("dataset", "expected"),
    [("charades", (3.1, 9.0)), ("activitynet", (3.14, 8.96)), ("qvhighlights", (4, 8)), ("tacos", (3.142, 8.957))],
)
def test_units_of_the_data_sets(dataset: str, expected: tuple[float, float]) -> None:
    assert rounded((3.14159, 8.9567), UNITS[dataset]) == expected
