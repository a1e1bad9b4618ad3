"""Frames and sizes as qwen-vl-utils chooses them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.errors import InputError
from whenabouts.grounders.llm.papers import PAPERS
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
    indices = Sampling(fps=fps, max_frames=most).indices(frames, rate)
    assert len(indices) % 2 == 0 and 2 <= len(indices) <= max(2, most)
    assert indices == sorted(indices) and indices[0] >= 0 and indices[-1] < frames


@pytest.mark.parametrize(
    ("name", "count", "times", "size"),
    [
        # a minute at 30 frames per second, 1280 x 720
        ("qwen2-vl", 120, [0, 15 / 30, 1.0, 45 / 30, 2.0, 76 / 30], (616, 336)),
        ("qwen2.5-vl", 120, [0, 15 / 30, 1.0, 45 / 30], (560, 308)),
        ("qwen3-vl", 120, [0, 15 / 30, 1.0, 45 / 30], (640, 352)),
        ("time-r1", 120, [0, 15 / 30, 1.0, 45 / 30], (280, 140)),
        ("timelens", 120, [0, 15 / 30, 1.0, 45 / 30], (640, 352)),
        ("unitime", 120, [0, 15 / 30, 1.0, 45 / 30], (616, 336)),
        ("videochat-flash", 60, [0, 1.0, 61 / 30, 91 / 30], (868, 476)),
        ("timesuite", 128, [0, 14 / 30, 28 / 30, 42 / 30], (588, 336)),
        ("videomind", 60, [0, 1.0, 61 / 30, 91 / 30], (280, 168)),
    ],
)
def test_what_each_model_is_shown(name: str, count: int, times: list[float], size: tuple[int, int]) -> None:
    sampling = PAPERS[name].sampling
    shown = sampling.times(60.0, 30.0)
    assert len(shown) == count and shown[: len(times)] == pytest.approx(times) and shown[-1] == 1799 / 30
    width, height = sampling.size(1280, 720, count)
    assert (width, height) == size
    assert width * height * count / 2 <= sampling.total_tokens * sampling.token_side**2 * 1.06


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
    sampling = Sampling(total_tokens=3584)
    few, many = (sampling.size(1920, 1080, count) for count in (8, 200))
    assert few[0] * few[1] > 4 * many[0] * many[1]
    assert all(side % 28 == 0 for side in (*few, *many))
    assert few[0] * few[1] * 4 <= 3584 * 28 * 28


def test_what_cannot_be_shown_is_refused() -> None:
    with pytest.raises(InputError, match="too short"):
        Sampling().indices(1, 30.0)
    with pytest.raises(InputError, match="too long"):
        resized(5000, 20, 28, 3136, 602112)
