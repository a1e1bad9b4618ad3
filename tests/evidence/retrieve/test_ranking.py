from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whenabouts.evidence import EvidenceModels, TimedText
from whenabouts.evidence.retrieve import Match, retrieve, sentences


@pytest.fixture(scope="module")
def models() -> EvidenceModels:
    return SHARED


def said(*texts: str, source: str = "a.srt") -> list[TimedText]:
    return [TimedText(2.0 * i, 2.0 * i + 1.8, text, "said", source) for i, text in enumerate(texts)]


SHARED = EvidenceModels()
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


INTERVIEW = said(
    "Please tell us your name and where you were born.",
    "My name is Marta Lindqvist, and I was born in Oberau.",
    "My mother kept bees, and my father repaired clocks.",
    "The budget was eighty million, and everybody knew it was too little.",
    "What were you good at?",
    "I was always quick with numbers, that was my strength.",
    "I was never able to speak in front of people.",
    "What I said earlier about the fourth of May is not true.",
    "Two men died in the collapse in November.",
    "I am sorry. Could I have a glass of water?",
    "Shall we stop for a quarter of an hour?",
    "[Applause]",
    "The lamps were on all day.",
    "On Sundays the neighbours came to play cards.",
    "The library closed at nine.",
)
KOREAN = said(
    "성함이 어떻게 되십니까?",
    "저는 김영자라고 합니다.",
    "어머니는 시장에서 생선을 파셨어요.",
    "예산은 팔천만 원이었습니다.",
    "저는 사람들 앞에서 말을 잘 못해요.",
    "아까 오월이라고 한 것은 틀렸습니다. 유월이었습니다.",
    "폐를 끼쳐서 정말 죄송합니다.",
    "일요일에는 이웃들이 놀러 왔습니다.",
    "등불은 하루 종일 켜져 있었습니다.",
)


@pytest.mark.parametrize(
    ("query", "line"),
    [
        ("she talks about her mother", 2),
        ("she admits a weakness", 6),
        ("she corrects what she said earlier", 7),
        ("she apologises", 9),
        ("what is her name", 1),
        ("how many people died", 8),
        ("the break", 10),
        ("applause", 11),
        ("그녀는 어머니에 대해 이야기한다", 2),
        ("Wann gibt sie eine Schwäche zu?", 6),
        ("ella pide perdón", 9),
        ("elle parle de sa mère", 2),
    ],
)
def test_questions_in_any_language_find_what_was_said(models: EvidenceModels, query: str, line: int) -> None:
    assert best(query, models, INTERVIEW).lines == (INTERVIEW[line],)


@pytest.mark.parametrize(
    ("query", "line"),
    [
        ("어머니 이야기를 하는 부분", 2),
        ("예산을 언급하는 부분", 3),
        ("그녀는 사과한다", 6),
        ("앞에서 한 말을 바로잡는다", 5),
        ("what is her name", 1),
        ("she admits a weakness", 4),
        ("she mentions the budget", 3),
        ("she apologises", 6),
    ],
)
def test_a_korean_interview_is_understood(models: EvidenceModels, query: str, line: int) -> None:
    assert best(query, models, KOREAN).lines == (KOREAN[line],)


@pytest.mark.parametrize("lines", [INTERVIEW, KOREAN])
@pytest.mark.parametrize(
    "query", ["she talks about a helicopter", "헬리콥터 이야기", "der Hubschrauber", "her wedding"]
)
def test_what_nobody_says_is_unlikely(models: EvidenceModels, lines: list[TimedText], query: str) -> None:
    assert best(query, models, lines).probability < 0.3


def test_a_mention_of_every_word_is_likely(models: EvidenceModels) -> None:
    assert best("she mentions the budget", models, INTERVIEW).probability > 0.5
    [found] = retrieve(INTERVIEW, ["she mentions the budget"], models, meaning=False)
    assert found[0].lines == (INTERVIEW[3],) and found[0].probability > 0.5


def test_names_of_speakers_are_no_words_of_theirs(models: EvidenceModels) -> None:
    lines = said("MINISTER: Good evening.", "REPORTER: Who is the new minister?", "MINISTER: I am so sorry.")
    assert best("someone mentions the minister", models, lines).lines == (lines[1],)
    assert best("the minister apologises", models, lines).lines == (lines[2],)


def test_a_sound_in_brackets_is_a_line_of_its_own() -> None:
    lines = said("[Applause]", "Thank you very much.")
    assert sentences(lines) == lines


queries_of_any_kind = st.sampled_from(
    ["the budget", "she apologises", "what is her name", "왜 떠났나요?", "'he left'", "a helicopter", "applause", "?!"]
)


@given(lines_of_text, st.lists(queries_of_any_kind, max_size=3), st.booleans())
@settings(max_examples=40)
def test_matches_are_ordered_probabilities_of_all_lines(
    lines: list[TimedText], queries: list[str], meaning: bool
) -> None:
    answers = retrieve(lines, queries, SHARED, meaning=meaning)
    assert answers == retrieve(lines, queries, SHARED, meaning=meaning)
    assert len(answers) == len(queries)
    for matches in answers:
        assert len(matches) == len(sentences(lines))
        assert all(0.0 <= match.probability <= 1.0 for match in matches)
        for one, other in pairwise(matches):
            assert one.probability > other.probability or (
                one.probability == other.probability and one.start <= other.start
            )
        for match in matches:
            assert (match.start, match.end) == (match.lines[0].start, match.lines[-1].end)
            assert match.moment().evidence[0].text == match.lines[0].text


def test_progress_ends_complete(models: EvidenceModels) -> None:
    fractions: list[float] = []
    retrieve(INTERVIEW, ["she apologises"], models, progress=fractions.append)
    assert fractions[-1] == 1.0
    assert fractions == sorted(fractions)
