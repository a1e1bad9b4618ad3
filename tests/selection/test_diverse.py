"""Selectors that weigh fitting the query against repeating what is shown: MMR, DPP, shots."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from whenabouts.errors import InputError
from whenabouts.selection import load_selector
from whenabouts.selection.dpp import dpp
from whenabouts.selection.mmr import mmr
from whenabouts.selection.shots import over_shots
from whenabouts.selection.similarity import best, scaled, unit

SCORES = np.array([0.9, 0.89, 0.6, 0.1])
VECTORS = np.array([[1.0, 0.0], [1.0, 0.01], [0.0, 1.0], [-1.0, 0.0]])


def test_mmr_weighs_as_its_formula_does() -> None:
    # scaled scores 1, 0.9875, 0.625, 0; after 0, at 0.5: frame 1 has 0.494 - 0.5, frame 2 0.3125 - 0, frame 3 0 + 0.5
    assert mmr(SCORES, VECTORS, 3, relevance=0.5).tolist() == [0, 3, 2]
    assert mmr(SCORES, VECTORS, 3, relevance=1.0).tolist() == best(SCORES, 3).tolist() == [0, 1, 2]


def test_a_dpp_passes_over_what_repeats() -> None:
    assert dpp(SCORES, VECTORS, 2, quality=1).tolist() == [0, 2]
    assert dpp(SCORES, VECTORS, 2, quality=1e3).tolist() == [0, 1]


def test_each_step_of_a_dpp_multiplies_the_determinant_most() -> None:
    rng = np.random.default_rng(5)
    scores, vectors = rng.random(12), rng.normal(size=(12, 4))
    rows, q = unit(vectors), np.exp(2.0 * scaled(scores))
    kernel = q[:, None] * np.exp((rows @ rows.T - 1) / 0.5) * q
    chosen: list[int] = []
    for _ in range(6):
        gains = [np.linalg.det(kernel[np.ix_([*chosen, i], [*chosen, i])]) if i not in chosen else 0 for i in range(12)]
        chosen.append(int(np.argmax(gains)))
    assert dpp(scores, vectors, 6, quality=2.0, width=0.5).tolist() == chosen
    greedy = np.linalg.det(kernel[np.ix_(chosen[:3], chosen[:3])])
    assert greedy >= 0.3 * max(np.linalg.det(kernel[np.ix_(s, s)]) for s in combinations(range(12), 3))


def test_a_dpp_fills_up_where_every_picture_repeats() -> None:
    assert dpp(np.array([0.1, 0.3, 0.2]), np.ones((3, 2)), 2).tolist() == [1, 2]


def test_with_more_shots_than_frames_the_shots_stand_at_even_distances() -> None:
    assert over_shots(np.arange(0, 60, 6), 60, 5).tolist() == [9, 21, 33, 45, 57]


@pytest.mark.parametrize(
    ("name", "settings"),
    [("mmr", {"relevance": 1.2}), ("dpp", {"width": 0}), ("dpp", {"quality": float("nan")})],
)
def test_settings_out_of_range_are_refused(name: str, settings: dict[str, float]) -> None:
    with pytest.raises(InputError, match=r"relevance must lie|a DPP needs"):
        load_selector(name, **settings)
