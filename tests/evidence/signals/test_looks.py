"""One picture as numbers: black, one colour, bars."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.evidence.signals.looks import colour_name, is_bars, is_black, is_blank, look
from whenabouts.synthetic.signals import BARS

HEIGHT, WIDTH = 72, 128


def bars(*, full: bool = True, black: bool = False, border: int = 0, scale: float = 1.0) -> np.ndarray:
    inner = WIDTH - 2 * border
    colours = np.array([*BARS, (0, 0, 0)] if black else BARS) * scale
    picture = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    picture[: HEIGHT if full else HEIGHT * 2 // 3, border : WIDTH - border] = colours[
        np.arange(inner) * len(colours) // inner
    ]
    return picture


@pytest.mark.parametrize(
    "picture",
    [bars(), bars(full=False), bars(black=True), bars(border=16), bars(scale=255 / 191)],
    ids=["seventy-five per cent", "smpte", "eight", "4:3 in 16:9", "a hundred per cent"],
)
def test_bars_are_told(picture: np.ndarray) -> None:
    assert is_bars(picture) and look(picture).bars


def test_other_stripes_are_no_bars() -> None:
    picture = bars()
    assert not is_bars(picture[:, ::-1]) and not is_bars(picture.swapaxes(0, 1)[:HEIGHT])
    assert not is_bars(np.roll(picture, WIDTH // 7, axis=1))
    assert not is_bars(np.zeros_like(picture)) and not is_bars(np.full_like(picture, 255))


@given(
    colour=st.tuples(*[st.integers(0, 255)] * 3),
    noise=st.floats(0, 2.5),
)
def test_one_colour_is_black_or_blank_and_never_both(colour: tuple[int, int, int], noise: float) -> None:
    picture = np.full((HEIGHT, WIDTH, 3), colour, np.float32)
    picture += np.random.default_rng(0).normal(0, noise, (HEIGHT, WIDTH, 1))
    seen = look(np.clip(picture, 0, 255).astype(np.uint8))
    assert is_black(seen) != is_blank(seen)
    assert is_black(seen) or max(colour) > 8
    assert not seen.bars


def test_a_little_text_is_not_black() -> None:
    picture = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    assert is_black(look(picture))
    picture[30:34, 40:60] = 200
    assert not is_black(look(picture)) and not is_blank(look(picture))


@pytest.mark.parametrize(
    ("colour", "name"),
    [
        ((255, 255, 255), "white"),
        ((250, 245, 235), "white"),
        ((128, 130, 127), "grey"),
        ((20, 30, 200), "blue"),
        ((30, 160, 40), "green"),
        ((200, 20, 20), "red"),
        ((220, 210, 20), "yellow"),
    ],
)
def test_colours_have_everyday_names(colour: tuple[float, float, float], name: str) -> None:
    assert colour_name(colour) == name
