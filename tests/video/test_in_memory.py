"""Pictures in memory behave as a file with the same pictures at the same times."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from media import draw, make_video, read_number

from whenabouts.errors import InputError, VideoError
from whenabouts.video import Frame, Video
from whenabouts.video.in_memory import InMemoryVideo
from whenabouts.video.part import Part

TIMES = [0.0, 0.5, 0.75, 2.0, 2.25, 3.5]


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Video, InMemoryVideo]:
    """A file, and its pictures 100 s later on the clock of a stream."""
    path = tmp_path_factory.mktemp("held") / "video.mp4"
    make_video(path, times=[Fraction(time) for time in TIMES])
    video = Video(path)
    held = InMemoryVideo([Frame(100 + time, draw(k)) for k, time in enumerate(TIMES)], 100.0, 100 + video.duration)
    return video, held


def seen(frames: object) -> list[tuple[float, int]]:
    return [(round(frame.time, 6), read_number(frame.image)) for frame in frames]  # type: ignore[attr-defined]


def test_pictures_are_those_of_the_file(both: tuple[Video, InMemoryVideo]) -> None:
    video, held = both
    assert held.duration == pytest.approx(video.duration)
    assert held.times.tolist() == pytest.approx(video.times.tolist())
    for fps in (0.7, 1, 4, 30):
        assert seen(held.sample(fps)) == seen(video.sample(fps))
    assert seen(held.sample(2, start=0.4, end=2.1, size=64)) == seen(video.sample(2, start=0.4, end=2.1, size=64))
    assert seen(held.at([0, 0.5, 1.99, 2, 99])) == seen(video.at([0, 0.5, 1.99, 2, 99]))
    for time, radius in ((2.0, 0.3), (0.0, 0.6), (3.4, 9.0)):
        assert seen(held.around(time, radius)) == seen(video.around(time, radius))
    assert [n for _, n in seen(held.keyframes())] == list(range(6))
    assert seen(Part(held, 0.6, 2.2).sample(2)) == seen(Part(video, 0.6, 2.2).sample(2))


def test_sizes_are_those_asked_for(both: tuple[Video, InMemoryVideo]) -> None:
    _, held = both
    assert {frame.image.shape for frame in held.sample(2)} == {(96, 144, 3)}
    assert {frame.image.shape for frame in held.sample(2, size=(60, 40))} == {(40, 60, 3)}
    mixed = InMemoryVideo([Frame(0, draw(0, 288, 192)), Frame(1, draw(1))], 0, 2)
    assert [read_number(frame.image) for frame in mixed.sample(1)] == [0, 1]
    assert {frame.image.shape for frame in mixed.sample(1)} == {(96, 144, 3)}
    with pytest.raises(InputError, match="size"):
        held.sample(1, size=0)


def test_the_hash_is_that_of_pictures_and_times() -> None:
    one = InMemoryVideo([Frame(5.0, draw(1))], 5, 6)
    assert one.sha256 == InMemoryVideo([Frame(7.0, draw(1))], 7, 8).sha256
    assert one.sha256 != InMemoryVideo([Frame(5.0, draw(2))], 5, 6).sha256
    assert one.sha256 != InMemoryVideo([Frame(5.0, draw(1))], 5, 7).sha256


def test_what_makes_no_video_is_refused(tmp_path: Path) -> None:
    picture = np.zeros((4, 4, 3), np.uint8)
    for frames, end in (([], 1), ([Frame(1, picture)], 1), ([Frame(2, picture)], 1)):
        with pytest.raises(InputError, match="need one at least"):
            InMemoryVideo(frames, 0, end)
    with pytest.raises(InputError, match="must increase"):
        InMemoryVideo([Frame(0, picture), Frame(0, picture)], 0, 1)
    with pytest.raises(VideoError, match="not a file"):
        InMemoryVideo([Frame(0, picture)], 0, 1).cut(0, 1, tmp_path / "clip.mp4")
