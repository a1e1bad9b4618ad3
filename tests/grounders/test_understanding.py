"""Queries become plain events, and the moments of events become answers, for any grounder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.evidence import TimedText
from whenabouts.grounders.grounder import ask
from whenabouts.grounders.neighbours import line_beside
from whenabouts.grounders.understanding import Questions
from whenabouts.moment import Evidence, Moment
from whenabouts.prediction import Prediction
from whenabouts.query import parse_query
from whenabouts.video import Video

DURATION = 200.0
SAID = {
    "she laughs": (Moment(120, 122, 0.9), Moment(20, 22, 0.8), Moment(21, 24, 0.6), Moment(160, 163, 0.7)),
    "the break": (
        Moment(80, 83, 0.9, (Evidence("said", 80, 83, "Let us have a break."),)),
        Moment(85, 105, 0.6, (Evidence("signal", 85, 105, "black"),)),
    ),
    "the helicopter": (Moment(5, 6, 0.1),),
    "the applause": (Moment(190, 195, 0.9),),
}


def told(event: str) -> Prediction:
    moments = SAID.get(event, ())
    return Prediction(event, moments, DURATION, presence=max((m.score for m in moments), default=0.0))


def answer(query: str) -> Prediction:
    questions = Questions.of([query])
    [found] = questions.answers([told(event) for event in questions.events])
    assert found.query == query and found.understood == parse_query(query)
    return found


@pytest.mark.parametrize(
    ("query", "starts"),
    [
        ("she laughs", [120, 20, 21, 160]),
        ("the first time she laughs", [20]),
        ("the second time she laughs", [120]),  # two in a row are one occurrence
        ("the last time she laughs", [160]),
        ("every time she laughs", [20, 120, 160]),
        ("the first time she laughs after the break", [120]),
        ("she laughs before the break", [20, 21]),
        ("right after the break", [105]),
        ("between the break and the applause", [105]),
        ("before the break", [75]),  # the black picture is the break; the words only announce it
    ],
)
def test_queries_are_answered_from_their_events(query: str, starts: list[float]) -> None:
    found = answer(query)
    assert [moment.start for moment in found.moments] == starts
    assert found.presence is not None and found.presence >= 0.6 and found.notes == ()


def test_what_stands_to_something_that_is_not_there_is_not_known() -> None:
    found = answer("she laughs after the helicopter")
    assert found.moments == () and found.absent
    assert found.notes == ('"the helicopter" was not found, so what stands after it is not known',)


def test_fewer_occurrences_than_counted_and_their_number_are_told() -> None:
    fifth, often = answer("the fifth time she laughs"), answer("how many times does she laugh")
    assert fifth.moments == () and fifth.absent and fifth.notes == ("it was found less often than the query counts",)
    assert len(often.moments) == 3 and often.notes == ("found 3 times",)


def test_what_was_not_understood_is_told() -> None:
    read = parse_query("the first three times she laughs")
    assert read.unread
    assert any("was not understood" in note for note in answer("the first three times she laughs").notes)


@dataclass
class Plugin:
    """A grounder from outside that knows nothing of occurrences."""

    asked: list[str] = field(default_factory=list)
    whole: bool = False

    def ground(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
        self.asked += queries
        return [told(query) for query in queries]


def test_a_grounder_from_outside_is_asked_events_unless_it_reads_sentences() -> None:
    query, video = "the second time she laughs after the break", cast(Video, None)  # at which no plugin here looks
    plugin, reader, plain = Plugin(), Plugin(whole=True), Plugin()
    [found] = ask(plugin, video, [query])
    assert plugin.asked == ["she laughs", "the break"] and [m.start for m in found.moments] == [160]
    ask(reader, video, [query])
    ask(plain, video, [query], understand=False)
    assert reader.asked == plain.asked == [query]


@given(st.text(max_size=60), st.sampled_from(["the first time ", "every time ", "after ", "before the break, ", ""]))
def test_any_query_asks_for_events_and_gets_an_answer(words: str, head: str) -> None:
    query = head + words
    if query.strip():
        questions = Questions.of([query])
        assert questions.events and all(event.strip() for event in questions.events)
        [found] = questions.answers([told(event) for event in questions.events])
        assert found.query == query


def test_the_line_beside_an_event_is_one_that_somebody_says() -> None:
    rows = [(70, 75, "Shall we stop?"), (85, 105, "[Pause]"), (106, 109, "We are recording again.")]
    lines = [TimedText(start, end, text, "said", "file") for start, end, text in rows]
    pause = Moment(85, 105, 0.9)
    before, after = (
        line_beside(parse_query(f"right {relation} the break"), pause, lines) for relation in ("before", "after")
    )
    assert before is not None and (before.start, before.end) == (70, 75)
    assert after is not None and after.evidence[0].text == "We are recording again."
    assert line_beside(parse_query("right before the break"), Moment(3, 5), lines) is None
