"""Work beside a watch: never in its way, tried again within bounds, and its failures said once."""

from __future__ import annotations

import errno
import os
from threading import Event
from typing import Any

from whenabouts.commands.watching.sinks.background import Background


def full() -> OSError:
    return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_work_is_done_in_order_to_the_end() -> None:
    done: list[int] = []
    background = Background("part", done.append, lambda *_: None)
    for k in range(500):
        background.put(k)
    background.close()
    assert done == list(range(500))


def test_what_fails_is_tried_again_and_said_once() -> None:
    done: list[int] = []
    said: list[Any] = []
    failures = [full(), full(), full()]

    def work(piece: int) -> None:
        if failures:
            raise failures.pop()
        done.append(piece)

    background = Background("part", work, lambda *told: said.append(told), attempts=None, pause=0.01)
    background.put(1)
    background.put(2)
    background.close()
    assert done == [1, 2]
    assert said == [("part", "no space left on device", 1)]


def test_what_never_works_is_given_up_and_what_is_lost_is_counted() -> None:
    said: list[Any] = []

    def work(_: int) -> None:
        raise full()

    background = Background("part", work, lambda *told: said.append(told), attempts=2, pause=0.01)
    for k in range(3):
        background.put(k)
    background.close()
    assert said == [("part", "no space left on device", 1), ("part", "it gave up on 3", 3)]


def test_a_slow_part_drops_the_oldest_and_says_so() -> None:
    begun, go = Event(), Event()
    done: list[int] = []
    said: list[Any] = []

    def work(piece: int) -> None:
        begun.set()
        go.wait()
        done.append(piece)

    background = Background("part", work, lambda *told: said.append(told), limit=3)
    background.put(0)
    begun.wait()
    for k in range(1, 10):
        background.put(k)
    assert len(said) == 1 and "the oldest is dropped" in said[0][1], "said once, while it is full"
    go.set()
    background.close()
    assert done == [0, 7, 8, 9]
    assert said[-1] == ("part", "it gave up on 7", 7) or said[-1][2] in {6, 7}


def test_a_mistake_in_a_part_costs_one_piece() -> None:
    done: list[int] = []
    said: list[Any] = []

    def work(piece: int) -> None:
        done.append(1 // piece)

    background = Background("part", work, lambda *told: said.append(told), attempts=None)
    for k in (0, 1):
        background.put(k)
    background.close()
    assert done == [1] and "ZeroDivisionError" in said[0][1]
