"""Differences between two systems: intervals, tests and corrections, beside scipy's and lmms-eval's own figures."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.metrics.clustered import clustered_stderr, paired_t
from whenabouts.metrics.mcnemar import mcnemar
from whenabouts.metrics.paired import holm, paired_differences
from whenabouts.metrics.student import t_quantile, two_sided_p

FIRST, SECOND = [0.2, 0.9, 0.4, 0.7, 0.0, 1.0, 0.3], [0.5, 0.8, 0.9, 0.7, 0.4, 1.0, 0.1]
VIDEOS = ["a", "a", "b", "b", "b", "c", "d"]


def test_standard_errors_and_the_t_test_are_those_of_lmms_eval() -> None:
    # lmms-eval 75571cf, lmms_eval/api/metrics.py: clustered_stderr, paired_ttest (of SECOND against FIRST)
    assert clustered_stderr(FIRST, VIDEOS) == pytest.approx(LMMS["clustered"], rel=1e-12)
    found = paired_t(FIRST, SECOND)
    expected = [LMMS[name] for name in ("mean_diff", "se_diff", "ci_lower", "ci_upper", "t_stat", "p_value")]
    assert list(found) == pytest.approx(expected, rel=1e-9)


LMMS = {
    "clustered": 0.11065666703449763,
    "mean_diff": 0.1285714285714286,
    "se_diff": 0.10168645954315536,
    "ci_lower": -0.12024637438569266,
    "ci_upper": 0.37738923152854986,
    "t_stat": 1.2643908456352868,
    "p_value": 0.2529842638272166,
}


def test_the_t_distribution_is_that_of_scipy() -> None:
    # scipy.stats.t 1.17.1: 2 * t.sf(x, df), and t.ppf(q, df)
    for x, df, p in P_VALUES:
        assert two_sided_p(x, df) == pytest.approx(p, rel=1e-9)
    for q, df, x in QUANTILES:
        assert t_quantile(q, df) == pytest.approx(x, rel=1e-9)


P_VALUES = [
    (0.5, 1, 0.7048327646991335),
    (2.0, 3, 0.13932596855884305),
    (2.228, 10, 0.05001177181711132),
    (5, 50, 7.4332122472325795e-06),
    (30, 9, 2.4837047041582635e-10),
    (2, 20000, 0.04551376195849993),
]
QUANTILES = [
    (0.975, 1, 12.706204736174694),
    (0.975, 2, 4.302652729749462),
    (0.025, 9, -2.2621571627982053),
    (0.9, 50, 1.2987136941948096),
    (0.9995, 1000, 3.300282648423944),
]


@pytest.mark.parametrize(
    ("first", "second", "exact"),
    # scipy.stats.binomtest 1.17.1
    [(0, 0, 1.0), (1, 3, 0.625), (10, 10, 1.0), (200, 260, 0.0058839224732), (4000, 4300, 0.00102973676127)],
)
def test_mcnemar_is_a_binomial_test(first: int, second: int, exact: float) -> None:
    assert mcnemar(first, second).exact == pytest.approx(exact, rel=1e-9)
    assert mcnemar(second, first) == mcnemar(first, second)
    assert mcnemar(first, second).mid <= exact


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([]) == []


def test_the_same_answers_differ_in_nothing() -> None:
    values = np.array(FIRST)
    found = paired_differences({"f": (values, values)}, VIDEOS)["f"]
    assert found.delta == (0.0, 0.0, 0.0)
    assert (found.p, found.differing, found.videos) == (1.0, 0, 4)
    assert found.first.low < found.first.mean < found.first.high


def test_few_videos_are_swapped_in_every_way() -> None:
    # three videos, all of which gain: of the 8 ways to swap, two are as far from 0
    gain = np.ones(3)
    found = paired_differences({"f": (gain * 0, gain)}, ["a", "b", "c"])["f"]
    assert found.p == 0.25
    assert found.delta.mean == 1.0


def test_of_one_video_nothing_follows() -> None:
    found = paired_differences({"f": (np.zeros(50), np.ones(50))}, ["a"] * 50)["f"]
    assert found.p == 1.0
    assert found.delta == (1.0, -1.0, 1.0)
    assert found.first == (0.0, 0.0, 1.0)


def test_queries_that_do_not_count_are_left_out() -> None:
    nan = math.nan
    pair = (np.array([0.0, nan, 1.0]), np.array([1.0, nan, 1.0]))
    found = paired_differences({"f": pair, "none": (np.full(3, nan), np.full(3, nan))}, ["a", "b", "c"])
    assert list(found) == ["f"]
    assert (found["f"].queries, found["f"].videos, found["f"].delta.mean, found["f"].differing) == (2, 2, 0.5, 1)
    with pytest.raises(ValueError, match="same queries"):
        paired_differences({"f": (pair[0], np.ones(3))}, ["a", "b", "c"])


def test_queries_of_one_video_count_as_one_look() -> None:
    rng = np.random.default_rng(0)
    gain = (rng.random(40) < 0.6).astype(float)
    once = paired_differences({"f": (np.zeros(40), gain)}, list(range(40)))["f"]
    tenfold = paired_differences({"f": (np.zeros(400), np.repeat(gain, 10))}, np.repeat(np.arange(40), 10).tolist())[
        "f"
    ]
    assert tenfold.delta == pytest.approx(once.delta)
    assert tenfold.p == once.p


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(0, 6)), min_size=1, max_size=30))
def test_swapping_the_systems_swaps_the_difference(rows: list[tuple[bool, bool, int]]) -> None:
    first, second, videos = (np.array(column) for column in zip(*rows, strict=True))
    pair = first.astype(float), second.astype(float)
    there = paired_differences({"f": pair}, videos.tolist(), rounds=200, swaps=200)["f"]
    back = paired_differences({"f": pair[::-1]}, videos.tolist(), rounds=200, swaps=200)["f"]
    assert there.delta == pytest.approx((-back.delta.mean, -back.delta.high, -back.delta.low))
    assert there.p == back.p
    assert there.delta.low <= there.delta.mean <= there.delta.high
