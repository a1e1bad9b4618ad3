"""From proposals to events, by hand; and whatever comes, the rules of events hold."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from whenabouts.grounders.stream.event import Event
from whenabouts.grounders.stream.ledger import Ledger
from whenabouts.grounders.stream.proposed import REMEMBERED, Proposed, Rules

RULES = Rules(least=0.5, start=0.7, hold=2.0, give_up=10.0)
Told = tuple[str, float, float | None]


class Watched:
    """One query's events, as `push` of a method would give them."""

    def __init__(self) -> None:
        self.ledger, self.proposed = Ledger(), Proposed("q")

    def at(
        self, now: float, *proposals: tuple[float, float, float], starts: tuple[tuple[float, float], ...] = ()
    ) -> list[Told]:
        events = self.proposed.follow(self.ledger, RULES, proposals, starts, now, now)
        return [(event.state, event.start, event.end) for event in events]


def test_an_end_waits_for_a_better_proposal() -> None:
    watched = Watched()
    assert watched.at(10, (4, 9, 0.6), (0, 3, 0.4)) == [("started", 4, None)]
    assert watched.at(10.5, (3, 10, 0.8), (5, 9, 0.7)) == [("updated", 3, None)]
    assert watched.at(12) == [("ended", 3, 10)]
    assert watched.at(13, (4, 9, 0.9)) == []  # it was told of already


def test_what_is_over_is_told_at_once() -> None:
    assert Watched().at(20, (4, 9, 0.6)) == [("started", 4, None), ("ended", 4, 9)]
    assert Watched().at(20, (4, 9, 0.6), (12, 15, 0.6)) == [
        ("started", 4, None),
        ("ended", 4, 9),
        ("started", 12, None),
        ("ended", 12, 15),
    ]


def test_a_predicted_start_is_told_before_it_is_seen() -> None:
    watched = Watched()
    assert watched.at(4, starts=((5, 0.8), (6, 0.75), (4, 0.6))) == [("started", 5, None)]
    assert watched.at(8, starts=((5.5, 0.9),)) == []
    assert watched.at(9, (4.5, 8.5, 0.9)) == [("updated", 4.5, None)]
    assert watched.at(11) == [("ended", 4.5, 8.5)]
    assert watched.at(12, starts=((8, 0.9),)) == []  # within what ended


def test_nothing_is_told_of_what_would_start_after_the_end() -> None:
    watched = Watched()
    starts, proposals = ((60.434, 0.9), (60.0, 0.8)), ((60.2, 61.0, 0.9),)
    assert watched.proposed.follow(watched.ledger, RULES, proposals, starts, 60.0, 60.0, 60.0) == []
    [event] = watched.proposed.follow(watched.ledger, RULES, (), [*starts, (59.0, 0.75)], 60.0, 60.0, 60.0)
    assert (event.state, event.start) == ("started", 59.0)


def test_a_predicted_start_that_nothing_followed_is_ended_unseen() -> None:
    watched = Watched()
    watched.at(4, starts=((5, 0.8),))
    assert watched.at(14) == []
    [event] = watched.proposed.follow(watched.ledger, RULES, (), (), 14.5, 14.5)
    assert (event.state, event.end, event.seen_end) == ("ended", 14.5, False)


WINDOWS = st.tuples(st.floats(-5, 120), st.floats(-5, 120), st.floats(0, 1.1))
STEPS = st.lists(
    st.tuples(st.lists(WINDOWS, max_size=3), st.lists(st.tuples(st.floats(0, 120), st.floats(0, 1)), max_size=2)),
    max_size=30,
)


@given(STEPS)
def test_rules_of_events_hold(steps: list[tuple[list[tuple[float, float, float]], list[tuple[float, float]]]]) -> None:
    ledger, proposed = Ledger(), Proposed("q")
    events: list[Event] = []
    for now, (proposals, starts) in enumerate(steps):
        events += proposed.follow(ledger, RULES, proposals, starts, 4.0 * now, 4.0 * now)
        proposed = Proposed(**json.loads(json.dumps(proposed.snapshot())))
        assert len(ledger.open("q")) <= 1 and len(proposed.ended) <= REMEMBERED
    last: dict[int, str] = {}
    for event in events:
        assert (event.number in last) == (event.state != "started") and last.get(event.number) != "ended"
        last[event.number] = event.state
        assert not (event.seen_end and event.end is not None and event.end > event.emitted)
