"""Stills are refused with what to do; animated pictures of every kind are videos with their own delays."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import pytest

from whenabouts.errors import VideoError
from whenabouts.video import Video

Image = pytest.importorskip("PIL.Image")
DELAYS = [100, 200, 300, 100, 100, 500]


def pictures(count: int = 6) -> list:
    made = []
    for number in range(count):
        image = np.full((64, 96, 4), 255, np.uint8)
        image[10:30, 12 * number : 12 * number + 20] = (40 * number, 0, 200, 255)
        made.append(Image.fromarray(image))
    return made


@pytest.mark.parametrize("suffix", ["png", "jpg", "gif", "bmp", "tiff", "webp", "avif", "ppm"])
def test_a_still_says_what_to_do(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    pictures()[1].convert("RGB").save(path)
    with pytest.raises(VideoError, match=r"is a still picture.*which has no length; give a video, or a folder"):
        Video(path)


@pytest.mark.parametrize("suffix", ["webp", "gif", "png", "avif"])
def test_animations_have_their_own_delays(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    first, *rest = [picture.convert("RGB") for picture in pictures()]
    first.save(path, save_all=True, append_images=rest, duration=DELAYS)
    video = Video(path)
    assert video.duration == pytest.approx(sum(DELAYS) / 1000)
    assert video.times * 1000 == pytest.approx([sum(DELAYS[:k]) for k in range(6)])
    shown = [frame.image for frame in video.at([*video.times])]
    for number, image in enumerate(shown):
        assert np.abs(image[20, 12 * number + 4].astype(int) - (40 * number, 0, 200)).max() < 40
        assert image[50, 50].min() > 240
    assert video.notes == ()


def test_the_frames_of_webp_are_laid_over_each_other_as_pillow_does(tmp_path: Path) -> None:
    path = tmp_path / "a.webp"
    rng = np.random.default_rng(0)
    made = []
    for number in range(5):
        image = np.zeros((64, 96, 4), np.uint8)
        image[8 * number : 8 * number + 24, 10 * number : 10 * number + 40] = (
            *rng.integers(0, 255, 3),
            90 + 40 * number,
        )
        made.append(Image.fromarray(image))
    made[0].save(path, save_all=True, append_images=made[1:], duration=100, lossless=True)
    ours = [frame.image for frame in Video(path).sample(10)]
    with Image.open(path) as animation:
        for number, image in enumerate(ours):
            animation.seek(number)
            over = Image.new("RGBA", animation.size, "white")
            over.alpha_composite(animation.convert("RGBA"))
            assert np.abs(np.asarray(over.convert("RGB")).astype(int) - image).max() <= 3


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps no time of change")
def test_an_animation_that_was_written_over_under_its_old_stamp_is_read_anew(tmp_path: Path) -> None:
    path = tmp_path / "a.webp"
    first, *rest = pictures()

    def made(delay: int) -> os.stat_result:
        first.save(path, save_all=True, append_images=rest, duration=delay, lossless=True)
        return path.stat()

    before = made(100)
    assert Video(path).duration == pytest.approx(0.6)
    while made(300).st_ctime_ns == before.st_ctime_ns:  # the clock of a file system moves in steps
        pass
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size
    assert Video(path).duration == pytest.approx(1.8)


def test_an_animation_that_is_cut_gives_what_there_is(tmp_path: Path) -> None:
    path = tmp_path / "a.webp"
    first, *rest = pictures()
    first.save(path, save_all=True, append_images=rest, duration=DELAYS, lossless=True)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 6 // 10])
    assert 0.1 <= Video(path).duration < 1.3


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.dcm", bytes(128) + b"DICM" + bytes(500), "is a medical image"),
        ("a.yuv", bytes(38_016), "holds raw pictures, and nothing says their size"),
        ("a.heic", b"\0\0\0\x18ftypheic" + bytes(200), "is a still picture"),
    ],
)
def test_what_has_no_times_is_one_sentence(tmp_path: Path, name: str, content: bytes, sentence: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(VideoError, match=sentence):
        Video(tmp_path / name)
