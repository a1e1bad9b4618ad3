"""Looking at a video: whoever sees pictures on the way sees those of a pass of their own, or none."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from media import make_video

from whenabouts.encoders.looking import look
from whenabouts.video import Frame, Video
from whenabouts.video.clock import Grid


class Brightness:
    """An encoder of one number."""

    name, size, dim, sha256 = "brightness", 32, 1, "0" * 64

    def encode_images(self, images: Sequence[np.ndarray]) -> np.ndarray:
        return np.array([[image.mean() / 255] for image in images], dtype=np.float32)

    def encode_texts(self, texts: Sequence[str]) -> np.ndarray:
        return np.zeros((len(texts), 1), dtype=np.float32)


class Beside:
    """Remembers what it saw."""

    def __init__(self, fps: float) -> None:
        self.fps, self.size = fps, (64, 40)
        self.frames: list[Frame] = []

    def see(self, frame: Frame) -> None:
        self.frames.append(frame)


@pytest.fixture
def video(tmp_path: Path) -> Video:
    make_video(tmp_path / "video.mp4", fps=10, seconds=20)
    return Video(tmp_path / "video.mp4")


@pytest.mark.parametrize(("fps", "seen"), [(0.5, True), (2.0, True), (0.75, False), (4.0, False)])
def test_pictures_are_seen_where_the_grid_has_all_their_times(video: Video, fps: float, seen: bool) -> None:
    grid = Grid.of(2.0, 0.0, video.duration)
    counts = [video.decoded_pictures]
    alone = look(video, Brightness(), grid)
    counts.append(video.decoded_pictures)
    beside = Beside(fps)
    shared = look(video, Brightness(), grid, viewer=beside)
    counts.append(video.decoded_pictures)
    assert len(set(np.diff(counts))) == 1
    assert np.array_equal(shared.half, alone.half) and np.array_equal(shared.times, alone.times)
    own = list(video.sample(fps, size=beside.size)) if seen else []
    assert [frame.time for frame in beside.frames] == [frame.time for frame in own]
    assert all(np.array_equal(a.image, b.image) for a, b in zip(beside.frames, own, strict=True))


def test_nothing_is_seen_where_looking_may_stop_early(video: Video) -> None:
    beside = Beside(0.5)
    look(video, Brightness(), Grid.of(2.0, 0.0, video.duration), enough=lambda: False, viewer=beside)
    assert beside.frames == []


@pytest.mark.parametrize(("batch", "sizes"), [(None, [32, 32, 32, 4]), (80, [80, 20]), (8, [32, 32, 32, 4])])
def test_as_many_pictures_are_encoded_at_once_as_the_encoder_computes(
    video: Video, batch: int | None, sizes: list[int]
) -> None:
    class Counting(Brightness):
        def encode_images(self, images: Sequence[np.ndarray]) -> np.ndarray:
            given.append(len(images))
            return super().encode_images(images)

    given: list[int] = []
    encoder, grid = Counting(), Grid.of(5.0, 0.0, video.duration)
    if batch is not None:
        encoder.batch = batch  # type: ignore[attr-defined]
    found = look(video, encoder, grid, repeats=False)
    assert given == sizes
    assert found.times.tolist() == [float(grid[k]) for k in range(grid.count)]
    assert np.array_equal(found.half, look(video, Brightness(), grid, repeats=False).half)
