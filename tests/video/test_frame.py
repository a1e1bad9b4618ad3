"""Pictures come out upright, in square pixels, in the size asked for."""

from __future__ import annotations

import gc
from fractions import Fraction
from pathlib import Path

import media
import numpy as np
import pytest
from av.video.frame import VideoFrame

from whenabouts.errors import InputError
from whenabouts.video import Video
from whenabouts.video.frame import Orientation


@pytest.mark.parametrize("turn", media.TURNS)
def test_every_turn_and_mirror_is_undone(tmp_path: Path, turn: str) -> None:
    media.make_video(tmp_path / "a.mp4", seconds=0.4, turn=turn)
    video = Video(tmp_path / "a.mp4")
    whole = [media.read_number(frame.image) for frame in video.around(0, 9)]
    small = [media.read_number(frame.image) for frame in video.around(0, 9, size=(90, 60))]
    assert whole == small == list(range(10))
    height, width = next(video.sample(1)).image.shape[:2]
    assert (video.probe.width, video.probe.height) == (width, height)
    assert (width > height) == (turn in ("upright", "180", "mirrored", "flipped"))


@pytest.mark.parametrize(
    ("turn", "rotation", "mirrored"),
    [("90", 90, False), ("180", 180, False), ("270", 270, False), ("mirrored", 0, True), ("flipped", 180, True)],
)
def test_the_probe_names_the_turn(tmp_path: Path, turn: str, rotation: int, mirrored: bool) -> None:
    media.make_video(tmp_path / "a.mp4", seconds=0.2, turn=turn)
    probe = Video(tmp_path / "a.mp4").probe
    assert (probe.rotation, probe.mirrored) == (rotation, mirrored)


def test_orientations_are_the_eight_symmetries_of_a_rectangle() -> None:
    image = np.arange(12).reshape(3, 4, 1)
    turned = {
        Orientation(t, x, y).apply(image).tobytes() + bytes([t])
        for t in (False, True)
        for x in (False, True)
        for y in (False, True)
    }
    assert len(turned) == 8
    assert np.array_equal(Orientation(True, True, False).apply(image), np.rot90(image, -1))


@pytest.mark.parametrize("sar", [Fraction(4, 3), Fraction(3, 4), Fraction(16, 11)])
def test_pixels_are_made_square(tmp_path: Path, sar: Fraction) -> None:
    media.make_video(tmp_path / "a.mp4", seconds=0.2, sar=sar)
    video = Video(tmp_path / "a.mp4")
    assert next(video.sample(1)).image.shape == (96, round(144 * sar), 3)
    assert video.probe.width == round(144 * sar)


@pytest.mark.parametrize("pix_fmt", ["yuv420p", "yuv422p", "yuv444p", "yuv420p10le", "yuv444p10le", "gray"])
def test_every_depth_and_odd_sizes_are_readable(tmp_path: Path, pix_fmt: str) -> None:
    size = (145, 97) if pix_fmt.startswith("yuv444") else (146, 98)
    media.make_video(tmp_path / "a.mkv", seconds=0.4, size=size, pix_fmt=pix_fmt)
    video = Video(tmp_path / "a.mkv")
    frames = list(video.around(0, 9))
    assert [media.read_number(frame.image) for frame in frames] == list(range(10))
    assert frames[0].image.shape == (size[1], size[0], 3)
    assert frames[0].image.dtype == np.uint8
    assert video.probe.bit_depth == (10 if "10" in pix_fmt else 8)


@pytest.mark.parametrize("size", [0, -3, (10, 0)])
def test_a_senseless_size_is_refused_at_once(tmp_path: Path, size) -> None:
    media.make_video(tmp_path / "a.mp4", seconds=0.2)
    with pytest.raises(InputError, match="size must be"):
        Video(tmp_path / "a.mp4").sample(1, size=size)


@pytest.mark.parametrize("turn", ["upright", "90"])
def test_pictures_leave_memory_as_they_are_passed(tmp_path: Path, turn: str) -> None:
    media.make_video(tmp_path / "a.mp4", seconds=1.6, turn=turn)
    video = Video(tmp_path / "a.mp4")
    gc.collect()
    others = {id(each) for each in _pictures()}  # of tests before, which something may still hold
    gc.disable()
    try:
        for _ in video.sample(25, size=32):
            pass
        video.cut(0, 1.6, tmp_path / "clip.mp4")
        waiting = [each for each in _pictures() if id(each) not in others]
        assert sum(each.width > 2 for each in waiting) < 8  # but what came beside some of them
    finally:
        gc.enable()


def _pictures() -> list[VideoFrame]:
    return [each for each in gc.get_objects() if isinstance(each, VideoFrame)]
