"""Clips hold exactly the pictures of their moment."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenabouts import Moment, Prediction
from whenabouts.errors import InputError
from whenabouts.interchange.clips import clip_name, write_clips
from whenabouts.video import Video
from whenabouts.video.compose import Still, compose


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    compose(path, [Still(np.full((90, 160, 3), level, np.uint8), 1.0) for level in (40, 120, 220)], size=(160, 90))
    return path


def test_a_clip_begins_and_ends_with_its_moment(film: Path, tmp_path: Path) -> None:
    with Video(film) as video:
        prediction = Prediction("the grey part", (Moment(1.0, 2.0), Moment(2.0, 2.5)), video.duration)
        grey, light = write_clips([prediction], video, tmp_path / "clips")
    for path, level, seconds in ((grey, 120, 1.0), (light, 220, 0.5)):
        with Video(path) as clip:
            assert clip.duration == pytest.approx(seconds, abs=0.03)
            assert [round(frame.image.mean()) for frame in clip.sample(fps=24)] == pytest.approx(
                [level] * round(seconds * 24), abs=6
            )


def test_a_folder_that_cannot_be_made_is_one_sentence(film: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with Video(film) as video, pytest.raises(InputError, match="cannot be made"):
        write_clips([], video, tmp_path / "file" / "clips")


@given(st.text(), st.integers(1, 9), st.floats(0, 1e5), st.floats(0, 1e5))
def test_no_query_can_name_a_file_elsewhere(query: str, rank: int, start: float, end: float) -> None:
    name = clip_name(query, rank, start, end)
    assert Path(name).name == name and not name.startswith(("-", ".")) and len(name) < 120
