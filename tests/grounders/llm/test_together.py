"""Requests at the same time: in order, and never held up by one that nobody answers."""

from __future__ import annotations

import time
from threading import Event

import pytest
from processes import LIMIT

from whenabouts.grounders.llm.together import together


def test_answers_come_in_the_order_of_the_requests() -> None:
    assert together(lambda i: i * i, range(50), 4) == [i * i for i in range(50)]
    assert together(lambda i: i, [], 4) == []


def test_what_is_not_answered_in_time_is_none() -> None:
    over = Event()
    answers = together(lambda i: i if i % 2 else over.wait(LIMIT), range(4), 4, until=time.monotonic() + 3)
    over.set()
    assert answers == [None, 1, None, 3]


def test_an_error_is_raised_although_another_request_is_under_way() -> None:
    over = Event()

    def ask(i: int) -> bool:
        if i:
            raise ZeroDivisionError
        return over.wait(LIMIT)

    with pytest.raises(ZeroDivisionError):
        together(ask, range(2), 2)
    assert not over.is_set()
    over.set()
