"""Files whose stamps are missing, begin anew or leap: every picture keeps its true time, and a note says how."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import media
import pytest

from whenabouts.video import Video
from whenabouts.video.samples import samples
from whenabouts.video.stamps.continued import LEAP

MPEG = {"b": "2M", "bf": "2"}  # bits enough to read the numbers


def shown(video: Video) -> list[tuple[int, float]]:
    """The number that every picture shows, and when it begins."""
    return [(media.read_number(frame.image), frame.time) for frame in video.around(0, 1e9)]


def check(path: Path, times: Sequence[Fraction | float], ends: float | None = None) -> Video:
    """Every picture at its time, by all ways to it: in a row, sought, and as the packets say."""
    video, expected = Video(path), [float(time) for time in times]
    pictures = shown(video)
    assert [number for number, _ in pictures] == list(range(len(expected)))
    assert [time for _, time in pictures] == pytest.approx(expected, abs=1e-6)
    assert video.times.tolist() == pytest.approx(expected, abs=1e-6)
    inside = [(before + after) / 2 for before, after in pairwise(expected)]
    sought = [media.read_number(next(video.at([time])).image) for time in inside[::7]]
    assert sought == list(range(len(inside)))[::7]
    assert ends is None or video.duration == pytest.approx(ends, abs=1e-6)
    assert video.notes == video.probe.notes  # nothing seems damaged
    return video


def joined(path: Path, *parts: Path) -> Path:
    """The bytes of files, one behind the other."""
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    return path


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".mov"])
@pytest.mark.parametrize("bframes", [0, 3])
def test_the_end_is_that_of_the_last_picture_shown(tmp_path: Path, suffix: str, bframes: int) -> None:
    times = [k / Fraction(25) for k in (*range(25), *range(750, 800))]
    media.make_video(tmp_path / f"a{suffix}", times=times, bframes=bframes, gop=250)
    video = Video(tmp_path / f"a{suffix}")
    assert video.duration == pytest.approx(32, abs=0.002)


@pytest.mark.parametrize(
    ("suffix", "settings"),
    [(".ts", {"bframes": 2}), (".ts", {"bframes": 0, "gop": 5}), (".mpg", {"codec": "mpeg2video", "options": MPEG})],
)
def test_joined_recordings_go_on_with_one_clock(tmp_path: Path, suffix: str, settings: dict) -> None:
    one, two = tmp_path / f"a{suffix}", tmp_path / f"b{suffix}"
    media.make_video(one, seconds=2, **settings)
    media.make_video(two, seconds=3, numbers=range(50, 125), **settings)
    path = joined(tmp_path / f"c{suffix}", one, two)
    video = check(path, media.even_times(25, 5), ends=5)
    [note] = video.probe.notes
    assert note == "the time stamps begin anew where recordings were joined; the clock goes on there, at 2.00 s"
    assert Video(one).probe.notes == ()


@pytest.mark.parametrize("smart", [False, True])
def test_a_clip_may_reach_across_a_joint(tmp_path: Path, smart: bool) -> None:
    for name, numbers in (("a", range(50)), ("b", range(50, 100))):
        media.make_video(tmp_path / f"{name}.ts", seconds=2, audio=(0, 2), numbers=numbers)
    video = Video(joined(tmp_path / "c.ts", tmp_path / "a.ts", tmp_path / "b.ts"))
    inside = [(number, time - 1) for number, time in shown(video) if 1 <= time < 3]
    clip = Video(video.cut(1, 3, tmp_path / "clip.mp4", smart=smart))
    assert [number for number, _ in shown(clip)][-len(inside) :] == [number for number, _ in inside]
    assert [time for _, time in shown(clip)][-len(inside) :] == pytest.approx([time for _, time in inside], abs=1e-4)


def test_the_sound_of_joined_recordings_stays_in_step(tmp_path: Path) -> None:
    for name in "ab":
        media.make_video(tmp_path / f"{name}.ts", seconds=2, audio=(0, 2))
    video = Video(joined(tmp_path / "c.ts", tmp_path / "a.ts", tmp_path / "b.ts"))
    heard = sum(len(block) for block in samples(video)) / 16_000
    assert 4 < video.duration < 4.2
    assert heard == pytest.approx(video.duration, abs=0.05)


def test_stamps_of_33_bits_may_wrap(tmp_path: Path) -> None:
    times = media.make_video(tmp_path / "a.ts", seconds=4, offset=float(Fraction(1 << 33, 90_000) - 2))
    assert check(tmp_path / "a.ts", times, ends=4).probe.notes == ()


@pytest.mark.parametrize(
    ("muxer", "codec", "bframes", "rate"),
    [
        ("h264", "libx264", 3, 25),
        ("h264", "libx264", 0, 25),
        ("hevc", "libx265", 2, 60),
        ("mpeg2video", "mpeg2video", 2, Fraction(24_000, 1001)),
        ("m4v", "mpeg4", 2, 12),
        ("obu", "libsvtav1", 0, 25),
        ("mjpeg", "mjpeg", 0, 25),
    ],
)
def test_a_raw_stream_comes_at_its_rate(tmp_path: Path, muxer: str, codec: str, bframes: int, rate: Fraction) -> None:
    if codec not in av.codecs_available:
        pytest.skip(f"this FFmpeg has no {codec}")
    options = MPEG if codec.startswith("mpeg") else {"x265-params": "log-level=0"} if codec == "libx265" else {}
    pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    path = tmp_path / f"a.{muxer}"
    media.make_video(
        path, muxer=muxer, codec=codec, bframes=bframes, fps=rate, seconds=2, options=options, pix_fmt=pix_fmt
    )
    times = media.even_times(rate, 2)
    video = check(path, times, ends=len(times) / float(rate))
    assert video.probe.average_rate == pytest.approx(float(rate))
    [note] = video.probe.notes
    assert "no time stamps" in note and f" at {float(rate):.6g} a second" in note


@pytest.mark.parametrize(
    ("codec", "options"),
    [
        ("libx264", {}),
        ("libx264", {"x264-params": "b-pyramid=normal:open-gop=1", "preset": "medium"}),
        ("mpeg4", MPEG),
    ],
)
def test_avi_states_the_order_of_decoding_only(tmp_path: Path, codec: str, options: dict[str, str]) -> None:
    times = media.make_video(tmp_path / "a.avi", seconds=6, codec=codec, bframes=3, options=options)
    check(tmp_path / "a.avi", times, ends=6)


def test_program_streams_with_few_stamps(tmp_path: Path) -> None:
    times = media.make_video(tmp_path / "a.mpg", seconds=4)  # H.264, several pictures in a block with one stamp
    check(tmp_path / "a.mpg", times, ends=4)


@pytest.mark.parametrize(("suffix", "late"), [(".mkv", 600_000), (".mkv", 3_700), (".mp4", 20_000)])
def test_a_leap_is_closed(tmp_path: Path, suffix: str, late: int) -> None:
    path = tmp_path / f"a{suffix}"
    media.make_video(path, times=[0, 1, 2, late, late + 1], bframes=0, gop=1)
    video = check(path, [0, 1, 2, 3, 4])
    assert 4 < video.duration <= 5
    assert len(list(video.sample(1))) == 5
    [note] = video.probe.notes
    assert f"leap, by {late - 3} s in all" in note


def test_a_long_pause_is_none(tmp_path: Path) -> None:
    times = [0, 1, float(LEAP)]
    media.make_video(tmp_path / "a.mkv", times=times, bframes=2)
    assert check(tmp_path / "a.mkv", times).probe.notes == ()


def with_stamp(path: Path, out: Path, number: int, later: int) -> None:
    """The packets of a file, one of them with a stamp that is so many ticks later."""
    with av.open(str(path)) as source, av.open(str(out), "w") as copy:
        stream = source.streams.video[0]
        copied = copy.add_stream_from_template(stream)
        for k, packet in enumerate(packet for packet in source.demux(stream) if packet.size):
            packet.pts = (packet.pts or 0) + (later if k == number else 0)
            packet.stream = copied
            copy.mux(packet)


@pytest.mark.parametrize("bframes", [0, 2])
@pytest.mark.parametrize("later", [10_000, 600_000_000])
def test_a_single_stamp_that_runs_ahead_hides_nothing(tmp_path: Path, bframes: int, later: int) -> None:
    times = media.make_video(tmp_path / "a.mkv", seconds=4, bframes=bframes, gop=10)
    with_stamp(tmp_path / "a.mkv", tmp_path / "b.mkv", 30, later)
    video = Video(tmp_path / "b.mkv")
    assert shown(video) == [(k, pytest.approx(float(time), abs=1e-6)) for k, time in enumerate(times)]
    assert video.duration == pytest.approx(4)
    assert len(list(video.sample(5))) == 20


def test_two_pictures_of_one_stamp_are_one(tmp_path: Path) -> None:
    media.make_video(tmp_path / "a.mkv", seconds=4, bframes=2, gop=10)
    with_stamp(tmp_path / "a.mkv", tmp_path / "b.mkv", 30, -40)
    pictures = shown(Video(tmp_path / "b.mkv"))
    assert len(pictures) == 99
    assert all(time == pytest.approx(number / 25, abs=0.04) for number, time in pictures)
