"""Rows of a stream's pictures are those that training makes of the whole video."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from media import make_video

from whenabouts.encoders.clips import FRAMES_PER_CLIP, load_maker
from whenabouts.errors import ModelError
from whenabouts.grounders.stream.rows import Rows
from whenabouts.video import Video


def test_pictures_become_the_rows_of_training(tmp_path: Path) -> None:
    make_video(tmp_path / "v.mp4", seconds=6)
    maker = load_maker("builtin")
    with Video(tmp_path / "v.mp4") as video:
        expected = maker.rows(video, 2.0, cache=False)
        frames = list(video.sample(FRAMES_PER_CLIP / 2.0, size=maker.encoder.size))
    rows = Rows(2.0, expected.shape[1], maker)
    found = []
    for frame in frames:
        again = Rows(2.0, expected.shape[1], maker)
        again.restore(rows.snapshot())
        rows = again
        found += rows.put(frame.image, frame.time)
    assert [time for time, _ in found] == [1.0, 3.0, 5.0]
    assert np.allclose(np.stack([row for _, row in found]), expected, atol=1e-5)


def test_a_row_that_lacks_a_picture_is_made_of_the_other() -> None:
    rows = Rows(2.0, 4, load_maker("builtin"))
    picture = np.zeros((rows.encoder.size,) * 2 + (3,), "uint8") if rows.encoder else np.zeros(0)
    assert rows.put(picture, 0.0) == []
    [(time, _)] = rows.put(picture, 3.0)
    assert time == 1.0


def test_features_are_taken_as_they_are() -> None:
    rows = Rows(2.0, 4, None)
    [(time, row)] = rows.put(np.arange(4), 7.0)
    assert time == 7.0 and row.dtype == np.float32 and row.tolist() == [0, 1, 2, 3]
    with pytest.raises(ModelError, match="has 4 numbers"):
        rows.put(np.zeros((2, 4)), 0.0)
