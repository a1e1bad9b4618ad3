from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.grounders.stream.pace import Pace


def looked(pace: Pace, times: list[float]) -> list[float]:
    return [t for t in times if pace.look(t) is not None]


@pytest.mark.parametrize("rate", [1.0, 7.5, 25.0, 29.97, 60.0])
def test_one_picture_a_second_is_looked_at_of_any_stream(rate: float) -> None:
    seen = looked(Pace(1.0), [i / rate for i in range(round(100 * rate))])
    assert 99 <= len(seen) <= 101


def test_pictures_that_come_a_little_early_are_looked_at() -> None:
    assert len(looked(Pace(1.0), [i - 0.1 * (i % 2) for i in range(50)])) == 50


@given(st.lists(st.floats(0, 1e5), max_size=100), st.sampled_from([0.5, 1.0, 4.0]))
def test_pictures_never_overlap_whatever_the_times_are(times: list[float], fps: float) -> None:
    pace, looks = Pace(fps), []
    for t in times:
        if look := pace.look(t):
            assert look.begin <= t and 0 < look.seconds <= 2 / fps
            looks.append((look.begin, t))
    assert all(one[1] < other[1] and one[0] < other[0] for one, other in pairwise(looks))


def test_time_that_is_none_is_passed_over() -> None:
    pace = Pace(1.0)
    assert pace.look(float("nan")) is None and pace.look(0.0) is not None


def test_after_a_gap_nothing_reaches_back_into_it() -> None:
    pace = Pace(1.0)
    pace.look(10.0)
    pace.interrupt(60.0)
    look = pace.look(60.2)
    assert look is not None and look.begin == 60.0
