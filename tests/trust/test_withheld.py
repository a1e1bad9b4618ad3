"""Views that withhold: pictures outside a window alone, one picture, none."""

from __future__ import annotations

import numpy as np
import pytest
from media import make_video, read_number

from whenabouts.evidence.subtitles import subtitles
from whenabouts.trust.views import Blank, Outside, SingleFrame
from whenabouts.video import Video
from whenabouts.video.samples import samples


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Video:
    folder = tmp_path_factory.mktemp("need")
    make_video(folder / "talk.mp4", fps=10, seconds=4.0, audio=(0.0, 4.0))
    (folder / "talk.srt").write_text("1\n00:00:01,000 --> 00:00:02,000\nfirst line\n", "utf-8")
    return Video(folder / "talk.mp4")


def numbers(video: Video) -> list[int]:
    return [read_number(frame.image) for frame in video.at(video.times.tolist())]


def test_inside_the_nearest_outside_is_shown(video: Video) -> None:
    view = Outside(video, np.array([[1.0, 2.0]]))
    assert np.array_equal(view.times, video.times) and view.duration == video.duration
    assert numbers(view) == [*range(10), *[9] * 5, *[20] * 5, *range(20, 40)]


def test_at_the_ends_there_is_one_side_only(video: Video) -> None:
    assert numbers(Outside(video, np.array([[0.0, 1.0]])))[:11] == [10] * 11
    assert numbers(Outside(video, np.array([[3.0, 4.0]])))[29:] == [29] * 11
    assert numbers(Outside(video, np.array([[0.0, 3.9]]))) == [39] * 40


def test_a_picture_that_is_inside_in_part_is_withheld(video: Video) -> None:
    assert numbers(Outside(video, np.array([[1.05, 1.15]])))[9:13] == [9, 9, 12, 12]


def test_nothing_outside_is_told(video: Video) -> None:
    assert not Outside(video, np.array([[0.0, 4.0]])).possible
    assert Outside(video, np.array([[0.0, 3.0]])).possible


def test_one_frame_and_none(video: Video) -> None:
    assert set(numbers(SingleFrame(video))) == {20}
    blank = Blank(video)
    assert {int(frame.image.max()) for frame in blank.sample(1)} == {0}
    assert next(blank.sample(1)).image.shape == (96, 144, 3) and next(blank.sample(1, size=8)).image.shape == (8, 8, 3)
    assert len({v.sha256 for v in (video, blank, SingleFrame(video), Outside(video, np.array([[0.0, 1.0]])))}) == 4


def test_words_stay_where_only_frames_are_withheld(video: Video) -> None:
    single, blank = SingleFrame(video), Blank(video)
    assert len(subtitles(single)) == 1 and sum(map(len, samples(single)))
    assert not subtitles(blank) and not blank.probe.has_audio and not list(samples(blank))
