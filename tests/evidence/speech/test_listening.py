from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from spoken import need_voices

from whenabouts.evidence.speech.listening import APART, WINDOW, believable, in_speech, listen, stretches
from whenabouts.evidence.speech.sentences import Word, sentence_text
from whenabouts.synthetic.voices import read_aloud
from whenabouts.video.samples import RATE


@dataclass
class Heard:
    text: str = "so it begins"
    avg_logprob: float = -0.3
    compression_ratio: float = 1.2
    no_speech_prob: float = 0.1
    start: float = 0.0
    end: float = 1.0
    words: None = None


def test_what_a_recogniser_invents_is_left_out() -> None:
    sure = Heard("so it begins")
    inventions = [
        Heard("thank you for watching", no_speech_prob=0.9, avg_logprob=-0.7),
        Heard("mumble", avg_logprob=-1.4),
        Heard("la la la la la la", compression_ratio=3.1),
        Heard("  "),
    ]
    assert list(believable([*inventions, sure])) == [sure]


def test_a_line_may_be_said_twice_but_not_for_ever() -> None:
    assert len(list(believable([Heard("Help!")] * 20))) == 2


spans_of_speech = st.lists(st.tuples(st.floats(0.1, 20), st.floats(0.1, 25)), max_size=12).map(
    lambda rows: [
        (start, start + rows[i][1])
        for i in range(len(rows))
        for start in [sum(gap + length for gap, length in rows[:i]) + rows[i][0]]
    ]
)


@given(spans=spans_of_speech)
def test_stretches_hold_all_speech_and_fit_the_window(spans: list[tuple[float, float]]) -> None:
    joined = stretches(spans)
    assert all(end - start <= WINDOW + 1e-6 for start, end in joined)
    assert all(any(start <= a and b <= end for start, end in joined) for a, b in spans)
    assert all(one[1] < other[0] for one, other in pairwise(joined))


def test_a_long_silence_ends_a_stretch() -> None:
    assert stretches([(0, 1), (1.5, 2), (2 + APART + 0.1, 9)]) == [(0, 2), (2 + APART + 0.1, 9)]


@given(
    times=st.lists(st.tuples(st.floats(0, 60), st.floats(0, 3)), max_size=20).map(sorted),
    spans=spans_of_speech,
)
def test_words_stay_in_order_inside_speech(times: list[tuple[float, float]], spans: list[tuple[float, float]]) -> None:
    words = [Word(start, start + length, f" {number}", "en") for number, (start, length) in enumerate(times)]
    kept = in_speech(words, spans)
    assert [word for word in words if word.text in {k.text for k in kept}] == sorted(
        (words[int(k.text)] for k in kept), key=lambda word: int(word.text)
    )
    assert all(0 <= one.start <= one.end <= other.start for one, other in pairwise(kept))
    assert all(any(a - 0.001 <= k.start and k.end <= b + 0.001 for a, b in spans) for k in kept)


def test_words_take_the_edges_of_speech_and_those_in_silence_go() -> None:
    words = [Word(0.1, 0.9, " Good", "en"), Word(0.9, 1.0, " day.", "en"), Word(4.0, 4.5, " Thanks.", "en")]
    assert in_speech(words, [(0.5, 1.2)]) == [Word(0.5, 0.9, " Good", "en"), Word(0.9, 1.2, " day.", "en")]


@pytest.fixture(scope="module")
def base():
    """The packaged model."""
    need_voices()
    from whenabouts.evidence.speech.weights import packaged

    return packaged().load("cpu")


RNG = np.random.default_rng(1)
TIME = np.arange(12 * RATE) / RATE
CHORD = sum(np.sin(2 * np.pi * note * 2 ** (np.floor(TIME * 2) % 5 / 12) * TIME) for note in (220, 277.2, 329.6))
WITHOUT_WORDS = {
    "silence": np.zeros(12 * RATE),
    "noise": RNG.normal(0, 0.2, 12 * RATE),
    "quiet noise": RNG.normal(0, 0.002, 12 * RATE),
    "tones": 0.2 * CHORD * np.exp(-3 * (TIME * 2 % 1)),
    "hum": 0.3 * np.sign(np.sin(2 * np.pi * 50 * TIME)),
    "beats": RNG.normal(0, 0.4, 12 * RATE) * np.exp(-20 * (TIME * 2 % 1)),
    "siren": 0.4 * np.sin(2 * np.pi * (600 * TIME - 200 * np.cos(2 * np.pi * 0.5 * TIME))),
}


@pytest.mark.parametrize("name", WITHOUT_WORDS)
def test_no_words_are_invented(base, name: str) -> None:
    assert listen(lambda: base, WITHOUT_WORDS[name].astype(np.float32)) == []


@pytest.mark.slow
def test_two_languages_are_told_apart(base) -> None:
    german = read_aloud(["Guten Morgen, meine Damen und Herren.", "Das Haus steht am Fluss."], "de", pause=0.4)
    english = read_aloud(["Where is the railway station?", "I would like to buy a ticket."], pause=0.4)
    silence = np.zeros(4 * RATE, np.float32)
    words = listen(lambda: base, np.concatenate([english.samples, silence, german.samples]))
    turn = (len(english.samples) + 2 * RATE) / RATE
    assert {word.language for word in words if word.end < turn} == {"en"}
    assert {word.language for word in words if word.start > turn} == {"de"}
    assert "railway station" in sentence_text(words) and "Guten Morgen" in sentence_text(words)
