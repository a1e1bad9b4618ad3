"""Moments that repeat each other become one, whatever their order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from whenabouts.grounders.distinct import DUPLICATE_TIOU, distinct
from whenabouts.moment import Evidence, Moment

MOMENTS = st.builds(
    lambda start, length, score: Moment(start, start + length, score, (Evidence("seen", start, start + length),)),
    st.integers(0, 20),
    st.integers(1, 10),
    st.sampled_from([0.1, 0.5, 0.9]),
)


@given(st.lists(MOMENTS, max_size=12))
def test_what_is_left_is_apart_best_first_and_keeps_all_evidence(moments: list[Moment]) -> None:
    kept = distinct(moments)
    scores = [moment.score for moment in kept]
    assert scores == sorted(scores, reverse=True)
    assert all(a.tiou(b) <= DUPLICATE_TIOU for a in kept for b in kept if a is not b)
    assert {e for m in kept for e in m.evidence} == {e for m in moments for e in m.evidence}
    assert all(len(set(m.evidence)) == len(m.evidence) for m in kept)


def test_the_better_of_two_lends_its_times() -> None:
    said = Evidence("said", 1.0, 9.0, "lift-off")
    worse, better = Moment(1.0, 9.0, 0.4, (said,)), Moment(0.0, 10.0, 0.9, (Evidence("seen", 0.0, 10.0),))
    [one] = distinct([worse, better])
    assert (one.start, one.end, one.score) == (0.0, 10.0, 0.9) and one.evidence == (*better.evidence, said)


def test_thousands_of_moments_are_compared_with_those_near_them_only() -> None:
    many = [Moment(3.0 * i, 3.0 * i + 2, 0.5) for i in range(20_000)]
    twins = [Moment(3.0 * i + 0.2, 3.0 * i + 2, 0.4) for i in range(0, 20_000, 100)]
    long = Moment(0.0, 60_000.0, 0.3)
    assert distinct([*twins, long, *many]) == [*many, long]
