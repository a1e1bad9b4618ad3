"""The frames that VideoMind's roles are shown: the official numbers, and the pictures behind them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.grounders.llm.sampling import Sampling
from whenabouts.grounders.llm.systems.videomind.frames import numbers, shown
from whenabouts.grounders.llm.systems.videomind.prompts import ANSWERER, GROUNDER, PLANNER, VERIFIER, Role
from whenabouts.video import Video
from whenabouts.video.compose import Still, compose


@pytest.mark.parametrize(
    ("role", "frames", "rate", "stretch", "count", "first", "last", "total"),
    [  # yeliudev/VideoMind dataset/utils.py: _read_video_decord
        (GROUNDER, 934, 30.0, None, 32, [0, 30, 60, 90], [903, 933], 14928),
        (GROUNDER, 1851, 29.97, None, 62, [0, 30, 61, 91], [1820, 1850], 57350),
        (GROUNDER, 30000, 25.0, None, 150, [0, 201, 403, 604], [29798, 29999], 2249925),
        (PLANNER, 9000, 30.0, None, 100, [0, 91, 182, 273], [8908, 8999], 449950),
        (VERIFIER, 4500, 30.0, (63.2, 67.2), 8, [1896, 1913, 1930, 1947], [1999, 2016], 15648),
        (VERIFIER, 4500, 30.0, (140.0, 150.0), 20, [4200, 4216, 4231, 4247], [4483, 4499], 86990),
        (VERIFIER, 600, 24.0, (0.0, 3.0), 6, [0, 14, 29, 43], [58, 72], 216),
        (ANSWERER, 4500, 30.0, (10.0, 42.0), 32, [300, 331, 362, 393], [1229, 1260], 24960),
        (GROUNDER, 10, 5.0, None, 4, [0, 3, 6, 9], [6, 9], 18),
    ],
)
def test_official_frame_numbers(
    role: Role,
    frames: int,
    rate: float,
    stretch: tuple[float, float] | None,
    count: int,
    first: list[int],
    last: list[int],
    total: int,
) -> None:
    taken = numbers(role.shown, frames, rate, stretch)
    assert (len(taken), taken[:4], taken[-2:], sum(taken)) == (count, first, last, total)


def test_numbers_are_rounded_in_float32_as_official_code_rounds_them() -> None:
    """torch.linspace(0, 67683, 150).round() of torch 2.13 says 66774; in float64 it is 66775."""
    assert numbers(GROUNDER.shown, 67_684, 30.0)[147] == 66_774


@given(st.integers(1, 5000), st.floats(0.5, 120), st.floats(0, 1), st.floats(0, 1))
def test_an_even_count_of_frames_that_there_are(frames: int, rate: float, a: float, b: float) -> None:
    stretch = tuple(sorted(side * frames / rate for side in (a, b)))
    taken = numbers(VERIFIER.shown, frames, rate, (stretch[0], stretch[1]))
    assert len(taken) % 2 == 0 and taken == sorted(taken) and taken[0] >= 0 and taken[-1] < frames


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten seconds of 4 frames each; the k-th second is 25 k bright."""
    path = tmp_path_factory.mktemp("video") / "video.mp4"
    greys = [np.full((112, 168, 3), 25 * k, np.uint8) for k in range(10)]
    compose(path, [Still(grey, 1.0, 1.0) for grey in greys], size=(168, 112), rate=4)
    return path


def test_pictures_have_the_times_of_their_numbers(path: Path) -> None:
    with Video(path) as video:
        whole = shown(video, GROUNDER.shown)
        part = shown(video, VERIFIER.shown, (3.0, 5.0))
        few = shown(video, GROUNDER.shown, fps=2.0, frames=6)
        short = shown(video, Sampling(), (9.9, 10.0))
    assert whole.times == pytest.approx([n / 4 for n in numbers(GROUNDER.shown, 40, 4.0)])
    assert [round(float(image.mean()) / 25) for image in whole.images] == [int(time) for time in whole.times]
    assert part.times == pytest.approx([0, 0.75, 1.25, 2.0]) and len(few.images) == 6
    assert [round(float(image.mean()) / 25) for image in part.images] == [3, 3, 4, 5]
    assert len(short.images) == 4 and len({image.tobytes() for image in short.images}) == 1


def test_size_is_36_to_64_tokens(path: Path) -> None:
    with Video(path) as video:
        height, width, _ = shown(video, GROUNDER.shown).images[0].shape
    assert (width, height) == (224, 140) and 36 <= width * height / 28**2 <= 64
