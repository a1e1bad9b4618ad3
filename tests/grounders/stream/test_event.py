from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.errors import AnnotationError, MomentError
from whenabouts.grounders.stream import Event
from whenabouts.moment import Evidence

seconds = st.floats(0, 1e6, allow_nan=False)
quotes = st.builds(Evidence, st.sampled_from(["seen", "said"]), seconds, seconds, st.none() | st.text(max_size=20))


@st.composite
def events(draw: st.DrawFn) -> Event:
    start = draw(seconds)
    state = draw(st.sampled_from(["started", "updated", "ended"]))
    end = start + draw(st.floats(1e-3, 1e4)) if state == "ended" else None
    return Event(
        draw(st.text(min_size=1, max_size=30)),
        draw(st.integers(1, 10**9)),
        state,
        start,
        end,
        draw(st.floats(0, 1)),
        draw(seconds),
        latency=draw(st.none() | st.floats(0, 100)),
        seen_end=draw(st.booleans()),
        evidence=tuple(draw(st.lists(quotes, max_size=3))),
        wall=draw(st.none() | st.just("2026-11-27T10:00:00+00:00")),
    )


@given(events())
def test_an_event_is_the_same_after_json(event: Event) -> None:
    assert Event.from_dict(json.loads(json.dumps(event.to_dict()))) == event


@pytest.mark.parametrize(
    ("state", "start", "end", "said"),
    [
        ("ended", 5.0, 5.0, "start < end"),
        ("ended", 5.0, None, "has an end, unless"),
        ("started", 5.0, 7.0, "no end before it ended"),
        ("started", -1.0, None, "start >= 0"),
        ("started", float("nan"), None, "finite times"),
        ("ended", 0.0, float("inf"), "finite times"),
    ],
)
def test_times_that_are_none_are_refused(state: str, start: float, end: float | None, said: str) -> None:
    with pytest.raises(MomentError, match=said):
        Event("a dog", 1, state, start, end, 0.5, 9.0)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"start": "soon"}, "the field start"),
        ({"state": "paused"}, "the field state"),
        ({"end": 0.5, "state": "ended"}, "start < end"),
        ({"evidence": [{"kind": "seen"}]}, r"the field evidence\.0\.start"),
    ],
)
def test_a_row_that_is_none_names_its_field(change: dict[str, object], said: str) -> None:
    row = Event("a dog", 1, "started", 1.0, None, 0.5, 2.0).to_dict() | change
    with pytest.raises(AnnotationError, match=said):
        Event.from_dict(row)
