"""The synthetic benchmark: the truth is in the rows, equal recipes give equal draws, and bias is what it says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from whenabouts.evaluation.blind.constant import best_constant, constant_answers
from whenabouts.moment import tiou
from whenabouts.synthetic.features import Synthetic


@settings(max_examples=25)
@given(seed=st.integers(0, 10**6), location=st.booleans(), length=st.booleans(), moments=st.integers(1, 4))
def test_moments_lie_apart_inside_the_video(seed: int, location: bool, length: bool, moments: int) -> None:
    recipe = Synthetic(4, seed=seed, location_bias=location, length_bias=length, moments=moments)
    for e in recipe:
        windows = e.windows
        assert 1 <= len(windows) <= moments
        assert (windows >= 0).all() and (windows <= e.duration).all()
        assert (windows[:, 0] < windows[:, 1]).all() and (windows[1:, 0] > windows[:-1, 1]).all()
        assert np.array_equal(e.ratings() > 0, e.inside())
        assert e.ratings().max() <= 12


def test_equal_recipes_draw_equally_and_splits_share_a_world() -> None:
    first, again, other = list(Synthetic(5)), list(Synthetic(5)), list(Synthetic(5).split(1, 5))
    for a, b, c in zip(first, again, other, strict=True):
        assert np.array_equal(a.video, b.video) and np.array_equal(a.text, b.text)
        assert a.video.shape != c.video.shape or not np.allclose(a.video, c.video)
    words = [
        {word: tuple(row) for e in split for word, row in zip(e.example.query.split(), e.text, strict=True)}
        for split in (first, other)
    ]
    shared = words[0].keys() & words[1].keys()
    assert shared and all(words[0][w] == words[1][w] for w in shared)


def test_rows_of_a_moment_show_one_picture_and_others_do_not() -> None:
    for e in Synthetic(20, noise=0.0):
        shown = e.video[e.inside()]
        assert (shown == shown[0]).all()
        assert not (e.video[~e.inside()] == shown[0]).all(axis=1).any()


def blind(recipe: Synthetic) -> float:
    train, test = ([e.example for e in split] for split in (recipe, recipe.split(1, 300)))
    answers = constant_answers(test, best_constant(train))
    return float(np.mean([tiou(answers[e.qid], e.windows).max() >= 0.5 for e in test]))


def test_bias_pays_for_blind_answers() -> None:
    plain = Synthetic(300)
    assert blind(plain) + 0.05 < blind(replace(plain, location_bias=True, length_bias=True))
