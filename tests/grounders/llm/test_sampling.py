"""Frames and sizes as the authors of each model choose them."""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.errors import InputError, ModelError
from whenabouts.grounders.llm.papers import PAPERS
from whenabouts.grounders.llm.sampling import Sampling, evenly, resized

# Made by the authors' own functions on a stand-in for decord, of made-up lengths, rates and sizes: qwen-vl-utils 0.0.14
# and Time-R1's vision_process.py `fetch_video` (Time-R1, TimeLens, Qwen), VideoMind's dataset/utils.py `fetch_video`,
# UniTime's `fetch_video` and `feature`, TimeSuite's `get_index`, TRACE's `process_video`, VideoChat-Flash's
# `get_frame_indices`. A row: paper, way, frames, rate, width, height; how many numbers, their CRC-32, the size; of a
# coarse view also frames of a clip, clips, and the last stamp.
OFFICIAL = json.loads((Path(__file__).parent / "official_frames.json").read_text("utf-8"))


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


@given(st.integers(2, 10**6), st.floats(1, 120), st.sampled_from([1.0, 2.0, 4.0]), st.integers(4, 800))
def test_frames_are_even_in_number_in_order_and_in_the_video(frames: int, rate: float, fps: float, most: int) -> None:
    indices = Sampling(fps=fps, max_frames=most).indices(frames, rate)
    assert len(indices) % 2 == 0 and 2 <= len(indices) <= max(2, most)
    assert indices == sorted(indices) and indices[0] >= 0 and indices[-1] < frames


def crc(numbers: list[int]) -> int:
    return zlib.crc32(json.dumps(numbers).encode())


@pytest.mark.parametrize("row", OFFICIAL, ids=lambda row: "-".join(map(str, row[:4])))
def test_every_number_and_size_is_that_of_the_official_code(row: list[Any]) -> None:
    name, way, frames, rate, width, height, count, sum_of_numbers, size, *coarse = row
    chosen = getattr(PAPERS[name].sampling, way)(frames, rate, width, height)
    assert (len(chosen.indices), crc(chosen.indices)) == (count, sum_of_numbers)
    assert size is None or chosen.size == tuple(size)
    for clip, clips, last in coarse:
        assert (chosen.clip, len(chosen.stamps), round(chosen.stamps[-1] / rate, 1)) == (clip, clips, last)


def test_numbers_are_rounded_in_float32_as_official_code_rounds_them() -> None:
    """1 of 2,000 numbers is another in float64: torch.linspace(0, N - 1, n).round() of torch 2.13 says which."""
    assert evenly(0, 150, 61)[29:32] == [72, 75, 78]
    torch = pytest.importorskip("torch")
    for last, count in ((4461, 74), (53_999, 768), (89_999, 502), (1_234_567, 2048)):
        assert evenly(7, last, count) == torch.linspace(7, last, count).round().long().tolist()


def test_time_r1_loses_the_last_picture_where_its_seconds_round_down() -> None:
    """`_read_video_decord_w_timestamp`, which its evaluation runs: int(203 / 12.5 * 12.5) is 202."""
    last = {name: PAPERS[name].sampling.choose(203, 12.5, 320, 240).indices[-1] for name in ("time-r1", "qwen2.5-vl")}
    assert last == {"time-r1": 201, "qwen2.5-vl": 202}
    assert PAPERS["time-r1"].sampling.choose(31_120, 30.0, 320, 240).indices[-1] == 31_118


def test_a_bound_spreads_fewer_frames_and_a_rate_changes_their_number() -> None:
    for name, paper in PAPERS.items():
        if paper.status == "closed":
            continue
        few = paper.sampling.narrowed(None, 8).choose(18_000, 30.0, 1280, 720).indices
        assert 2 <= len(few) <= 8 and few[-1] > 15_000, name
    twice = PAPERS["time-r1"].sampling.narrowed(4.0, None).choose(300, 30.0, 1280, 720)
    assert len(twice.indices) == 40
    with pytest.raises(ModelError, match="leave fps out"):
        PAPERS["timesuite"].sampling.narrowed(1.0, None)


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
