"""The picture on show at t is the one that began last: read back from its pixels, on every shape of stream."""

from __future__ import annotations

import tempfile
from fractions import Fraction
from pathlib import Path

import av
import media
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whenabouts.video import Video

shapes = st.fixed_dictionaries(
    {
        "gop": st.sampled_from([1, 5, 12, 50, 250]),
        "bframes": st.integers(0, 5),
        "offset": st.sampled_from([0.0, 0.5, 7.0]),
        "options": st.sampled_from(
            [{}, {"preset": "medium"}, {"x264-params": "open-gop=1"}, {"x264-params": "b-pyramid=none"}]
        ),
    }
)
gaps = st.lists(st.integers(10, 400), min_size=10, max_size=90)  # milliseconds between pictures
containers = st.sampled_from([".mp4", ".mkv", ".ts", ".mov"])


def on_show(times: list[Fraction], t: Fraction) -> int:
    return max((k for k, time in enumerate(times) if time <= t + Fraction(1, 10**9)), default=0)


@settings(max_examples=40)
@given(gaps, shapes, containers, st.sampled_from([0.3, 1.0, 2.0, 7.0, 25.0]), st.floats(0, 6))
def test_sampling_gives_the_picture_on_show(gaps, shape, suffix, fps, start) -> None:
    times = [Fraction(sum(gaps[:k]), 1000) for k in range(len(gaps))]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"a{suffix}"
        media.make_video(path, times=times, **shape)
        video = Video(path)
        assert video.duration >= float(times[-1])
        frames = list(video.sample(fps, start=start))
        asked = [Fraction(start) + k / Fraction(fps) for k in range(len(frames))]
        expected = [on_show(times, t) for t in asked]
        assert [media.read_number(frame.image) for frame in frames] == expected
        assert [frame.time for frame in frames] == pytest.approx([float(times[k]) for k in expected], abs=1e-9)
        assert not asked or asked[-1] < video.duration <= float(asked[-1] + 1 / Fraction(fps)) + 1e-6


@settings(max_examples=25)
@given(gaps, shapes, containers, st.floats(0, 12), st.floats(0, 2))
def test_around_gives_every_picture_of_the_neighbourhood(gaps, shape, suffix, time, radius) -> None:
    times = [Fraction(sum(gaps[:k]), 1000) for k in range(len(gaps))]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"a{suffix}"
        media.make_video(path, times=times, **shape)
        frames = list(Video(path).around(time, radius))
        first = on_show(times, Fraction(max(0.0, time - radius)))
        last = on_show(times, Fraction(time + radius))
        assert [media.read_number(frame.image) for frame in frames] == list(range(first, last + 1))


@pytest.mark.parametrize("rate", [24, 25, 30, Fraction(24_000, 1001), Fraction(30_000, 1001), 60])
@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts"])
def test_constant_rates(tmp_path: Path, rate, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    media.make_video(path, fps=rate, seconds=2)
    tick = {".mp4": 0, ".mkv": 0.0005, ".ts": 0}[suffix]  # Matroska counts milliseconds
    for frame in Video(path).around(1, 1):
        assert frame.time == pytest.approx(media.read_number(frame.image) / float(rate), abs=tick + 6e-6)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts"])
def test_sound_first_keeps_the_containers_clock(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    media.make_video(path, seconds=2, offset=5, audio=(0, 7))
    with av.open(str(path)) as container:
        start = min(p.pts * p.time_base for p in container.demux() if p.pts is not None and not p.is_discard)
    video = Video(path)
    frames = list(video.sample(1))
    assert len(frames) == 8 if video.duration > 7 else 7
    assert [media.read_number(frame.image) for frame in frames[:6]] == [0] * 6  # the first picture stands in
    assert frames[0].time == pytest.approx(5 - max(start, 0) if start >= 0 else 5 - float(start), abs=0.03)
    assert frames[6].time == pytest.approx(6, abs=0.06)


def test_an_edit_list_hides_what_it_cuts_off(tmp_path: Path) -> None:
    media.make_video(tmp_path / "a.mp4", seconds=4, offset=-1)
    video = Video(tmp_path / "a.mp4")
    assert video.duration == pytest.approx(3)
    assert [media.read_number(f.image) for f in video.sample(1)] == [25, 50, 75]


@pytest.mark.parametrize("codec", ["libvpx", "libvpx-vp9", "mpeg4", "mpeg2video", "mjpeg", "libx265", "ffv1"])
def test_other_codecs(tmp_path: Path, codec: str) -> None:
    if codec not in av.codecs_available:
        pytest.skip(f"this FFmpeg has no {codec}")
    pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    options = {"b": "2M"} if codec.startswith(("libvpx", "mpeg")) else {}
    times = media.make_video(tmp_path / "a.mkv", seconds=4, codec=codec, pix_fmt=pix_fmt, gop=30, options=options)
    frames = list(Video(tmp_path / "a.mkv").sample(3, start=0.1))
    assert [media.read_number(f.image) for f in frames] == [
        on_show(times, Fraction(0.1) + Fraction(k, 3)) for k in range(len(frames))
    ]


def test_a_stream_that_refreshes_by_and_by_is_decoded_in_full(tmp_path: Path) -> None:
    options = {"x264-params": "intra-refresh=1"}
    times = media.make_video(tmp_path / "a.mkv", seconds=8, gop=25, bframes=0, options=options)
    video = Video(tmp_path / "a.mkv")
    for start in (0.0, 5.3):
        frames = list(video.sample(0.7, start=start))
        assert [media.read_number(f.image) for f in frames] == [
            on_show(times, Fraction(start) + k / Fraction(0.7)) for k in range(len(frames))
        ]


def test_avi_without_presentation_stamps_keeps_order_and_count(tmp_path: Path) -> None:
    media.make_video(tmp_path / "a.avi", seconds=4, bframes=2)
    frames = list(Video(tmp_path / "a.avi").around(0, 99))
    assert len(frames) >= 98
    assert [media.read_number(frame.image) for frame in frames] == list(range(len(frames)))
    assert all(abs(frame.time - k / 25) <= 2 / 25 + 1e-6 for k, frame in enumerate(frames))  # as late as FFmpeg says


def test_keyframes_are_the_encoders(tmp_path: Path) -> None:
    media.make_video(tmp_path / "a.mp4", seconds=4, gop=20)
    frames = list(Video(tmp_path / "a.mp4").keyframes(size=(90, 60)))
    assert [media.read_number(frame.image) for frame in frames] == [0, 20, 40, 60, 80]
    assert [frame.time for frame in frames] == pytest.approx([0, 0.8, 1.6, 2.4, 3.2])


def test_the_time_of_a_frame_leads_back_to_it(tmp_path: Path) -> None:
    media.make_video(tmp_path / "a.mp4", fps=Fraction(30_000, 1001), seconds=3)
    video = Video(tmp_path / "a.mp4")
    for frame in list(video.around(1.5, 0.5)):
        again = next(video.sample(1, start=frame.time))
        assert media.read_number(again.image) == media.read_number(frame.image)


def test_iterators_are_independent(tmp_path: Path) -> None:
    media.make_video(tmp_path / "a.mp4", seconds=3)
    video = Video(tmp_path / "a.mp4")
    pairs = zip(video.sample(5), video.sample(5), strict=True)
    assert all(media.read_number(a.image) == media.read_number(b.image) for a, b in pairs)
