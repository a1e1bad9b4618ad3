"""Sets of intervals: order and overlaps do not matter, one interval is the plain case, hedging does not pay."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenabouts import moment
from whenabouts.rewards.parse import Window
from whenabouts.rewards.sets import giou_in_order, giou_of_sets, precision_of_sets, set_tiou, tiou_of_sets
from whenabouts.rewards.target import Target

quarter = st.integers(0, 400).map(lambda n: n / 4)
window = st.tuples(quarter, quarter).filter(lambda w: w[0] != w[1]).map(lambda w: (min(w), max(w)))
some = st.lists(window, min_size=1, max_size=5)
MEASURES = (tiou_of_sets, giou_of_sets, precision_of_sets, giou_in_order)


@given(one=window, other=window)
def test_one_interval_each_is_the_plain_measure(one: Window, other: Window) -> None:
    assert tiou_of_sets([one], [other]) == pytest.approx(float(moment.tiou([one], [other])[0, 0]))
    assert giou_of_sets([one], [other]) == pytest.approx(float(moment.giou([one], [other])[0, 0]))
    assert giou_in_order([one], [other]) == pytest.approx((1 + giou_of_sets([one], [other])) / 2)


@given(found=some, truths=some, seed=st.randoms())
def test_bounded_and_blind_to_the_order(found: list[Window], truths: list[Window], seed: object) -> None:
    shuffled = sorted(found, key=lambda _: seed.random())  # type: ignore[attr-defined]
    for measure in MEASURES:
        assert -1 <= measure(found, truths) <= 1
        assert measure(shuffled, truths) == pytest.approx(measure(found, truths))


@given(truths=some)
def test_only_the_whole_set_is_exact(truths: list[Window]) -> None:
    joined = [(float(start), float(end)) for start, end in moment.merge(truths)]
    for measure in (tiou_of_sets, precision_of_sets, giou_in_order):
        assert measure(joined, joined) == pytest.approx(1)
    hull = [(joined[0][0], joined[-1][1])]
    assert giou_of_sets(hull, joined) == pytest.approx(giou_of_sets(joined, joined))
    assert tiou_of_sets([*joined, (200.0, 201.0)], joined) < 1
    assert len(joined) == 1 or tiou_of_sets(joined[1:], joined) < 1


def test_cutting_a_hedge_in_pieces_changes_nothing() -> None:
    target = Target(((10.0, 12.0), (50.0, 52.0)), 60.0)
    pieces = str([[i, i + 1] for i in range(60)])
    assert set_tiou(pieces, target) == set_tiou("[[0, 60]]", target) == pytest.approx(4 / 60)
    assert set_tiou("from 10 to 12 s and from 50 to 52 s", target) == 1


def test_where_nothing_happens_only_saying_so_is_paid() -> None:
    nothing = Target((), 60.0)
    assert (set_tiou("[]", nothing), set_tiou("[[1, 2]]", nothing)) == (1, 0)
