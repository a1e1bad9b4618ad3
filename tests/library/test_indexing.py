"""Rows of one video."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from media import make_sound

from whenabouts.encoders import load_encoder
from whenabouts.errors import VideoError
from whenabouts.library.indexing import rows_of


def test_stretches_follow_the_pictures_and_lines_are_taken(videos: Path) -> None:
    parts: list[float] = []
    encoder = load_encoder("builtin")
    rows = rows_of(videos / "it's rocket.mp4", encoder, progress=parts.append)
    assert rows.duration == 7.0 and rows.shots["start"].to_pylist()[0] == 0.0 and rows.shots["end"].to_pylist()[-1] == 7
    assert any(abs(start - 3) <= 0.5 for start in rows.shots["start"].to_pylist())
    assert rows.lines["text"].to_pylist() == ["The budget was approved on Tuesday.", "To be, or not to be?"]
    vectors = np.array(rows.shots["vector"].to_pylist(), np.float32)
    rocket, cat = encoder.encode_texts(["a rocket on the launch pad", "a cat"]) @ vectors[-1]
    assert vectors.shape[1] == encoder.dim and rocket > 2 * abs(cat)
    assert parts[-1] == 1.0


def test_a_file_without_a_video_stream_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(VideoError, match="no video stream"):
        rows_of(make_sound(tmp_path / "sound.mp4"), load_encoder("builtin"))
