"""Views show what they say, and nothing of them is taken for the file."""

from __future__ import annotations

import numpy as np
import pytest
from media import make_video

from whenabouts.evidence.subtitles import subtitles
from whenabouts.trust.views import GREY, Painted, Wordless
from whenabouts.video import Video
from whenabouts.video.part import Part


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Video:
    path = tmp_path_factory.mktemp("views") / "a video.mp4"
    make_video(path, fps=10, seconds=4.0)
    path.with_suffix(".en.srt").write_text("1\n00:00:01,000 --> 00:00:02,000\nHello.\n")
    return Video(path)


@pytest.mark.parametrize("inside", [False, True])
def test_a_stretch_is_seen_and_the_rest_is_grey(video: Video, inside: bool) -> None:
    view = Painted(video, 0.25, 0.5, inside=inside)
    for frames, plain in [
        (view.sample(5, size=16), video.sample(5, size=16)),
        (view.keyframes(size=16), video.keyframes(size=16)),
        (view.at([0.5, 1.5, 1.9], size=16), video.at([0.5, 1.5, 1.9], size=16)),
        (view.around(1.0, 0.5, size=16), video.around(1.0, 0.5, size=16)),
    ]:
        for frame, true in zip(frames, plain, strict=True):
            assert frame.time == true.time
            if (1.0 <= frame.time < 2.0) != inside:
                assert (frame.image == true.image).all()
            else:
                assert (frame.image == GREY).all() and frame.image.shape == true.image.shape


def test_a_view_is_a_video_of_its_own(video: Video) -> None:
    views = [
        Painted(video, 0, 0.5),
        Painted(video, 0, 0.5, inside=True),
        Painted(video, 0, 0.25),
        Wordless(video),
    ]
    hashes = {video.sha256, *(view.sha256 for view in views)}
    assert len(hashes) == 5 and Painted(video, 0, 0.5).sha256 in hashes
    for view in views:
        assert view.duration == video.duration and np.array_equal(view.times, video.times)
        assert not view.path.exists(), "nothing reads the file in its place"


def test_words_come_along_or_not(video: Video) -> None:
    assert subtitles(video)
    assert subtitles(Painted(video, 0, 0)) == subtitles(video)
    wordless = Wordless(video)
    assert subtitles(wordless) == [] and not wordless.probe.has_audio
    [frame] = wordless.at([1.0], size=16)
    [plain] = video.at([1.0], size=16)
    assert (frame.image == plain.image).all()


def test_a_part_of_a_view_is_grey_where_the_view_is(video: Video) -> None:
    part = Part(Painted(video, 0.0, 0.5), 1.0, 3.0)
    assert [bool((frame.image == GREY).all()) for frame in part.sample(1, size=16)] == [False, True]
