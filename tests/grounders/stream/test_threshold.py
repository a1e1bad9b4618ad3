from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from whenabouts.errors import InputError
from whenabouts.grounders.stream import Event
from whenabouts.grounders.stream.threshold import OnlineThreshold


def given_score(frame: NDArray[Any], queries: Sequence[str]) -> list[float]:
    """A scorer: each picture carries its score."""
    return [float(frame[0])] * len(queries)


def run(grounder: OnlineThreshold, scores: Sequence[float], first: int = 0) -> list[Event]:
    return [event for i, score in enumerate(scores, first) for event in grounder.push(np.array([score]), float(i))]


def probabilities(**settings: Any) -> OnlineThreshold:
    grounder = OnlineThreshold(given_score, scaled=False, **settings)
    grounder.add("a dog")
    return grounder


def test_runs_above_the_threshold_are_moments() -> None:
    told = run(probabilities(window=0), [0.1, 0.6, 0.7, 0.2, 0.5, 0.1])
    assert [(event.state, event.start, event.end, event.score) for event in told] == [
        ("started", 0.5, None, 0.6),
        ("ended", 0.5, 2.5, 0.7),
        ("started", 3.5, None, 0.5),
        ("ended", 3.5, 4.5, 0.5),
    ]


def test_a_mean_over_pictures_before_fills_gaps_and_tells_later() -> None:
    told = run(probabilities(window=2), [0.0, 0.9, 0.9, 0.3, 0.9, 0.0, 0.0])
    assert [(event.state, event.emitted) for event in told] == [("started", 2.0), ("ended", 5.0)]


def test_scaled_scores_wait_until_a_scale_is_known() -> None:
    grounder = OnlineThreshold(given_score, window=0, settled=5)
    grounder.add("a dog")
    told = run(grounder, [5.0, 9.0, 5.0, 5.0, 5.0, 8.0, 5.0])
    assert [(event.state, event.emitted, event.score) for event in told] == [
        ("started", 5.0, 0.75),
        ("ended", 6.0, 0.75),
    ]


def test_an_encoder_scores_by_default() -> None:
    grounder = OnlineThreshold()
    grounder.add("a dog")
    assert grounder.size == 224 and grounder.models.keys() == {"builtin"}
    assert grounder.push(np.zeros((224, 224, 3), np.uint8), 0.0) == []


@pytest.mark.parametrize("score", [float("nan"), float("inf")])
def test_a_score_that_is_no_number_is_refused(score: float) -> None:
    with pytest.raises(InputError, match="finite"):
        run(probabilities(), [score])


@given(st.lists(st.floats(0, 1), max_size=60), st.integers(0, 60), st.booleans(), st.integers(0, 14))
def test_a_run_goes_on_from_a_snapshot(scores: list[float], at: int, scaled: bool, window: int) -> None:
    def asked() -> OnlineThreshold:
        return OnlineThreshold(given_score, scaled=scaled, window=window, memory=20.0)

    one, first, second = asked(), asked(), asked()
    one.add("a dog")
    first.add("a dog")
    whole = run(one, scores)
    before = run(first, scores[:at])
    second.restore(json.loads(json.dumps(first.snapshot())))
    assert before + run(second, scores[at:], at) == whole


@given(st.lists(st.floats(0, 1), max_size=60))
def test_every_moment_ends_once(scores: list[float]) -> None:
    grounder = probabilities(window=1)
    told = [*run(grounder, scores), *grounder.finish(float(len(scores)))]
    states = [event.state for event in told]
    assert states == ["started", "ended"] * (len(states) // 2)


@pytest.mark.parametrize(
    "query",
    ["he says there is a cat", "nobody is in the room", "a long silence", "the word SALE on the screen", "who pays?"],
)
def test_what_pictures_cannot_answer_gets_no_answer_and_a_note(query: str) -> None:
    grounder = OnlineThreshold(given_score, scaled=False, window=0)
    for each in (query, "a dog"):
        grounder.add(each)
    told = run(grounder, [0.1, 0.9, 0.1])
    assert {event.query for event in told} == {"a dog"} and len(told) == 2
    assert "this query gets no answer" in " ".join(grounder.notes(query)) and not grounder.notes("a dog")
    second = OnlineThreshold(given_score, scaled=False, window=0)
    second.restore(json.loads(json.dumps(grounder.snapshot())))
    assert {event.query for event in run(second, [0.9], 3)} == {"a dog"}
    for each in (query, "a dog"):
        grounder.remove(each)


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ({"window": 2.5}, "window must be a whole number in"),
        ({"settled": 0}, "settled must be a whole number in"),
        ({"memory": float("inf")}, "memory must be a number in"),
        ({"threshold": 1.5}, "threshold must be a number in"),
        ({"fps": "fast"}, "fps must be a number in"),
    ],
)
def test_a_setting_out_of_range_is_refused_in_a_sentence(setting: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        OnlineThreshold(given_score, **setting)


def test_a_score_that_is_no_probability_may_have_any_threshold() -> None:
    assert OnlineThreshold(given_score, scaled=False, threshold=20.0).threshold == 20.0
