"""The search of T* beside values of the official code, and what it does otherwise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.errors import InputError
from whenabouts.selection.tstar.search import ROUND, Search

FRAMES = np.arange(300)
SURE = np.stack([(FRAMES * 37 % 101) / 202, (FRAMES * 53 % 97) / 97], axis=1)  # of a target and of a cue
SURE[211, 0] = 0.95


def search(sure: np.ndarray = SURE, **settings: float) -> Search:
    return Search(len(sure), lambda frames: sure[frames], **settings)  # type: ignore[arg-type]


# T* interface_searcher.py: TStarSearcher.search(), commit ea044c6, with a detector that gives SURE, one target and one
# cue, np.random.seed(7), search_nframes 8, confidence_threshold .5; scores and P are its state afterwards
def test_strict_official_gives_what_the_official_code_gives() -> None:
    pytest.importorskip("scipy")
    made = search(seed=7, share=0.5, strict_official=True)
    assert made.run(8).tolist() == [19, 53, 82, 92, 107, 139, 142, 191]
    assert int(made.seen.sum()) == 300 - 108, "three rounds"
    assert made.scores[[0, 4, 100, 211, 255]].tolist() == [
        *(0.0, 0.23267326732673269, 0.31958762886597936, 0.95, 0.09504950495049505)
    ]
    assert made.promise[[0, 150, 299]].tolist() == pytest.approx(
        [0.002969160478291503, 0.003567960464590857, 0.002969160478291503]
    )
    short = search(seed=7, share=0.1, strict_official=True)
    assert short.run(8).tolist() == [16, 18, 120, 129, 143, 184, 192, 245]
    assert np.flatnonzero(short.seen).max() == 252, "the first round ends before the video does"


def test_the_best_frames_are_shown_and_the_first_round_reaches_the_end() -> None:
    made = search(seed=7, share=0.5)
    [best] = made.run(1)
    assert (SURE * [1, 0.5]).max(axis=1)[made.seen].max() == made.scores[best] == made.scores.max()
    first = search(share=0.1)
    first.run(1)
    assert np.flatnonzero(first.seen).tolist() == [(2 * k + 1) * 300 // 128 for k in range(ROUND)]


def test_the_search_ends_with_the_target() -> None:
    sure = np.zeros((6400, 1))
    sure[50] = 0.9  # in the middle of the first of 64 equal parts
    made = search(sure, share=1.0)
    assert 50 in made.run(4)
    assert made.seen.sum() == ROUND


def test_later_rounds_go_to_the_quarter_that_promises_most() -> None:
    made = search(np.linspace(0, 0.4, 4000)[:, None], share=0.05)
    made.run(8)
    first = (2 * np.arange(ROUND) + 1) * 4000 // 128
    later = np.setdiff1d(np.flatnonzero(made.seen), first)
    assert len(later) == 3 * ROUND and later.min() > 4000 * 0.7


@given(st.integers(1, 400), st.integers(1, 20), st.integers(0, 2**32 - 1), st.floats(0.01, 1))
def test_a_search_keeps_to_its_bounds(count: int, budget: int, seed: int, share: float) -> None:
    sure = np.random.default_rng(seed).random((count, 2)).round(1)
    made = search(sure, seed=seed, share=share)
    chosen = made.run(budget)
    assert len(chosen) == min(budget, count) and np.all(np.diff(chosen) > 0)
    assert made.seen.sum() <= max(ROUND, count * share + ROUND)
    assert chosen.tolist() == search(sure, seed=seed, share=share).run(budget).tolist()


def test_too_few_frames_to_draw_from_are_refused() -> None:
    pytest.importorskip("scipy")
    with pytest.raises(InputError, match="draws 16 frames by chance and only 9 have"):
        search(np.eye(1, 64, 60).T, strict_official=True).run(16)
