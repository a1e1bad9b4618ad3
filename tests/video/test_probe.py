"""The probe says what the file holds."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import media
import pytest

from whenabouts.errors import VideoError
from whenabouts.video import Limits, Video


def test_the_facts_of_a_video_with_sound(tmp_path: Path) -> None:
    media.make_video(tmp_path / "a.mp4", seconds=2, fps=30, audio=(0, 2))
    probe = Video(tmp_path / "a.mp4").probe
    assert probe.path == tmp_path / "a.mp4"
    assert probe.container.startswith("mov,mp4")
    assert (probe.codec, probe.pix_fmt, probe.bit_depth) == ("h264", "yuv420p", 8)
    assert (probe.width, probe.height, probe.sar) == (144, 96, 1)
    assert probe.average_rate == 30 and probe.frames == 60 and probe.variable_rate is False
    assert probe.has_audio and (probe.audio[0].codec, probe.audio[0].sample_rate) == ("aac", 44_100)
    assert probe.video_streams == 1 and not probe.subtitles and not probe.interlaced


def test_a_variable_rate_is_noticed(tmp_path: Path) -> None:
    media.make_video(tmp_path / "a.mp4", times=[0, 0.1, 0.5, 0.6, 1.4, 1.5, 1.6], bframes=0)
    assert Video(tmp_path / "a.mp4").probe.variable_rate is True


def test_start_time_is_the_containers(tmp_path: Path) -> None:
    media.make_video(tmp_path / "a.mkv", seconds=2, offset=7)
    probe = Video(tmp_path / "a.mkv").probe
    assert probe.start_time == 7
    assert probe.duration == pytest.approx(2)


def test_ten_bits_and_hdr(tmp_path: Path) -> None:
    params = "colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc"
    media.make_video(tmp_path / "a.mkv", seconds=0.4, pix_fmt="yuv420p10le", options={"x264-params": params})
    video = Video(tmp_path / "a.mkv")
    assert (video.probe.pix_fmt, video.probe.bit_depth) == ("yuv420p10le", 10)
    assert [media.read_number(frame.image) for frame in video.around(0, 1)] == list(range(10))


def test_interlaced_video_is_noticed_and_read(tmp_path: Path) -> None:
    options = {"x264-params": "tff=1", "flags": "+ildct+ilme"}
    times = media.make_video(tmp_path / "a.ts", seconds=3, options=options, bframes=2)
    video = Video(tmp_path / "a.ts")
    assert video.probe.interlaced
    assert [media.read_number(frame.image) for frame in video.sample(1)] == [0, 25, 50]
    assert video.duration == pytest.approx(float(times[-1]), abs=0.1)


@pytest.mark.parametrize("audio", [(0, 4), (0, 0.5)])
def test_duration_is_that_of_the_longest_stream(tmp_path: Path, audio: tuple[float, float]) -> None:
    media.make_video(tmp_path / "a.mp4", seconds=2, audio=audio)
    assert Video(tmp_path / "a.mp4").duration == pytest.approx(max(2, audio[1]), abs=0.06)


def test_a_strange_pixel_shape_cannot_blow_a_picture_up(tmp_path: Path) -> None:
    media.make_video(tmp_path / "a.mp4", seconds=0.2, sar=Fraction(2))
    with pytest.raises(VideoError, match="over the limit"):
        Video(tmp_path / "a.mp4", limits=Limits(max_side=200))
