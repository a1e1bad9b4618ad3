"""Blind baselines against figures found apart, and what each of them must be."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whenabouts.benchmarks import BENCHMARKS, Example
from whenabouts.benchmarks.charades_sta import clamp
from whenabouts.evaluation.blind import BASELINES
from whenabouts.evaluation.blind.density import Density
from whenabouts.evaluation.blind.neighbours import vote
from whenabouts.evaluation.blind.sampler import VerbSampler
from whenabouts.evaluation.blind.verbs import CHARADES, Verbs, mined
from whenabouts.evaluation.blind.words import Sentences
from whenabouts.evaluation.protocols import RankedProtocol

RULES = RankedProtocol("blind", "", strict=True, ranks=(1, 5))
FIGURES = [f"R{n}@{m}" for n in (1, 5) for m in (0.3, 0.5, 0.7)]


def charades(data: Path, name: str) -> list[Example]:
    return clamp(list(BENCHMARKS["charades-sta"].load(data, name).examples))


@pytest.mark.slow
def test_drawn_windows_are_as_good_as_those_of_otani(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """[Blind baselines] Charades-STA.ipynb of mayu-ot/hidden-challenges-MR prints 23.58 and 28.06; see expectations."""
    raw = [BENCHMARKS["charades-sta"].load(data, name).examples for name in ("train", "test")]
    truths = {e.qid: e.windows for e in raw[1]}
    for baseline, official in ((BASELINES["prior sampler"], 23.58), (VerbSampler(CHARADES), 28.06)):
        drawn = []
        for seed in range(5):  # one draw of 3720 queries is off by 0.7 points, as the official one is
            monkeypatch.setattr("whenabouts.evaluation.blind.sampler.SEED", seed)
            drawn.append(RULES.score(baseline.answers(*raw), truths)["R1@0.5"])
        assert np.mean(drawn) == pytest.approx(official, abs=1.0)


def test_a_density_is_that_of_scipy() -> None:
    windows = np.array([[0.1, 0.3], [0.2, 0.3], [0.5, 0.9], [0.0, 0.4], [0.6, 1.0]])
    points = np.array([[0.1, 0.2], [0.4, 0.4], [0.9, 0.05]])
    gaussian_kde = pytest.importorskip("scipy.stats").gaussian_kde
    expected = gaussian_kde(np.column_stack([windows[:, 0], windows[:, 1] - windows[:, 0]]).T)(points.T)
    assert Density(windows)(points) == pytest.approx(expected, rel=1e-9)
    assert Density(windows).near(points) == pytest.approx(expected, rel=1e-3, abs=1e-4)


def test_cosines_are_those_of_scikit_learn() -> None:
    text = pytest.importorskip("sklearn.feature_extraction.text")
    sentences = ["a dog runs to a dog", "the dog sleeps", "a cat runs", "the dog sleeps"]
    made = text.TfidfVectorizer(ngram_range=(1, 2))
    expected = (made.fit_transform(sentences) @ made.transform(["the dog runs"]).T).toarray().ravel()
    rows, alike = Sentences(sentences).nearest("the dog runs", 9)
    assert len(rows) == 4 and (np.diff(alike) <= 0).all()
    assert alike == pytest.approx(expected[rows], abs=1e-8)


def test_verbs_are_told_from_nouns() -> None:
    sentences = [
        "a man opens a door",
        "he is opening the doors",
        "he opened it",
        "to open",
        "he took a hand",
        "taking a door",
    ] * 5
    assert "open" in mined(sentences) and not {"door", "man", "hand"} & set(mined(sentences))
    assert Verbs(CHARADES).all("She is sitting, then ran and closes it") == ["sit", "run", "close"]


def test_a_vote_is_for_what_most_say() -> None:
    windows = np.array([[0.0, 0.2], [0.5, 0.9], [0.5, 1.0], [0.55, 0.9]])
    chosen = vote(windows, np.ones(4))
    assert chosen[0].tolist() == [0.5, 0.9] and chosen[1].tolist() == [0.0, 0.2]


EXAMPLES = st.lists(
    st.tuples(
        st.sampled_from(["a dog runs", "he sits", "", "犬が走る", "opening it"]),
        st.lists(st.tuples(st.floats(0, 30), st.floats(0.01, 30)), max_size=3),
        st.sampled_from([None, 10.0, 60.0]),
    ),
    max_size=8,
)


@settings(max_examples=25, deadline=None)
@given(EXAMPLES, EXAMPLES)
def test_every_baseline_answers_all_videos_of_known_length(train: list[object], test: list[object]) -> None:
    """Whatever it learns from, answers are windows that last, and the same again."""

    def made(rows: list[object]) -> list[Example]:
        return [
            Example(n, "v", query, np.array([[s, s + length] for s, length in windows]).reshape(-1, 2), duration)
            for n, (query, windows, duration) in enumerate(rows)  # type: ignore[misc]
        ]

    taught, asked = made(train), made(test)
    useful = any(e.duration and len(e.windows) for e in taught)
    for baseline in BASELINES.values():
        if useful or not baseline.learns:
            answers = baseline.answers(taught, asked)
            assert set(answers) == {e.qid for e in asked if e.duration}, baseline.name
            again = baseline.answers(taught, asked)
            for qid, windows in answers.items():
                assert len(windows) and (windows[:, 0] < windows[:, 1]).all(), baseline.name
                assert np.array_equal(windows, again[qid]), baseline.name
