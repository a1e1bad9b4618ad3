from __future__ import annotations

import json

import pytest

from whenabouts.evidence.kinds import EvidenceModels
from whenabouts.evidence.phrasing import sought
from whenabouts.evidence.retrieve import retrieve
from whenabouts.evidence.timed_text import TimedText
from whenabouts.grounders.stream import load_online
from whenabouts.grounders.stream.lines import RECENT, Lines

QUERIES = ["someone mentions the budget", 'he says "good morning"', "a dog"]
SAID = ["Good morning.", "We went to the market.", "The budget was 80 million.", "It rains.", "So we talked about"]


def line(number: int, text: str, kind: str = "said") -> TimedText:
    return TimedText(3.0 * number, 3.0 * number + 2.5, text, kind, "test")


def answered(lines: Lines, texts: list[str], first: int = 0) -> list[tuple[str, float, float]]:
    return [
        (query, match.start, match.end)
        for number, text in enumerate(texts, first)
        for query, match in lines.hear(line(number, text), QUERIES)
    ]


def test_a_line_that_answers_is_told_of_at_once() -> None:
    told = answered(Lines(meaning=False), SAID)
    assert told == [('he says "good morning"', 0.0, 2.5), ("someone mentions the budget", 6.0, 8.5)]


def test_a_sentence_over_two_lines_is_one_and_is_told_once() -> None:
    told = answered(Lines(meaning=False), ["So we talked about", "the budget, and", "the budget only."])
    assert told == [("someone mentions the budget", 0.0, 5.5)]


def test_what_is_said_again_is_told_again() -> None:
    assert [start for _, start, _ in answered(Lines(meaning=False), ["The budget.", "It rains.", "The budget."])] == [
        0,
        6,
    ]


def test_a_run_goes_on_from_a_snapshot() -> None:
    texts = [*SAID, "the budget again.", *SAID]
    whole = answered(Lines(meaning=False), texts)
    for at in range(len(texts)):
        first, second = Lines(meaning=False), Lines(meaning=False)
        before = answered(first, texts[:at])
        second.restore(json.loads(json.dumps(first.snapshot())))
        assert before + answered(second, texts[at:], at) == whole


def test_few_lines_are_kept_and_odd_ones_passed_over() -> None:
    lines = Lines(meaning=False)
    for number in range(50):
        lines.hear(line(number, "words " * 1000), QUERIES)
    assert len(lines.snapshot()["recent"]) == RECENT
    assert len(json.dumps(lines.snapshot())) < RECENT * 2500
    assert lines.hear(line(60, "   "), QUERIES) == lines.hear(TimedText(5, 5, "the budget", "said", ""), QUERIES) == []


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("who pays for the meal?", ["Who pays for the meal?", "I do."]),
        ("the budget was approved", ["The budget was not approved in the end."]),
        ("they say the budget was approved", ["The budget was approved."]),
    ],
)
def test_a_line_is_judged_as_in_a_video_that_ends_with_it(query: str, said: list[str]) -> None:
    lines = Lines(least=1e-6)
    for number in range(len(said)):
        heard = [line(i, text) for i, text in enumerate(said[: number + 1])]
        [offline] = retrieve(heard, [sought(query)], EvidenceModels(), meaning=True, cache=False)
        newest = [match.probability for match in offline if match.end == heard[-1].end]
        assert [match.probability for _, match in lines.hear(heard[-1], [query])] == [
            pytest.approx(max(newest), abs=1e-3)
        ]


def test_text_on_screen_answers_where_somebody_gives_it() -> None:
    lines = Lines()
    [(_, match)] = lines.hear(line(0, "SALE", "written"), ["the word SALE on the screen"])
    assert match.probability > 0.9
    assert lines.hear(line(1, "Open all day", "written"), ["the word SALE on the screen"]) == []


def test_meaning_is_understood_and_quoted_in_events() -> None:
    grounder = load_online("similarity")
    for query in ("she apologises", "a dog"):
        grounder.add(query)
    started, ended = grounder.hear(line(2, "I am so sorry for what I did."), 12.0)
    assert (started.query, started.state, started.start, started.end) == ("she apologises", "started", 6.0, None)
    assert (ended.state, ended.end, ended.emitted, ended.number) == ("ended", 8.5, 12.0, started.number)
    assert [(each.kind, each.text) for each in ended.evidence] == [("said", "I am so sorry for what I did.")]
    assert grounder.hear(line(3, "We went to the market."), 15.0) == []
    assert grounder.finish(20.0) == []
