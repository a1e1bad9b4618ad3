"""Videos that are read in a child: the same to the bit, and a file that breaks its reader is one VideoError."""

from __future__ import annotations

import inspect
import os
import signal
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bombs import make_bomb
from media import make_sound, make_video, malformed

from whenabouts.errors import InputError, VideoError
from whenabouts.isolation import ChildLimits
from whenabouts.video import Video, open_sound_too
from whenabouts.video.frame import CentreCrop, Frame
from whenabouts.video.isolated import IsolatedVideo, isolated
from whenabouts.video.part import Part
from whenabouts.video.samples import samples

WITHOUT_THE_FILE = {"close", "duration", "decode_failures", "decoded_pictures", "sha256", "opened_as", "files", "notes"}
WITHOUT_THE_FILE |= {"subtitles_encoding"}


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("isolated") / "video.mp4"
    times = [Fraction(k, 10) for k in (0, 1, 2, 9, 10, 11, 12, 20, 31, 32, 33, 34, 35, 36)]
    make_video(path, times=times, gop=6, audio=(0.0, 3.0), turn="90", sar=Fraction(4, 3))
    return path


READINGS: dict[str, Callable[[Video], Any]] = {
    "sample": lambda video: video.sample(4.0, size=32),
    "all of a sample": lambda video: video.sample(2.0, start=0.5, end=3.0),
    "centre": lambda video: video.sample(2.0, size=CentreCrop(32)),
    "two sizes": lambda video: video.in_two_sizes(4.0, 32, None, every=2),
    "at": lambda video: video.at([0.0, 0.25, np.float64(2.5)], size=(20, 10)),
    "keyframes": lambda video: video.keyframes(size=16),
    "around": lambda video: video.around(1.0, 0.5),
    "around, bounded": lambda video: video.around(1.0, 0.5, most=12),
    "times": lambda video: video.times,
    "sound": samples,
    "part": lambda video: Part(Part(video, 0.5, 3.0), 0.5, 2.0).sample(3.0, size=16),
    "sound of a part": lambda video: samples(Part(video, 0.5, 1.5)),
}


def plain(read: Any) -> Any:
    """What was read as lists of values that compare."""
    if isinstance(read, Frame):
        return read.time, read.image.shape, read.image.tobytes()
    if isinstance(read, Iterator | tuple):
        return [plain(each) for each in read]
    return read.tobytes() if isinstance(read, np.ndarray) else read


@pytest.mark.parametrize("reading", READINGS)
def test_what_is_read_is_the_same_to_the_bit(path: Path, reading: str) -> None:
    here = Video(path)
    expected = plain(READINGS[reading](here))
    with isolated():
        there = Video(path)
        assert isinstance(there, IsolatedVideo) and there.probe == here.probe
        assert plain(READINGS[reading](there)) == expected and expected
    assert (there.decoded_pictures, there.decode_failures) == (here.decoded_pictures, here.decode_failures)


def test_everything_that_opens_the_file_is_replaced() -> None:
    public = {name for name in vars(Video) if not name.startswith("_")}
    assert public - WITHOUT_THE_FILE == public & vars(IsolatedVideo).keys() - WITHOUT_THE_FILE
    for name in public - WITHOUT_THE_FILE - {"times"}:
        assert inspect.signature(getattr(Video, name)) == inspect.signature(getattr(IsolatedVideo, name))


def test_a_picture_that_stays_is_the_same_frame(path: Path) -> None:
    with isolated():
        frames = list(Video(path).sample(10.0, start=0.3, end=0.8, size=16))
    assert len({id(frame) for frame in frames}) == 1


def test_damage_is_counted_and_refused_as_it_is_here(tmp_path: Path) -> None:
    def told(file: Path) -> Any:
        try:
            video = open_sound_too(file)
            return video.probe, plain(video.sample(5.0, size=16)), video.notes, video.failures
        except VideoError as error:
            return str(error)

    for file in malformed(tmp_path):
        here = told(file)
        with isolated():
            assert told(file) == here, file


def test_sound_alone_and_a_clip(path: Path, tmp_path: Path) -> None:
    sound = make_sound(tmp_path / "sound.m4a")
    with isolated():
        video = open_sound_too(sound)
        assert not video.probe.width and len(np.concatenate([*samples(video)])) > 31_000
        with pytest.raises(VideoError, match="no video stream"):
            next(video.sample())
        Video(path).cut(0.5, 1.5, tmp_path / "clip.mp4")
        with pytest.raises(InputError, match="fps"):
            Video(path).sample(-1.0)
    assert Video(tmp_path / "clip.mp4").duration == pytest.approx(1.0)


def test_a_closed_video_can_be_read_again(path: Path) -> None:
    with isolated():
        with Video(path) as video:
            before = plain(video.sample(size=16))
            count = video.decoded_pictures
        assert plain(video.sample(size=16)) == before
        assert video.decoded_pictures > count


@pytest.mark.skipif(os.name == "nt", reason="there are no signals of that kind")
def test_a_crash_is_an_error_of_one_video(path: Path) -> None:
    with isolated():
        one, other = Video(path), Video(path)
        frames = one.sample(5.0, size=16)
        next(frames)
        assert one._subject is not None
        os.kill(one._subject.pid, signal.SIGSEGV)
        with pytest.raises(
            VideoError, match=r"video\.mp4 cannot be read: the process that read it crashed \(SIGSEGV\)"
        ):
            list(frames)
        with pytest.raises(VideoError, match="SIGSEGV"):
            one.read(samples)
        assert len([*other.sample(5.0, size=16)]) == len([*Video(path).sample(5.0, size=16)]) > 10


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="the system does not say how much memory is used")
def test_a_bomb_is_refused_before_it_fills_the_memory(tmp_path: Path) -> None:
    bomb = make_bomb(tmp_path / "bomb.mov")
    assert bomb.stat().st_size < 5_000_000
    with (
        isolated(ChildLimits.parse(["memory=0.125"])),
        pytest.raises(VideoError, match=r"more than 0\.125 GiB of memo"),
    ):
        list(Video(bomb).sample(size=8))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names")
def test_what_has_no_end_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp4")
    with isolated():
        for endless in (tmp_path / "pipe.mp4", Path("/dev/zero")):
            with pytest.raises(VideoError, match="device or a pipe"):
                Video(endless)
