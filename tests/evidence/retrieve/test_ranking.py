from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.evidence import EvidenceModels, Match, TimedText, retrieve
from whenabouts.evidence.retrieve import sentences


@pytest.fixture(scope="module")
def models() -> EvidenceModels:
    return EvidenceModels()


def said(*texts: str, source: str = "a.srt") -> list[TimedText]:
    return [TimedText(2.0 * i, 2.0 * i + 1.8, text, "said", source) for i, text in enumerate(texts)]


DIALOGUE = said(
    "Good evening, ladies and gentlemen.",
    "We have to talk about the money,",
    "because there is none left.",
    "I parked the car behind the house.",
    "Welcome back to the show.",
    "The dog ran away again.",
    "- Who are you?",
    "Nobody of importance.",
)


def best(query: str, models: EvidenceModels, lines=DIALOGUE) -> Match:
    return retrieve(lines, [query], models)[0][0]


@pytest.mark.parametrize(
    ("query", "start"),
    [
        ("he says 'welcome back'", 8.0),
        ("someone mentions the finances", 2.0),
        ("a pet has escaped", 10.0),
        ("the car", 6.0),
    ],
)
def test_the_line_that_answers_comes_first(models: EvidenceModels, query: str, start: float) -> None:
    assert best(query, models).start == start


def test_a_quoted_line_scores_above_every_paraphrase(models: EvidenceModels) -> None:
    lines = said("Hi everyone, good to see you all again!", "And then he told me: welcome back, old man.")
    first, second = retrieve(lines, ["someone says 'welcome back'"], models)[0]
    assert first.lines == (lines[1],)
    assert first.probability >= 0.9 > second.probability


def test_what_is_not_there_scores_low(models: EvidenceModels) -> None:
    assert (
        best("someone mentions photosynthesis", models).probability
        < 0.3
        < 0.9
        < best("who are you", models).probability
    )


def test_a_query_about_writing_prefers_the_screen(models: EvidenceModels) -> None:
    lines = [*said("This is the introduction."), TimedText(20, 22, "INTRODUCTION", "written", "ocr")]
    assert best("the title card reads Introduction", models, lines).lines[0].kind == "written"
    assert best("he says 'introduction'", models, lines).lines[0].kind == "said"


def test_spaces_lost_by_text_recognition_do_not_hide_a_title(models: EvidenceModels) -> None:
    lines = [TimedText(0, 2, "THEEND", "written", "ocr"), TimedText(4, 6, "the final part", "written", "ocr")]
    first, _ = retrieve(lines, ["the words THE END appear on screen"], models)[0]
    assert first.lines[0].text == "THEEND"
    assert first.probability >= 0.9


def test_no_lines_or_no_queries_give_no_answers(models: EvidenceModels) -> None:
    assert retrieve([], ["a", "b"], models) == [[], []]
    assert retrieve(DIALOGUE, [], models) == []


def test_lines_of_one_sentence_are_joined() -> None:
    joined = sentences(DIALOGUE)
    assert (
        TimedText(2.0, 5.8, "We have to talk about the money, because there is none left.", "said", "a.srt") in joined
    )
    assert len(joined) == len(DIALOGUE) - 1


lines_of_text = st.lists(
    st.builds(
        lambda start, length, text, source: TimedText(start, start + length, text, "said", source),
        st.floats(0, 100),
        st.floats(0.1, 20),
        st.sampled_from(["so", "he left.", "and then we", "- no", "why?"]),
        st.sampled_from(["a.srt", "b.srt"]),
    ),
    max_size=12,
)


@given(lines_of_text)
def test_joining_loses_no_words_and_no_time(lines: list[TimedText]) -> None:
    joined = sentences(lines)
    assert sorted(" ".join(line.text for line in joined).split()) == sorted(
        " ".join(line.text for line in lines).split()
    )
    for line in lines:
        assert any(whole.start <= line.start and line.end <= whole.end and line.text in whole.text for whole in joined)
    assert all(whole.end - whole.start <= 15.0 or whole in lines for whole in joined)


def test_two_annotators_of_one_video_meet(data: Path, models: EvidenceModels) -> None:
    """ActivityNet Captions: the second annotator's captions find the first one's of the same video among twelve."""
    first = json.loads((data / "activitynet_captions" / "val.json").read_text())
    second = json.loads((data / "activitynet_captions" / "test.json").read_text())
    videos = sorted(first.keys() & second.keys())[:12]
    lines = [
        TimedText(float(i), i + 0.5, caption.strip(), "written", video)
        for i, (video, caption) in enumerate((v, c) for v in videos for c in first[v]["sentences"])
    ]
    queries = [(video, caption.strip()) for video in videos for caption in second[video]["sentences"]]
    answers = retrieve(lines, [query for _, query in queries], models)
    right = [answer[0].lines[0].source == video for (video, _), answer in zip(queries, answers, strict=True)]
    assert sum(right) / len(right) > 0.75
