"""Clips hold exactly the pictures of their moment, under names that nothing else can have."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenabouts import Moment, Prediction
from whenabouts.errors import InputError, StorageError
from whenabouts.interchange.clips import clip_name, write_clips
from whenabouts.video import Video
from whenabouts.video.compose import Still, compose


@pytest.fixture(scope="module")
def video_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return paint(tmp_path_factory.mktemp("video_path") / "video.mp4", (40, 120, 220))


def paint(path: Path, levels: tuple[int, ...]) -> Path:
    compose(path, [Still(np.full((90, 160, 3), level, np.uint8), 1.0) for level in levels], size=(160, 90))
    return path


def levels(clip: Path) -> list[int]:
    with Video(clip) as video:
        return [round(frame.image.mean()) for frame in video.sample(fps=24)]


def test_a_clip_begins_and_ends_with_its_moment(video_path: Path, tmp_path: Path) -> None:
    with Video(video_path) as video:
        prediction = Prediction("the grey part", (Moment(1.0, 2.0), Moment(2.0, 2.5)), video.duration)
        grey, light = write_clips([prediction], video, tmp_path / "clips")
    assert levels(grey) == pytest.approx([120] * 24, abs=6)
    assert levels(light) == pytest.approx([220] * 12, abs=6)


def test_what_is_probably_not_there_is_not_cut(video_path: Path, tmp_path: Path) -> None:
    with Video(video_path) as video:
        absent = Prediction("a helicopter", (Moment(1.0, 2.0, 0.1),), video.duration, presence=0.1)
        assert write_clips([absent], video, tmp_path) == []


def test_padding_goes_as_far_as_the_video(video_path: Path, tmp_path: Path) -> None:
    with Video(video_path) as video:
        prediction = Prediction("grey", (Moment(0.25, 1.0), Moment(2.0, 3.0)), video.duration)
        early, late = write_clips([prediction], video, tmp_path, pad=0.5)
    assert levels(early) == pytest.approx([40] * 24 + [120] * 12, abs=6)
    assert levels(late) == pytest.approx([120] * 12 + [220] * 24, abs=6)


def test_the_same_answer_is_written_again_and_another_beside_it(video_path: Path, tmp_path: Path) -> None:
    other = paint(tmp_path / "other.mp4", (10, 90, 200))
    with Video(video_path) as video, Video(other) as second:
        prediction = Prediction("grey", (Moment(1.0, 2.0),), video.duration)
        first = write_clips([prediction], video, tmp_path / "clips")
        assert write_clips([prediction], video, tmp_path / "clips") == first
        assert write_clips([prediction], second, tmp_path / "clips") != first
    assert len(list((tmp_path / "clips").iterdir())) == 2


def test_smart_clips_show_the_same(video_path: Path, tmp_path: Path) -> None:
    with Video(video_path) as video:
        prediction = Prediction("all but the edges", (Moment(0.25, 2.75),), video.duration)
        [plain] = write_clips([prediction], video, tmp_path / "plain")
        [smart] = write_clips([prediction], video, tmp_path / "smart", smart=True)
    assert plain.name == smart.name and levels(plain) == pytest.approx(levels(smart), abs=3)


@pytest.mark.parametrize("pad", [-1.0, float("nan")])
def test_senseless_padding_is_refused(video_path: Path, tmp_path: Path, pad: float) -> None:
    with Video(video_path) as video, pytest.raises(InputError, match="padding"):
        write_clips([], video, tmp_path, pad=pad)


def test_a_folder_that_cannot_be_made_is_one_sentence(video_path: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        Video(video_path) as video,
        pytest.raises(StorageError, match="cannot be written: a part of its path is a file"),
    ):
        write_clips([], video, tmp_path / "file" / "clips")


@given(st.text(), st.integers(1, 9), st.floats(0, 1e5), st.floats(0, 1e5))
def test_no_query_can_name_a_file_elsewhere(query: str, rank: int, start: float, end: float) -> None:
    name = clip_name(query, rank, start, end, "ab12")
    assert Path(name).name == name and not name.startswith(("-", "."))


@given(st.text(alphabet="字ß𝔞é", min_size=100))
def test_no_query_is_too_long_for_a_file_system(query: str) -> None:
    assert len(clip_name(query, 1, 0.0, 1.0, "ab12").encode()) <= 255


def test_queries_that_read_alike_have_clips_of_their_own() -> None:
    assert clip_name("a cat!", 1, 0.0, 1.0, "ab12") != clip_name("a cat?", 1, 0.0, 1.0, "ab12")
