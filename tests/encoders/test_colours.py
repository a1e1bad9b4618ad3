"""Colours of pictures and colour words."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra.numpy import arrays

from whenabouts.encoders.colours import COLOURS, colour_shares, colours_named

NAMES = list(COLOURS)


@pytest.mark.parametrize(
    ("rgb", "colour"),
    [
        ((0, 0, 0), "black"),
        ((255, 255, 255), "white"),
        ((128, 128, 128), "grey"),
        ((200, 20, 20), "red"),
        ((255, 140, 0), "orange"),
        ((120, 70, 20), "brown"),
        ((250, 230, 30), "yellow"),
        ((30, 160, 50), "green"),
        ((20, 60, 200), "blue"),
        ((120, 30, 200), "purple"),
        ((255, 120, 200), "pink"),
    ],
)
def test_a_plain_picture_has_one_colour(rgb: tuple[int, int, int], colour: str) -> None:
    [shares] = colour_shares(np.full((1, 16, 16, 3), rgb, dtype=np.uint8))
    assert NAMES[int(shares.argmax())] == colour
    assert shares.max() == 1


def test_shares_are_areas() -> None:
    picture = np.zeros((1, 32, 32, 3), dtype=np.uint8)
    picture[:, :8] = (200, 20, 20)
    [shares] = colour_shares(picture)
    assert shares[NAMES.index("red")] == 0.25
    assert shares[NAMES.index("black")] == 0.75


@given(images=arrays(np.uint8, (2, 8, 8, 3)))
def test_shares_lie_between_0_and_1(images: np.ndarray) -> None:
    shares = colour_shares(images)
    assert shares.shape == (2, len(COLOURS))
    assert (shares >= 0).all()
    assert (shares <= 1).all()


def test_only_whole_words_name_a_colour() -> None:
    assert not colours_named("a bored greenish hundred").any()
    named = colours_named("Red and BLUE, at night")
    assert {NAMES[i] for i in np.flatnonzero(named)} == {"red", "blue", "black"}
