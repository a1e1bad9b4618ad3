"""Frames and sizes as qwen-vl-utils chooses them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.errors import InputError
from whenabouts.grounders.llm.sampling import Sampling, resized


@pytest.mark.parametrize(
    ("frames", "rate", "count", "first", "last"),
    [
        (300, 30.0, 20, [0, 16, 31, 47], 299),  # 10 s at 2 fps
        (250, 25.0, 20, [0, 13, 26, 39], 249),
        (30, 30.0, 4, [0, 10, 19, 29], 29),  # 1 s: at least four
        (3, 30.0, 2, [0, 2], 2),  # fewer frames than four: as many as are even
        (54000, 30.0, 768, [0, 70, 141, 211], 53999),  # half an hour: at most 768
        (901, 30.0, 60, [0, 15, 31, 46], 900),
    ],
)
def test_frame_numbers(frames: int, rate: float, count: int, first: list[int], last: int) -> None:
    indices = Sampling().indices(frames, rate)
    assert len(indices) == count and indices[: len(first)] == first and indices[-1] == last


def test_times_follow_the_frames_that_are_shown() -> None:
    assert Sampling().times(10.0, 30.0)[:3] == [0.0, 16 / 30, 31 / 30]


@given(st.integers(2, 10**6), st.floats(1, 120), st.sampled_from([1.0, 2.0, 4.0]), st.integers(4, 800))
def test_frames_are_even_in_number_in_order_and_in_the_video(frames: int, rate: float, fps: float, most: int) -> None:
    indices = Sampling(fps=fps, most=most).indices(frames, rate)
    assert len(indices) % 2 == 0 and 2 <= len(indices) <= max(2, most)
    assert indices == sorted(indices) and indices[0] >= 0 and indices[-1] < frames


@pytest.mark.parametrize(
    ("size", "least", "most", "wanted"),
    [
        ((1920, 1080), 3136, 12845056, (1932, 1092)),
        ((1920, 1080), 3136, 602112, (1008, 560)),  # 768 tokens
        ((640, 360), 3136, 602112, (644, 364)),
        ((20, 20), 3136, 602112, (56, 56)),
        ((1000, 10), 3136, 602112, (1008, 28)),
    ],
)
def test_sizes(size: tuple[int, int], least: float, most: float, wanted: tuple[int, int]) -> None:
    assert resized(*size, 28, least, most) == wanted


def test_many_frames_are_small_ones() -> None:
    sampling = Sampling(budget=3584)
    few, many = (sampling.size(1920, 1080, count) for count in (8, 200))
    assert few[0] * few[1] > 4 * many[0] * many[1]
    assert all(side % 28 == 0 for side in (*few, *many))
    assert few[0] * few[1] * 4 <= 3584 * 28 * 28


def test_what_cannot_be_shown_is_refused() -> None:
    with pytest.raises(InputError, match="too short"):
        Sampling().indices(1, 30.0)
    with pytest.raises(InputError, match="too long"):
        resized(5000, 20, 28, 3136, 602112)
