"""What was told of one query: its rows come in any order, and what cannot be scored is refused."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from online_answers import answers

from whenabouts.errors import AnnotationError
from whenabouts.metrics.online import OnlineAnswer, delays, online_map, online_recall, point_map, recall_at_false_alarms
from whenabouts.moment import tiou


def test_rows_are_kept_best_score_first_with_their_history() -> None:
    history = [[0, 5, 4, math.nan], [1, 2, 1, math.nan], [1, 6, 1, 5], [0, 9, 4, 8]]
    answer = OnlineAnswer([[4, 8], [1, 5]], [[5, 9], [2, 6]], [0.3, 0.7], [], 10, [0.5, 0.1], history)
    assert answer.moments.tolist() == [[1, 5], [4, 8]] and answer.alarms.tolist() == [0.1, 0.5]
    assert answer.history[:, 0].tolist() == [1, 0, 0, 1]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"moments": [[5, 5]]}, "ends before it starts, or has no length"),
        ({"truths": [[3, 2]]}, "ends before it starts, or has no length"),
        ({"moments": [[0, math.nan]]}, "holds a value that is not a finite number"),
        ({"scores": [math.inf]}, "holds a value that is not"),
        ({"scores": []}, "1 moments need as many emission times and scores"),
        ({"emitted": [[3, 2]]}, "the end of a moment was told before its start"),
        ({"duration": 0}, "a stream needs a duration above 0 s"),
        ({"duration": math.nan}, "a stream needs a duration above 0 s"),
        ({"truths": ["no"]}, "must be rows of numbers"),
        ({"history": [[7, 1, 1, 2]]}, "the history of a stream must be rows of"),
    ],
)
def test_what_cannot_be_scored_is_refused(changed: dict[str, Any], message: str) -> None:
    good: dict[str, Any] = {"moments": [[0, 1]], "emitted": [[1, 2]], "scores": [1], "truths": [], "duration": 9}
    with pytest.raises(AnnotationError, match=message):
        OnlineAnswer(**good | changed)


@given(answers())
def test_matching_is_one_to_one_and_greedy(answer: OnlineAnswer) -> None:
    free, wanted = list(range(len(answer.truths))), []
    for moment in answer.moments:
        able = [i for i in free if tiou(moment, answer.truths[i])[0, 0] >= 0.5]
        best = max(able, key=lambda i: (tiou(moment, answer.truths[i])[0, 0], -i), default=-1)
        wanted.append(best)
        free = [i for i in free if i != best]
    assert answer.matched(0.5).tolist() == wanted


@given(answers())
def test_the_order_of_rows_decides_nothing_where_scores_differ(answer: OnlineAnswer) -> None:
    scores = answer.scores - np.arange(len(answer.scores)) / 1000
    turned = [rows[::-1] for rows in (answer.moments, answer.emitted, scores)]
    one, other = (
        OnlineAnswer(*rows, answer.truths, answer.duration)
        for rows in ((answer.moments, answer.emitted, scores), turned)
    )
    for figure in (
        lambda a: delays([a]),
        lambda a: [online_map([a], 0.5), online_recall([a], 1, 0.5), point_map([a], 3)],
        lambda a: recall_at_false_alarms([a]),
    ):
        assert repr(figure(one)) == repr(figure(other))
