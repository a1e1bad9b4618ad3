"""Agreement is 1 for the same windows, 0 for strangers, and symmetric."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.server.agreement import agreement, pairwise_agreement

windows = st.lists(st.tuples(st.floats(0, 100), st.floats(0.5, 50)).map(lambda w: (w[0], w[0] + w[1])), max_size=5)


@given(windows, windows)
def test_it_is_symmetric_and_between_nothing_and_all(
    first: list[tuple[float, float]], second: list[tuple[float, float]]
) -> None:
    assert pairwise_agreement(first, second) == pytest.approx(pairwise_agreement(second, first))
    assert 0 <= pairwise_agreement(first, second) <= 1 + 1e-9
    assert pairwise_agreement(first, first) == pytest.approx(1)


def test_windows_are_matched_one_to_one() -> None:
    assert pairwise_agreement([(0, 10)], [(0, 10), (0, 9)]) == pytest.approx(0.5)
    assert pairwise_agreement([(0, 10), (20, 30)], [(21, 30), (0, 10)]) == pytest.approx((1 + 0.9) / 2)


def test_two_that_say_it_does_not_happen_agree_and_one_alone_says_nothing() -> None:
    assert agreement({"ann": [], "bob": []}) == 1
    assert agreement({"ann": [], "bob": [(0, 1)]}) == 0
    assert agreement({"ann": [(0, 1)]}) is None
    assert agreement({"ann": [(0, 1)], "bob": [(0, 1)], "cy": []}) == pytest.approx(1 / 3)
