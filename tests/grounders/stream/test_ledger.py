from __future__ import annotations

import json
from collections import defaultdict

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from whenabouts.errors import MomentError
from whenabouts.grounders.stream.event import Event
from whenabouts.grounders.stream.ledger import Ledger

QUERIES = st.sampled_from(["a dog", "a cat", "goal!"])


class Books(RuleBasedStateMachine):
    """Whatever is started, told of, ended, forgotten and saved: numbers increase, and nothing ends twice."""

    moments = Bundle("moments")

    def __init__(self) -> None:
        super().__init__()
        self.ledger, self.now = Ledger(), 0.0
        self.told: dict[str, list[Event]] = defaultdict(list)
        self.gone: set[tuple[str, int]] = set()

    def tell(self, event: Event) -> None:
        assert (event.query, event.number) not in self.gone
        self.told[event.query].append(event)
        if event.state == "ended":
            self.gone.add((event.query, event.number))

    def find(self, key: tuple[str, int]):
        return next((each for each in self.ledger.open(key[0]) if each.number == key[1]), None)

    @rule(target=moments, query=QUERIES, wait=st.floats(0.01, 50), score=st.floats(0, 1))
    def start(self, query: str, wait: float, score: float) -> tuple[str, int]:
        self.now += wait
        moment, event = self.ledger.start(query, self.now - wait / 2, score, self.now)
        assert event.number == max((each.number for each in self.told[query]), default=0) + 1
        self.tell(event)
        return query, moment.number

    @rule(key=moments, score=st.floats(0, 1))
    def update(self, key: tuple[str, int], score: float) -> None:
        if moment := self.find(key):
            self.tell(self.ledger.update(moment, self.now, score=score))
            assert moment.score == score

    @rule(key=consumes(moments), seen=st.booleans())
    def end(self, key: tuple[str, int], seen: bool) -> None:
        if moment := self.find(key):
            self.now += 1.0
            self.tell(self.ledger.end(moment, self.now, self.now, seen_end=seen))
            assert self.find(key) is None
            with pytest.raises(ValueError):
                self.ledger.end(moment, self.now + 1, self.now + 1)

    @rule(key=consumes(moments), since=st.floats(-100, 100))
    def break_off(self, key: tuple[str, int], since: float) -> None:
        if moment := self.find(key):
            event = self.ledger.break_off(moment, self.now + since, self.now)
            self.tell(event)
            assert not event.seen_end and event.end in {None, self.now + since}
            assert (event.end is None) == (moment.start >= self.now + since)

    @rule(query=QUERIES)
    def forget(self, query: str) -> None:
        self.gone |= {(query, moment.number) for moment in self.ledger.open(query)}
        self.ledger.forget(query)

    @rule()
    def go_on_elsewhere(self) -> None:
        kept = json.loads(json.dumps(self.ledger.snapshot()))
        other = Ledger()
        other.restore(kept)
        assert other.snapshot() == self.ledger.snapshot()
        self.ledger = other

    @invariant()
    def starts_come_first_and_ends_last(self) -> None:
        for told in self.told.values():
            states: dict[int, list[str]] = defaultdict(list)
            for event in told:
                states[event.number].append(event.state)
            assert all(each[0] == "started" and "ended" not in each[:-1] for each in states.values())


TestBooks = Books.TestCase
TestBooks.settings = settings(max_examples=30, stateful_step_count=30)


def test_a_refused_moment_leaves_no_trace() -> None:
    ledger = Ledger()
    with pytest.raises(MomentError):
        ledger.start("a dog", -1.0, 0.5, 0.0)
    moment, event = ledger.start("a dog", 1.0, 0.5, 2.0)
    assert event.number == 1
    with pytest.raises(MomentError):
        ledger.end(moment, 1.0, 3.0)
    assert ledger.open("a dog") == (moment,)
