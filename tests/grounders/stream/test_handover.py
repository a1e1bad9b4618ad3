"""What is found in windows of a stream becomes the events of moments, each told of once."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from whenabouts.grounders.stream.event import Event
from whenabouts.grounders.stream.handover import HandOver, Rules
from whenabouts.grounders.stream.ledger import Ledger
from whenabouts.moment import Moment, intersection

SECONDS, HOP = 60.0, 5.0


@dataclass
class Stream:
    """Looks every 5 s at the last 60 s, by a grounder that finds what truly happens, cut to the window."""

    truth: list[tuple[float, float]]
    rules: Rules = field(default_factory=Rules)

    def __post_init__(self) -> None:
        self.ledger = Ledger()
        self.hand = HandOver("q", self.ledger, self.rules)

    def look(self, now: float, found: list[Moment] | None = None) -> list[Event]:
        left, right = max(0.0, now - SECONDS), now
        if found is None:
            cut = [(max(left, start), min(right, end)) for start, end in self.truth]
            found = [Moment(start, end, 0.9) for start, end in cut if end - start > 0.5]
        return self.hand.take(found, (left, right), now)

    def run(self, until: float) -> list[Event]:
        return [event for k in range(1, int(until / HOP) + 1) for event in self.look(k * HOP)]


def told(events: list[Event]) -> list[tuple[str, int, float, float | None]]:
    return [(event.state, event.number, event.start, event.end) for event in events]


def test_a_moment_is_told_of_while_it_goes_on_and_when_it_ended() -> None:
    events = Stream([(12.0, 31.0)]).run(120)
    assert told(events) == [("started", 1, 12.0, None), ("ended", 1, 12.0, 31.0)]
    assert [event.emitted for event in events] == [15.0, 35.0]


def test_a_moment_longer_than_the_window_keeps_the_start_known_before() -> None:
    events = Stream([(12.0, 400.0)]).run(500)
    assert told(events) == [("started", 1, 12.0, None), ("ended", 1, 12.0, 400.0)]


def test_several_moments_in_one_window_are_numbered_in_order() -> None:
    truth = [(2.0, 9.0), (14.0, 22.0), (40.0, 130.0), (131.0, 139.0)]
    events = Stream(truth).run(300)
    assert [(e.number, e.start, e.end) for e in events if e.state == "ended"] == [
        (k, *window) for k, window in enumerate(truth, start=1)
    ]


def test_an_end_near_the_edge_is_no_end() -> None:
    stream = Stream([])
    assert told(stream.look(20, [Moment(10, 18.5, 0.9)])) == [("started", 1, 10.0, None)]
    assert told(stream.look(25, [Moment(10.4, 25, 0.9)])) == []  # less than a second better is not told
    assert told(stream.look(30, [Moment(12, 30, 0.9)])) == [("updated", 1, 12.0, None)]
    assert told(stream.look(35, [Moment(12, 31, 0.7)])) == [("ended", 1, 12.0, 31.0)]
    assert told(stream.look(40, [Moment(11, 32.5, 0.9)])) == []  # found anew, a little otherwise


def test_an_open_moment_stays_open_at_half_the_threshold() -> None:
    stream = Stream([])
    assert told(stream.look(20, [Moment(10, 20, 0.49)])) == []
    assert told(stream.look(25, [Moment(10, 25, 0.5)])) == [("started", 1, 10.0, None)]
    assert [event.score for event in stream.look(30, [Moment(10, 30, 0.26)])] == [0.26]
    assert stream.look(35, [Moment(10, 35, 0.24)]) == []  # not found, once
    assert stream.look(40, []) == []  # if it went on it would fill most of what there is, which some never find
    assert told(stream.look(45, [Moment(10, 40, 0.26)])) == [("ended", 1, 10.0, 40.0)]


def test_a_moment_that_is_not_found_again_ends_unseen() -> None:
    stream = Stream([])
    stream.look(100, [Moment(90, 100, 0.9)])
    assert stream.look(105, []) == []
    [ended] = stream.look(110, [])
    assert (ended.state, ended.end, ended.seen_end) == ("ended", 100.0, False)


def test_what_fills_the_window_stays_open_until_it_left_and_scraps_of_it_are_neither_ends_nor_moments() -> None:
    stream = Stream([])
    stream.look(60, [Moment(30, 60, 0.9)])
    for now in (65, 75, 80, 85):  # what `similarity` finds when a cat is on show from 30 to 75 s
        assert stream.look(now, [Moment(30, 30.25, 0.9), Moment(74.25, 75, 0.9)][: 1 + (now > 70)]) == []
    assert told(stream.look(105, [Moment(45, 75, 0.9)])) == [("ended", 1, 30.0, 75.0)]
    stream.look(160, [Moment(130, 160, 0.9)])
    assert stream.look(215, []) == []
    [ended] = stream.look(220, [])
    assert (ended.end, ended.seen_end) == (160.0, False)


def test_a_start_may_be_known_earlier_but_not_within_another_moment() -> None:
    stream = Stream([])
    assert told(stream.look(15, [Moment(3.25, 15, 0.9)])) == [("started", 1, 3.25, None)]
    assert told(stream.look(40, [Moment(0, 20, 0.9)])) == [("ended", 1, 0.0, 20.0)]
    assert told(stream.look(52, [Moment(40, 48, 0.9), Moment(51, 52, 0.9)]))[-1] == ("started", 3, 51.0, None)
    assert told(stream.look(61, [Moment(40, 58, 0.9)])) == [("ended", 3, 51.0, 58.0)]


def test_a_moment_found_beside_one_told_before_is_cut_off_there() -> None:
    stream = Stream([])
    stream.look(60, [Moment(30, 40, 0.9)])
    assert told(stream.look(65, [Moment(20, 31, 0.9)])) == [("started", 2, 20.0, None), ("ended", 2, 20.0, 30.0)]
    assert stream.look(70, [Moment(12, 44, 0.9)]) == []


def test_a_moment_that_left_the_window_while_nothing_answered_ends_unseen() -> None:
    stream = Stream([])
    stream.look(20, [Moment(10, 20, 0.9)])
    [ended, started] = stream.look(200, [Moment(140, 200, 0.9)])
    assert (ended.number, ended.end, ended.seen_end) == (1, 20.0, False)
    assert (started.number, started.start) == (2, 140.0)


def test_proposals_that_overlap_are_one_moment() -> None:
    stream = Stream([])
    found = [Moment(10, 20, 0.9), Moment(11, 21, 0.8), Moment(12, 16, 0.7), Moment(9, 24, 0.6)]
    assert told(stream.look(40, found)) == [("started", 1, 10.0, None), ("ended", 1, 10.0, 20.0)]
    assert stream.look(45, found[::-1]) == [] and stream.look(50, found[1:2]) == []


def test_what_goes_on_after_it_was_ended_is_a_new_moment_from_there() -> None:
    stream = Stream([])
    stream.look(30, [Moment(10, 20, 0.9)])
    assert stream.look(35, [Moment(10, 29, 0.9)]) == []
    assert told(stream.look(45, [Moment(10, 45, 0.9)])) == [("started", 2, 20.0, None)]


def test_scores_beyond_probabilities_are_told_as_such() -> None:
    assert [event.score for event in Stream([]).look(40, [Moment(10, 20, 7.5)])] == [1.0, 1.0]


def test_another_run_goes_on_from_a_snapshot() -> None:
    one, other = Stream([(12.0, 70.0), (3.0, 9.0)]), Stream([(12.0, 70.0), (3.0, 9.0)])
    one.run(40)
    other.ledger.restore(one.ledger.snapshot())
    other.hand.restore(one.hand.snapshot())
    assert told(other.look(45)) == [] and told(one.look(45)) == []
    assert told(other.look(75)) == told(one.look(75)) == [("ended", 2, 12.0, 70.0)]
    assert other.ledger.snapshot() == one.ledger.snapshot()


windows = st.lists(
    st.tuples(st.floats(0, 60), st.floats(0.01, 60), st.floats(-1, 2)).map(lambda w: Moment(w[0], w[0] + w[1], w[2])),
    max_size=5,
)


@settings(max_examples=200)
@given(st.lists(windows, max_size=12))
def test_whatever_is_found_every_moment_starts_once_and_ends_at_most_once(looks: list[list[Moment]]) -> None:
    stream, states, ended = Stream([]), dict[int, str](), list[tuple[float, float]]()
    for k, found in enumerate(looks, start=1):
        now = k * HOP
        left = max(0.0, now - SECONDS)
        placed = [Moment(left + m.start, min(now, left + m.end), m.score) for m in found if left + m.start < now]
        for event in stream.look(now, placed):
            before = states.get(event.number)
            assert (before is None) == (event.state == "started") and before != "ended"
            assert event.number <= len(states) + 1 and 0 <= event.score <= 1
            assert event.end is None or event.end <= now
            states[event.number] = event.state
            if event.end is not None:
                assert all(event.end <= start or end <= event.start for start, end in ended), "told of twice"
                ended.append((event.start, event.end))
    still = {moment.number for moment in stream.ledger.open("q")}
    assert still == {number for number, state in states.items() if state != "ended"}


happening = st.lists(st.tuples(st.floats(4.5, 40), st.floats(3, 150)), min_size=1, max_size=6)


@settings(max_examples=100)
@given(happening)
def test_what_a_perfect_grounder_sees_is_told_as_it_is(gaps: list[tuple[float, float]]) -> None:
    truth, at = list[tuple[float, float]](), 0.0
    for gap, length in gaps:
        truth.append((at + gap, at + gap + length))
        at += gap + length
    ended = [event for event in Stream(truth).run(at + 70) if event.state == "ended"]
    assert len(ended) == len(truth) and all(event.seen_end for event in ended)
    assert all(intersection([e.start, e.end], truth).max() > 0.99 * (e.end - e.start) for e in ended if e.end)
