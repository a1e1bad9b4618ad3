"""A clip opens with the picture on show, keeps true times and its sound in step, and appears whole or not at all."""

from __future__ import annotations

from pathlib import Path

import av
import media
import numpy as np
import pytest

from whenabouts.errors import InputError, VideoError
from whenabouts.video import Video


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv"])
@pytest.mark.parametrize("turn", ["upright", "90", "mirrored"])
def test_a_clip_is_exact_to_the_picture_and_upright(tmp_path: Path, suffix: str, turn: str) -> None:
    times = [0, 0.1, 0.15, 0.5, 1.0, 1.3, 1.9, 2.0, 2.04, 3.0]
    media.make_video(tmp_path / "a.mp4", times=times, turn=turn)
    clip = Video(Video(tmp_path / "a.mp4").cut(0.7, 2.02, tmp_path / f"b{suffix}"))
    frames = list(clip.around(0, 9))
    assert [media.read_number(frame.image) for frame in frames] == [3, 4, 5, 6, 7]
    assert [frame.time for frame in frames] == pytest.approx([0, 0.3, 0.6, 1.2, 1.3], abs=1e-3)
    assert clip.duration == pytest.approx(1.32, abs=2e-3)
    assert clip.probe.rotation == 0 and not clip.probe.mirrored


@pytest.mark.parametrize(("start", "end"), [(0.0, 1.0), (1.0, 2.5), (3.2, 3.9)])
def test_sound_stays_in_step(tmp_path: Path, start: float, end: float) -> None:
    """The tone sounds from 1.5 s on, the picture runs from 0."""
    media.make_video(tmp_path / "a.mkv", seconds=4, audio=(1.5, 4))
    clip = Video(tmp_path / "a.mkv").cut(start, end, tmp_path / "b.mp4")
    loud = loud_from(clip)
    expected = max(0.0, 1.5 - start)
    if expected >= end - start:
        assert loud is None
    else:
        assert loud == pytest.approx(expected, abs=0.03)
    assert Video(clip).duration == pytest.approx(end - start, abs=0.05)


def test_sound_of_a_late_picture_stays_in_step(tmp_path: Path) -> None:
    media.make_video(tmp_path / "a.ts", seconds=3, offset=2, audio=(2.5, 5))
    video = Video(tmp_path / "a.ts")
    clip = video.cut(0.2, 2, tmp_path / "b.mp4")
    assert loud_from(clip) == pytest.approx(0.3, abs=0.04)


def test_odd_sizes_and_square_pixels(tmp_path: Path) -> None:
    media.make_video(tmp_path / "a.mkv", seconds=1, size=(145, 97), pix_fmt="yuv444p")
    clip = Video(Video(tmp_path / "a.mkv").cut(0.2, 0.8, tmp_path / "b.mp4"))
    assert (clip.probe.width, clip.probe.height) == (144, 96)
    assert media.read_number(next(clip.sample(1)).image) == 5


def test_refusals_leave_nothing_behind(tmp_path: Path) -> None:
    media.make_video(tmp_path / "a.mp4", seconds=2)
    (tmp_path / "link.mp4").symlink_to(tmp_path / "a.mp4")
    before = (tmp_path / "a.mp4").read_bytes()
    video = Video(tmp_path / "a.mp4")
    for out, sentence in [
        ("a.mp4", "is the video itself"),
        ("link.mp4", "is the video itself"),
        ("b.txt", "should end in"),
        ("no/such/folder/b.mp4", "cannot be written"),
    ]:
        with pytest.raises(VideoError, match=sentence):
            video.cut(0, 1, tmp_path / out)
    for start, end in [(-1, 1), (1, 1), (1, 0.5), (5, 6), (float("nan"), 1)]:
        with pytest.raises(InputError, match="0 <= start < end"):
            video.cut(start, end, tmp_path / "b.mp4")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mp4", "link.mp4"]
    assert (tmp_path / "a.mp4").read_bytes() == before


def test_an_older_clip_is_replaced(tmp_path: Path) -> None:
    media.make_video(tmp_path / "a.mp4", seconds=2)
    (tmp_path / "b.mp4").write_text("older")
    Video(tmp_path / "a.mp4").cut(0, 1, tmp_path / "b.mp4")
    assert Video(tmp_path / "b.mp4").duration == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("end", [0.12, 0.28, 1.12, 3.12])
def test_a_picture_that_begins_at_the_end_is_not_in_the_clip(tmp_path: Path, end: float) -> None:
    """None of these floats is exact, and some lie a little after the true end."""
    media.make_video(tmp_path / "a.mp4", fps=25, seconds=4)
    clip = Video(Video(tmp_path / "a.mp4").cut(0, end, tmp_path / "b.mp4"))
    assert [media.read_number(frame.image) for frame in clip.around(0, 9)] == list(range(round(end * 25)))


def loud_from(path: Path) -> float | None:
    """When the sound begins, in seconds of media time of the clip."""
    with av.open(str(path)) as container:
        for frame in container.decode(audio=0):
            wave = np.abs(frame.to_ndarray()).max(axis=0)
            if wave.max() > 0.1 and frame.time is not None:
                return float(frame.time + int(np.argmax(wave > 0.1)) / frame.sample_rate)
    return None
