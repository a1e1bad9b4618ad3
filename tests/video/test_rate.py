"""One number of pictures a second: the stated one, unless the pictures come otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest
from media import make_video

from whenabouts.video import Video
from whenabouts.video.rate import rate_of


def test_a_stated_rate_counts_and_not_the_number_of_clips(tmp_path: Path) -> None:
    make_video(tmp_path / "a.mp4", fps=10, seconds=2)
    assert rate_of(Video(tmp_path / "a.mp4"), 7, 2.0) == 10.0


def test_pictures_that_come_unevenly_are_counted(tmp_path: Path) -> None:
    make_video(tmp_path / "a.mp4", times=[0, 0.1, 0.2, 0.7, 1.5, 1.6])
    assert rate_of(Video(tmp_path / "a.mp4"), 8, 2.0) == pytest.approx(4.0)
