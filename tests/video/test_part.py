"""A stretch that passes for a video of its own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from whenabouts.errors import InputError
from whenabouts.video import Video
from whenabouts.video.compose import Still, compose
from whenabouts.video.join import join
from whenabouts.video.part import Part


@pytest.fixture(scope="module")
def video_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten seconds, each brighter than the one before."""
    path = tmp_path_factory.mktemp("part") / "video.mp4"
    compose(path, [Still(np.full((96, 128, 3), 25 * k, np.uint8), 1.0, 1.0) for k in range(10)], size=(128, 96), rate=8)
    return path


def test_a_part_has_a_clock_of_its_own(video_path: Path) -> None:
    with Video(video_path) as video:
        part = Part(video, 3.0, 6.5)
        assert part.duration == 3.5 and part.sha256 != video.sha256
        seen = [(frame.time, round(float(frame.image.mean()) / 25)) for frame in part.sample(2.0)]
        assert seen == [(0.0, 3), (0.5, 3), (1.0, 4), (1.5, 4), (2.0, 5), (2.5, 5), (3.0, 6)]
        assert [frame.time for frame in part.sample(1.0, start=1.0, end=3.0)] == [1.0, 2.0]
        assert all(0 <= frame.time < 3.5 for frame in part.keyframes())
        assert [frame.time for frame in part.around(1.0, 0.25)] == [0.75, 0.875, 1.0, 1.125, 1.25]
        with pytest.raises(InputError, match="a part needs"):
            Part(video, 9.0, 9.0)


def test_a_part_is_cut_on_the_videos_clock(video_path: Path, tmp_path: Path) -> None:
    with Video(video_path) as video:
        path = Part(video, 3.0, 6.5).cut(1.0, 9.0, tmp_path / "clip.mp4")
    with Video(path) as clip:
        assert clip.duration == pytest.approx(2.5, abs=0.13)


def test_videos_are_joined_without_decoding(video_path: Path, tmp_path: Path) -> None:
    times = join(tmp_path / "joined.mp4", [(video_path, 80)] * 3, 8)
    assert times == [(0.0, 10.0), (10.0, 20.0), (20.0, 30.0)]
    with Video(tmp_path / "joined.mp4") as joined:
        seen = [round(float(frame.image.mean()) / 25) for frame in joined.sample(1.0)]
        assert joined.duration == pytest.approx(30.0, abs=0.01)
    assert seen == [*range(10)] * 3
