"""What VideoMind's verifier is shown, how it scores, and the units spans are rounded to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.grounders.llm.systems.videomind.verifying import (
    boundaries,
    clamped,
    rounded,
    thirds,
    verifier_score,
    widened,
)


@pytest.mark.parametrize(
    ("span", "duration", "window"),
    [  # yeliudev/VideoMind utils/parser.py: parse_span, as eval/infer_auto.py calls it
        ((64.88, 65.52), 150.0, (63.2, 67.2)),
        ((10.0, 14.0), 60.0, (8.0, 16.0)),
        ((0.0, 50.0), 60.0, (0.0, 60.0)),
        ((59.9, 60.0), 60.0, (57.0, 60.0)),
        ((0.2, 0.4), 1.0, (0.0, 1.0)),
    ],
)
def test_a_candidate_is_two_seconds_before_half_of_it_is_added(
    span: tuple[float, float], duration: float, window: tuple[float, float]
) -> None:
    assert widened(span, duration) == pytest.approx(window)


@given(st.floats(0.1, 500), st.floats(0, 1), st.floats(0, 1), st.integers(1, 32))
def test_what_the_verifier_sees_holds_the_candidate(duration: float, a: float, b: float, steps: int) -> None:
    span = (min(a, b) * duration, max(a, b) * duration)
    start, end = widened(span, duration)
    assert -1e-9 <= start <= span[0] + 1e-9 and span[1] - 1e-9 <= end <= duration + 1e-9
    assert end - start >= min(3.0, duration) - 1e-9
    begins, ended = boundaries(span, duration, steps)
    assert 0 <= begins <= ended <= steps


@given(st.floats(-9, 99), st.floats(-9, 99), st.floats(0.5, 60), st.floats(0, 90))
def test_a_span_ends_up_inside_and_long_enough(a: float, b: float, duration: float, least: float) -> None:
    start, end = clamped((a, b), duration, least)
    assert 0 <= start <= end <= duration and end - start >= min(least, duration) - 1e-9


def test_the_score_grows_with_yes_and_cannot_leave_its_range() -> None:
    assert verifier_score(0.0, 1.0) == pytest.approx(0.268941, abs=1e-6)
    assert verifier_score(0.0, 1.0) + verifier_score(1.0, 0.0) == pytest.approx(1)
    assert verifier_score(0.6, 0.1) > verifier_score(0.6, 0.2) > 0.5


def test_failure_gives_five_overlapping_thirds() -> None:
    assert thirds(12.0) == [(0, 4), (2, 6), (4, 8), (6, 10), (8, 12)]


@pytest.mark.parametrize(
    ("unit", "expected"), [(0.1, (3.1, 9.0)), (0.01, (3.14, 8.96)), (2.0, (4, 8)), (0.001, (3.142, 8.957))]
)
def test_spans_are_rounded_to_a_unit(unit: float, expected: tuple[float, float]) -> None:
    assert rounded((3.14159, 8.9567), unit) == expected
