"""Constraints over moments."""

from __future__ import annotations

import pytest

from whenabouts.grounders.occurrences import constrain
from whenabouts.moment import Moment
from whenabouts.query import parse_query

LAUGHS = [Moment(50, 55, 0.9), Moment(10, 12, 0.8), Moment(90, 95, 0.7), Moment(30, 31, 0.1)]
JOKE = [Moment(40, 48, 0.9)]


@pytest.mark.parametrize(
    ("query", "starts"),
    [
        ("she laughs", [50, 10, 90, 30]),
        ("the first time she laughs", [10]),
        ("the last time she laughs", [90]),
        ("the second time she laughs", [50]),
        ("the fourth time she laughs", []),  # what scores a ninth of the best is no occurrence
        ("every time she laughs", [10, 50, 90]),
    ],
)
def test_which(query: str, starts: list[float]) -> None:
    assert [m.start for m in constrain(parse_query(query), LAUGHS, [])] == starts


@pytest.mark.parametrize(
    ("query", "starts"),
    [
        ("she laughs after the joke ends", [50, 90]),
        ("she laughs before the joke begins", [10, 30]),
        ("the first time she laughs after the joke ends", [50]),
        ("the last time she laughs before the joke begins", [10]),
        ("she laughs while he jokes", []),
    ],
)
def test_relations(query: str, starts: list[float]) -> None:
    assert [m.start for m in constrain(parse_query(query), LAUGHS, [JOKE])] == starts


def test_between_until_and_while() -> None:
    end = [Moment(80, 85, 0.9)]
    between = parse_query("she laughs between he tells it and the band plays")
    assert [m.start for m in constrain(between, LAUGHS, [JOKE, end])] == [50]
    assert [m.start for m in constrain(between, LAUGHS, [end, JOKE])] == [50]
    until = constrain(parse_query("he walks until the phone rings"), [Moment(5, 20)], [[Moment(12, 13)]])
    assert [(m.start, m.end) for m in until] == [(5, 12)]
    during = constrain(parse_query("she laughs while he jokes"), LAUGHS, [[Moment(54, 60)]])
    assert [m.start for m in during] == [50]


def test_nothing_is_known_where_the_anchor_is_not_found() -> None:
    assert constrain(parse_query("she laughs after the joke ends"), LAUGHS, [[]]) == []
