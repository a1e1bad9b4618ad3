"""Every query has one outcome: those that can be told by hand, and properties of all."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.auditing.diagnosis.facts import Facts, collect
from whenabouts.auditing.diagnosis.outcomes import OUTCOMES, outcomes
from whenabouts.auditing.diagnosis.stages import STAGES, stages
from whenabouts.auditing.diagnosis.usual import usual
from whenabouts.benchmarks.example import Example

Windows = Sequence[Sequence[float]]


def facts(
    answer: Windows | None,
    truth: Windows = ((100.0, 110.0),),
    regions: Windows | None = None,
    constant: tuple[float, float] | None = None,
    duration: float | None = 1000.0,
    threshold: float = 0.5,
) -> Facts:
    """One query in a video of 1000 s."""
    example = Example(1, "v", "a dog", np.array(truth, float), duration)
    windows = {} if answer is None else {1: np.array(answer, float).reshape(-1, 2)}
    looked = {} if regions is None else {1: np.array(regions, float).reshape(-1, 2)}
    return collect([example], windows, looked, threshold, constant=constant)


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ([[100, 110]], "hit"),
        ([[100, 105]], "hit"),
        (None, "parse"),
        ([], "refused"),
        ([[90, 120]], "loose"),
        ([[100, 121]], "loose"),
        ([[102, 106]], "tight"),
        ([[106, 116]], "shifted"),
        ([[106, 118.5]], "shifted"),  # a quarter longer
        ([[106, 118.6]], "partial"),
        ([[108, 113]], "partial"),
        ([[100, 950]], "hedge"),
        ([[0, 801]], "hedge"),
        ([[0, 800]], "loose"),
        ([[130, 140], [101, 110]], "ranking"),
        ([[130, 140], [101, 104]], "near miss"),
        ([[130, 140]] * 5 + [[100, 110]], "duplicate"),  # the sixth is not looked at
        ([[130, 140], [130, 140.5]], "duplicate"),
        ([[130, 140], [300, 310]], "near miss"),
        ([[106, 116], [100, 110]], "shifted"),  # the place was found: what comes later does not matter
        ([[110, 120]], "near miss"),  # to touch is not to overlap
        ([[150, 160]], "near miss"),  # 50 s: five times the length
        ([[150, 160.2]], "search"),
        ([[500, 510]], "search"),
        ([[2000, 12_000]], "search"),  # beyond the end, as in milliseconds: it covers nothing of the video
    ],
)
def test_an_answer_has_the_outcome_that_its_place_says(answer: Windows | None, outcome: str) -> None:
    assert outcomes(facts(answer)).tolist() == [outcome]


@pytest.mark.parametrize(
    ("answer", "regions", "outcome", "stage"),
    [
        ([[500, 510]], [[480, 520]], "search", "search"),
        ([[500, 510]], [[480, 520], [90, 105]], "recognition", "recognition"),
        ([[130, 140]], [[120, 150], [90, 105]], "near miss", "recognition"),
        ([[130, 140]], [[120, 150]], "search", "search"),
        ([[130, 140]], [], "search", "search"),
        ([[130, 140], [100, 110]], [[120, 150]], "ranking", "ranking"),
        ([[90, 120]], [[80, 130]], "loose", "localisation"),
        ([], [[80, 130]], "refused", "recognition"),
        ([], [[300, 400]], "refused", "search"),
        (None, None, "parse", "parse"),
        ([[130, 140]], None, "near miss", "recognition"),
    ],
)
def test_regions_tell_a_search_that_failed(
    answer: Windows | None, regions: Windows | None, outcome: str, stage: str
) -> None:
    found = facts(answer, regions=regions)
    assert outcomes(found).tolist() == [outcome] and stages(found).tolist() == [stage]


def test_what_is_usual_comes_before_where_it_lies_and_a_hedge_before_what_is_usual() -> None:
    assert outcomes(facts([[0, 310]], constant=(0.0, 0.3))).tolist() == ["prior copy"]
    assert outcomes(facts([[0, 950]], constant=(0.0, 1.0))).tolist() == ["hedge"]
    assert outcomes(facts([[0, 300]], [[0, 200]], constant=(0.0, 0.3))).tolist() == ["hit"]
    assert outcomes(facts([[0, 950]], constant=(0.0, 1.0), duration=None)).tolist() == ["loose"]


def test_the_true_moment_that_fits_best_counts_and_the_others_are_missed() -> None:
    found = facts([[300, 310], [50, 60]], [[50, 60], [302, 312], [700, 710]])
    assert outcomes(found).tolist() == ["hit"] and found.truth.tolist() == [[302, 312]]
    assert found.found.tolist() == [True, True, False] and found.moments.tolist() == [3]


def test_a_moment_without_length_can_be_contained_and_not_hit() -> None:
    assert outcomes(facts([[90, 110]], [[100, 100]])).tolist() == ["loose"]
    assert outcomes(facts([[110, 120]], [[100, 100]])).tolist() == ["near miss"]


WINDOW = st.tuples(st.integers(0, 40), st.integers(1, 40)).map(lambda w: [float(w[0]), float(w[0] + w[1])])
QUERY = st.tuples(
    st.lists(WINDOW, min_size=1, max_size=3),
    st.none() | st.lists(WINDOW, max_size=7),
    st.none() | st.lists(WINDOW, max_size=3),
    st.none() | st.just(40.0),
)


@given(st.lists(QUERY, min_size=1, max_size=12), st.sampled_from([0.3, 0.5, 0.7, 1.0]), st.booleans())
def test_every_query_has_one_outcome(queries: list[tuple[Windows, ...]], threshold: float, prior: bool) -> None:
    examples = [Example(n, f"v{n % 3}", "x", np.array(q[0]), q[3]) for n, q in enumerate(queries)]  # type: ignore[arg-type]
    windows = {n: np.array(q[1]).reshape(-1, 2) for n, q in enumerate(queries) if q[1] is not None}
    regions = {n: np.array(q[2]).reshape(-1, 2) for n, q in enumerate(queries) if q[2] is not None}
    found = collect(examples, windows, regions, threshold, constant=(0.0, 0.5) if prior else None)
    told, stage = outcomes(found).tolist(), stages(found).tolist()
    assert len(told) == len(queries) and set(told) <= set(OUTCOMES) and set(stage) <= set(STAGES)
    for n, outcome in enumerate(told):
        answer = windows.get(n)
        assert (outcome == "hit") == bool(found.iou[n] >= threshold)
        assert (outcome == "parse") == (answer is None)
        assert (outcome == "refused") == (answer is not None and not len(answer))
        assert (outcome == "hit") == (stage[n] == "hit") and (outcome == "parse") == (stage[n] == "parse")
        assert found.best[n] >= found.iou[n] and bool(found.rank[n] == 1) == (outcome == "hit")
        if outcome in ("loose", "tight", "shifted", "partial"):
            assert stage[n] == "localisation"
        if outcome == "recognition":
            assert n in regions


def test_the_order_of_queries_does_not_matter() -> None:
    answers = {n: np.array([[10.0 * n, 10.0 * n + 7]]) for n in range(9)}
    examples = [Example(n, "v", "x", np.array([[30.0, 40.0]]), 100.0) for n in range(9)]
    there = outcomes(collect(examples, answers, {}, 0.5)).tolist()
    back = outcomes(collect(examples[::-1], answers, {}, 0.5)).tolist()
    assert there == back[::-1]


def test_a_split_may_have_several_usual_windows() -> None:
    begins = [Example(n, "v", "x", np.array([[0.0, 20.0 + n % 3]]), 100.0) for n in range(50)]
    finals = [Example(n, "v", "x", np.array([[80.0 - n % 3, 100.0]]), 100.0) for n in range(46)]
    rare = [Example(n, "v", "x", np.array([[40.0, 60.0]]), 100.0) for n in range(10)]
    found = usual([*begins, *finals, *rare])
    assert len(found) == 2 and not len(usual([]))
    asked = [Example(n, "v", "x", np.array([[30.0, 70.0]]), 100.0) for n in range(3)]
    answers = {n: np.array([window]) for n, window in enumerate([[0.0, 21.0], [79.0, 100.0], [40.0, 41.0]])}
    facts = collect(asked, answers, {}, 0.5, constant=(0.0, 0.2), usual=found)
    assert outcomes(facts).tolist() == ["prior copy", "prior copy", "tight"]
