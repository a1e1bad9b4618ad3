"""Counterfactuals by construction: what must move moves, what must vanish is gone, what must stay stays."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lasting import Lasting

from whenabouts.moment import merge, tiou
from whenabouts.trust.counterfactual.made import KINDS, counterfactuals

VIDEO, OTHER = Lasting(60.0), Lasting(45.0)


@given(
    rows=st.lists(st.tuples(st.integers(0, 550), st.integers(5, 200)), min_size=1, max_size=3),
    seed=st.integers(0, 100),
)
@settings(max_examples=60)
def test_what_is_promised_is_kept(rows: list[tuple[int, int]], seed: int) -> None:
    truth = np.array([[start / 10, min(60.0, (start + length) / 10)] for start, length in rows])
    made = counterfactuals(VIDEO, truth, others=[OTHER], seed=seed)
    assert [one.kind for one in made] == [kind for kind in KINDS if kind in {one.kind for one in made}]
    for one in made:
        if one.change == "vanishes":
            assert not len(one.truth)
            assert all(one.video.time_map.kept(start, end) < 1e-6 for start, end in truth)
            continue
        assert all(one.video.time_map.kept(start, end) > 1 - 1e-6 for start, end in truth), one.kind
        close = tiou(one.truth, merge(truth)).max()
        assert close < 0.5 if one.change == "moves" else close == pytest.approx(1.0)


def test_the_same_seed_makes_the_same_and_order_does_not_matter() -> None:
    truth = np.array([[20.0, 26.0]])
    one = counterfactuals(VIDEO, truth, others=[OTHER], seed=3)
    other = counterfactuals(VIDEO, truth, others=[OTHER], kinds=list(KINDS)[::-1], seed=3)
    assert {each.video.sha256 for each in one} == {each.video.sha256 for each in other}
    assert len(one) == len(KINDS)
    third = counterfactuals(VIDEO, truth, others=[OTHER], seed=4)
    assert {each.video.sha256 for each in one} != {each.video.sha256 for each in third}


def test_without_another_video_nothing_is_put_in() -> None:
    kinds = [one.kind for one in counterfactuals(VIDEO, np.array([[20.0, 26.0]]))]
    assert kinds == [kind for kind in KINDS if kind not in {"insert-before", "replaced"}]


def test_a_truth_that_fills_the_video_is_not_cut_around() -> None:
    kinds = {one.kind for one in counterfactuals(OTHER, np.array([[0.0, 45.0]]), others=[VIDEO])}
    assert kinds <= {"insert-before", "faster", "replaced"} and "replaced" in kinds


def test_another_video_takes_the_place_and_times_stay() -> None:
    (one,) = counterfactuals(VIDEO, np.array([[20.0, 30.0]]), others=[OTHER], kinds=["replaced"])
    assert one.video.duration == pytest.approx(60.0)
    assert one.video.time_map.windows([[40, 50]]) == pytest.approx(np.array([[40, 50]]))
