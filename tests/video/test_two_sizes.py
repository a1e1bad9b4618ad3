"""Two sizes of the pictures of one pass are those of two passes, and cost the decoding of one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from media import make_video

from whenabouts.video import Video
from whenabouts.video.part import Part


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sizes") / "video.mp4"
    make_video(path, fps=10, seconds=6)
    return path


@pytest.mark.parametrize(("fps", "every"), [(2, 4), (1, 1), (20, 3)])
@pytest.mark.parametrize("whole", [True, False])
def test_both_are_those_of_a_pass_of_their_own(path: Path, fps: float, every: int, whole: bool) -> None:
    video = Video(path) if whole else Part(Video(path), 1.05, 4.5)
    counts = [video.decoded_pictures]
    pairs = list(video.in_two_sizes(fps, 32, (80, 48), every=every))
    counts.append(video.decoded_pictures)
    alone = list(video.sample(fps, size=32))
    counts.append(video.decoded_pictures)
    together, once = np.diff(counts)
    beside = list(video.sample(fps / every, size=(80, 48)))
    assert together == once or not whole
    for frames, expected in (([a for a, _ in pairs], alone), ([b for _, b in pairs if b is not None], beside)):
        assert [frame.time for frame in frames] == [frame.time for frame in expected]
        assert all(np.array_equal(a.image, b.image) for a, b in zip(frames, expected, strict=True))
    assert [b is not None for _, b in pairs] == [k % every == 0 for k in range(len(pairs))]
