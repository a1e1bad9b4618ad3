"""The watch: every way of hacking leaves its sentence, an honest policy none."""

from __future__ import annotations

import numpy as np
import pytest

from whenabouts.errors import InputError
from whenabouts.rewards.target import Target
from whenabouts.training.post.hacking import diverges, flags, inspect

RNG = np.random.default_rng(4)
STARTS = RNG.uniform(0, 40, 60).round(1)
TARGETS = [Target(((float(s), float(s) + 10.0),), 60.0) for s in STARTS]


def told(start: float, end: float) -> str:
    return f"<think>so</think><answer>{start:.2f} to {end:.2f}</answer>"


def near(targets: list[Target], by: float = 2.0) -> list[str]:
    off = np.random.default_rng(7).uniform(-by, by, (len(targets), 2))
    return [told(*np.maximum(0, one.windows[0] + shift)) for one, shift in zip(targets, off, strict=True)]


HONEST = near(TARGETS)
SHUFFLED = HONEST[1:] + HONEST[:1]


def test_an_honest_policy_is_not_flagged() -> None:
    figures = inspect(HONEST, TARGETS, shuffled=SHUFFLED, blank=[told(20, 40)] * 60)
    assert flags(figures) == []
    assert figures.length_ratio == pytest.approx(1, abs=0.1)
    assert figures.spread == pytest.approx(1, abs=0.1)
    assert figures.prior_distance < 0.03


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ([told(0, 60)] * 60, ["hedging: predicted moments are 6.0 times", "collapse"]),
        ([told(s, s + 30) for s in np.maximum(0, STARTS - 10)], ["hedging: predicted moments are 3.0 times"]),
        ([told(20, 30)] * 60, ["collapse: predicted boundaries vary 0.00 times"]),
        (["<think></think><answer></answer>"] * 20 + HONEST[20:], ["format: 33% of the answers"]),
        (
            [a.replace("so", "<timestamp>1.00 to 2.00</timestamp>" * 3) for a in HONEST],
            ["copied anchors: 100% of the anchored"],
        ),
    ],
)
def test_every_hack_has_its_sentence(answers: list[str], words: list[str]) -> None:
    found = flags(inspect(answers, TARGETS))
    assert len(found) == len(words)
    assert all(sentence.startswith(start) for sentence, start in zip(found, words, strict=True))


def test_answers_that_need_no_picture_or_no_query_are_blind() -> None:
    prior = SHUFFLED  # right as a distribution, unrelated to the question
    figures = inspect(prior, TARGETS, shuffled=SHUFFLED[1:] + SHUFFLED[:1], blank=prior)
    assert figures.prior_distance < 0.03
    picture, query = flags(figures)
    assert picture.startswith("blindness: tIoU is") and picture.endswith("with it blanked")
    assert query.endswith("with another one")


def test_reward_that_rises_alone_is_told() -> None:
    assert diverges([0.2, 0.5, 0.9], [0.4, 0.4, 0.3]) == "divergence: reward rose by 0.70 while tIoU changed by -0.10"
    assert diverges([0.2, 0.5, 0.9], [0.2, 0.4, 0.6]) is None


def test_nothing_to_watch_is_an_error() -> None:
    with pytest.raises(InputError, match="one target that happens"):
        inspect(["no"], [Target((), 60.0)])
    with pytest.raises(InputError, match="an answer per target"):
        inspect(HONEST, TARGETS[:-1])
