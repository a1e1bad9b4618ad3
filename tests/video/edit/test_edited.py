"""Edited views: their pictures are those of the source at mapped times, and without edits nothing changes."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from media import make_video, read_number

from whenabouts.errors import InputError, VideoError
from whenabouts.video import Video
from whenabouts.video.edit import Cut, Edit, Edited, Insert, Move, Retime, Reverse, Shuffle, Swap
from whenabouts.video.in_memory import InMemoryVideo
from whenabouts.video.part import Part

UNEVEN = [Fraction(k * k + 7 * k, 200) for k in range(36)]  # 0 to 7.35 s, always slower


@pytest.fixture(scope="module")
def videos(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Video]:
    """Of an even rate, of an uneven one, and with a picture that begins after the sound."""
    folder = tmp_path_factory.mktemp("edited")
    make_video(folder / "even.mp4", seconds=8.0)
    make_video(folder / "uneven.mkv", times=UNEVEN)
    make_video(folder / "late.mp4", seconds=6.0, offset=1.5, audio=(0.0, 7.5))
    make_video(folder / "other.mp4", fps=10, seconds=3.0, size=(160, 120), numbers=range(1000, 1030))
    return {path.stem: Video(path) for path in folder.iterdir()}


NAMES = ("even", "uneven", "late")


@pytest.mark.parametrize("name", NAMES)
def test_without_edits_nothing_changes_but_the_hash(videos: dict[str, Video], name: str) -> None:
    video = videos[name]
    same = Edited(video)
    assert same.duration == video.duration
    assert np.array_equal(same.times, video.times)
    assert same.sha256 != video.sha256 and same.sha256 == Edited(video).sha256
    ways = [
        (same.sample(7.3), video.sample(7.3)),
        (same.sample(2, start=0.31, end=3.0, size=64), video.sample(2, start=0.31, end=3.0, size=64)),
        (same.at([0, 0.5, 0.5, 3.2]), video.at([0, 0.5, 0.5, 3.2])),
        (same.keyframes(), video.keyframes()),
        (same.around(2.0, 0.5), video.around(2.0, 0.5)),
        (same.around(2.0, 0.5, 4.0), video.around(2.0, 0.5, 4.0)),
    ]
    for ours, theirs in ways:
        one, other = list(ours), list(theirs)
        assert [frame.time for frame in one] == [frame.time for frame in other]
        assert all(np.array_equal(a.image, b.image) for a, b in zip(one, other, strict=True))


def test_edits_that_undo_each_other_leave_no_trace(videos: dict[str, Video]) -> None:
    video = videos["even"]
    for edits in (
        [Reverse(1, 5), Reverse(1, 5)],
        [Move(1, 3, 6), Move(4, 6, 1)],
        [Insert(2, videos["other"]), Cut(2, 5)],
        [Retime(2, 4, 2), Retime(2, 3, 0.5)],
    ):
        assert Edited(video, edits).sha256 == Edited(video).sha256
    assert Edited(video, [Cut(1, 2)]).sha256 != Edited(video, [Cut(1, 2.5)]).sha256


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
@settings(max_examples=12)
def test_pictures_are_those_of_the_source_at_mapped_times(
    videos: dict[str, Video], name: str, data: st.DataObject
) -> None:
    video = videos[name]
    hundredths = st.integers(0, 500)
    a, b, c, d = sorted(data.draw(st.lists(hundredths, min_size=4, max_size=4, unique=True)))
    start, end, later, last = (each / 100 for each in (a, b, c, d))
    choices: list[Edit] = [
        Cut(start, end),
        Reverse(start, end),
        Retime(start, last, 1.7),
        Retime(start, last, 0.4),
        Swap((start, end), (later, last)),
        Move(later, last, start),
        Shuffle(0.6, a),
    ]
    edited = Edited(video, data.draw(st.lists(st.sampled_from(choices), min_size=1, max_size=1)))
    back = edited.time_map.inverse
    shown = list(edited.sample(9.7))
    for k, frame in enumerate(shown):
        time = k / 9.7
        (old,) = back.times(time)
        near = np.abs(video.times - old).min() < 1e-6  # which of two pictures is on show is the edge's business
        if not near:
            (expected,) = video.at([old])
            assert np.array_equal(frame.image, expected.image)
        assert frame.time <= max(time, edited.times[0]) + 1e-9
    assert np.all(np.diff(edited.times) > 0) and edited.times[-1] < edited.duration


def test_a_reversed_stretch_shows_each_picture_as_long_as_it_was(videos: dict[str, Video]) -> None:
    edited = Edited(videos["uneven"], [Reverse(0, videos["uneven"].duration)])
    numbers = [read_number(frame.image) for frame in edited.at(edited.times.tolist())]
    assert numbers == list(range(35, -1, -1))
    lengths = np.diff(np.append(videos["uneven"].times, videos["uneven"].duration))
    assert np.diff(np.append(edited.times, edited.duration)) == pytest.approx(lengths[::-1])


def test_another_video_is_put_in_and_squeezed(videos: dict[str, Video]) -> None:
    edited = Edited(videos["even"], [Insert(2.0, videos["other"], 1.0, 2.0)])
    frames = list(edited.sample(5))
    assert edited.duration == pytest.approx(9.0)
    assert {frame.image.shape for frame in frames} == {(96, 144, 3)}
    numbers = [read_number(frame.image) for frame in frames]
    assert numbers[:18] == [0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 1010, 1012, 1014, 1016, 1018, 50, 55, 60]
    assert edited.time_map.windows([[1, 3]]).tolist() == [[1, 2], [3, 4]]


def test_an_edge_between_two_pictures_keeps_the_one_on_show(videos: dict[str, Video]) -> None:
    edited = Edited(videos["even"], [Cut(1.0, 2.03)])
    frame = next(edited.at([1.0]))
    assert read_number(frame.image) == 50 and frame.time == 1.0
    assert edited.times[26] == pytest.approx(1.01), "the picture of 2.04 s comes 0.01 s after"


def test_views_of_views_are_read_from_the_file(videos: dict[str, Video]) -> None:
    twice = Edited(Edited(videos["even"], [Cut(1, 2)]), [Cut(3, 4)])
    assert twice.sources == (videos["even"],) and len(twice.pieces) == 3
    assert twice.time_map.windows([[2, 5]]).tolist() == [[2, 4]]
    numbers = [read_number(frame.image) for frame in Part(twice, 2.5, 3.5).sample(2)]
    assert numbers == [87, 125]


def test_pictures_in_memory_can_be_edited(videos: dict[str, Video]) -> None:
    held = InMemoryVideo(list(videos["even"].sample(5)), 0.0, 8.0)
    numbers = [read_number(frame.image) for frame in Edited(held, [Reverse(0, 8)]).sample(1)]
    assert numbers == [195, 170, 145, 120, 95, 70, 45, 20]


def test_the_path_leads_nowhere_and_bad_requests_are_refused(videos: dict[str, Video]) -> None:
    edited = Edited(videos["late"], [Cut(1, 2)])
    assert not edited.path.exists() and not edited.path.parent.is_dir()
    with pytest.raises(VideoError):
        Video(edited.path)
    with pytest.raises(InputError, match="decrease"):
        edited.at([2, 1])
    with pytest.raises(InputError):
        edited.sample(float("nan"))
    with pytest.raises(InputError):
        edited.sample(1, size=0)
    with pytest.raises(InputError):
        edited.around(1, -1)
    assert edited.probe.has_audio and edited.probe.frames == len(edited.times)
