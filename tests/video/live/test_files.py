"""Files at any speed, files that are being written, and pipes: every picture at its true time."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from media import even_times, make_video, malformed, read_number
from processes import started

from whenabouts.errors import InputError, VideoError, WhenaboutsError
from whenabouts.video import Frame, Video
from whenabouts.video.live import Notice, Sound, open_live

UNEVEN = [Fraction(t).limit_denominator(1000) for t in (0, 0.1, 0.2, 1.5, 1.7, 9, 9.04, 30)]
HALF = 0.5 / 25  # half a picture


def frames(arrivals: list[Any]) -> list[Frame]:
    return [each for each in arrivals if isinstance(each, Frame)]


def notices(arrivals: list[Any]) -> list[str]:
    return [each.happened for each in arrivals if isinstance(each, Notice)]


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("a.mp4", {"audio": (0, 4)}),
        ("a.ts", {"audio": (0, 4)}),
        ("a.mkv", {"audio": (0, 4)}),
        ("a.flv", {}),
        ("a.avi", {"codec": "mpeg4", "bframes": 0}),
        ("turned.mp4", {"turn": "90"}),
        ("uneven.mp4", {"times": UNEVEN}),
        ("uneven.ts", {"times": UNEVEN[:5]}),
        ("sound-first.mp4", {"offset": 2.0, "audio": (0, 6)}),
        ("wide.mp4", {"sar": Fraction(4, 3)}),
    ],
)
def test_a_file_gives_the_pictures_of_the_video_at_their_times(tmp_path: Path, name: str, how: dict[str, Any]) -> None:
    path = tmp_path / name
    make_video(path, **how)
    got = list(open_live(path))
    video = Video(path)
    assert notices(got) == ["ended"]
    assert np.abs(np.array([each.time for each in frames(got)]) - video.times).max() < HALF / 100
    assert [read_number(each.image) for each in frames(got)] == list(range(len(video.times)))
    assert frames(got)[0].image.shape == next(video.sample(1)).image.shape


@pytest.mark.parametrize("fps", [1, 2.5, 24, 60])
def test_the_first_picture_of_each_stretch_is_given(tmp_path: Path, fps: float) -> None:
    path = tmp_path / "a.mp4"
    make_video(path, times=even_times(25, 6))
    want, slot = [], -1
    for moment in even_times(25, 6):
        if int(moment * Fraction(fps)) > slot:
            slot = int(moment * Fraction(fps))
            want.append(float(moment))
    got = frames(list(open_live(path, fps=fps, size=64)))
    assert [each.time for each in got] == want
    assert {each.image.shape for each in got} == {(64, 64, 3)}


def test_sound_is_mono_without_holes(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    make_video(path, audio=(0.5, 3.5))
    sounds = [each for each in open_live(path, fps=1, sound=True) if isinstance(each, Sound)]
    at = sounds[0].time
    assert abs(at - 0.5) < 0.03
    for each in sounds:
        assert abs(each.time - at) < 1e-3
        assert each.samples.dtype == np.float32
        at += len(each.samples) / 16_000
    assert abs(at - 3.5) < 0.05
    wave = np.concatenate([each.samples for each in sounds])[1600:-3200]
    assert abs(np.abs(np.fft.rfft(wave)).argmax() * 16_000 / len(wave) - 440) < 2


def test_a_resumed_stream_goes_on_where_it_was(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    make_video(path, seconds=1)
    assert [each.time for each in frames(list(open_live(path, fps=5, start_at=100)))] == [
        100,
        100.2,
        100.4,
        100.6,
        100.8,
    ]


def test_a_paced_file_is_never_early(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    make_video(path, seconds=2, bframes=0)
    begin = time.monotonic()
    for each in open_live(path, speed=4):
        if isinstance(each, Frame):
            assert time.monotonic() - begin >= each.time / 4 - 0.05


@pytest.mark.parametrize("name", ["a.ts", "a.mkv", "a.flv"])
def test_a_growing_file_is_followed(tmp_path: Path, name: str) -> None:
    whole, path = tmp_path / name, tmp_path / f"growing-{name}"
    make_video(whole, audio=(0, 4))
    want, content = Video(whole).times, whole.read_bytes()
    path.write_bytes(content[:1000])
    write = "import sys, time; a = open(sys.argv[1], 'rb'); a.seek(1000); b = open(sys.argv[2], 'ab', 0)\n"
    write += "while c := a.read(9000): b.write(c); time.sleep(0.01)\n"
    got = []
    with started([sys.executable, "-c", write, whole, path]) as writer, open_live(path, follow=True) as source:
        for each in source:
            got += frames([each])
            if len(got) == len(want) - 20:  # the last are in the codec, since the file may go on
                source.close()
        assert writer.wait() == 0
    assert np.abs(np.array([each.time for each in got]) - want[: len(got)]).max() < HALF / 100
    assert [read_number(each.image) for each in got] == list(range(len(got)))


def test_a_fragmented_mp4_is_followed(tmp_path: Path) -> None:
    whole, path = tmp_path / "a.mp4", tmp_path / "b.mp4"
    make_video(whole, gop=25)
    flags = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}
    with av.open(str(whole)) as read, av.open(str(path), "w", options=flags) as written:
        stream = written.add_stream_from_template(read.streams.video[0])
        for packet in read.demux(video=0):
            if packet.size:
                packet.stream = stream
                written.mux(packet)
    got = frames(list(open_live(path, follow=True, idle=0.1)))
    assert [read_number(each.image) for each in got] == list(range(100))
    assert np.abs(np.array([each.time for each in got]) - np.arange(100) / 25).max() < HALF / 100


def test_a_growing_file_ends_when_idle(tmp_path: Path) -> None:
    path = tmp_path / "a.ts"
    make_video(path)
    got = list(open_live(path, follow=True, idle=0.1))
    assert len(frames(got)) == 100
    assert notices(got) == ["ended"]


def test_a_file_that_is_replaced_goes_on_behind(tmp_path: Path) -> None:
    path, other = tmp_path / "a.ts", tmp_path / "b.ts"
    make_video(path)
    make_video(other)
    source = open_live(path, follow=True)
    got: list[Any] = []
    for each in source:
        got.append(each)
        if len(frames(got)) == 80 and other.exists():
            other.replace(path)
        if len(frames(got)) == 180:
            break
    source.close()
    assert notices(got) == ["lost", "resumed"]
    times = [each.time for each in frames(got)]
    assert times == sorted(set(times))
    lost, resumed = (each for each in got if isinstance(each, Notice))
    assert resumed.since == lost.time
    assert [read_number(each.image) for each in frames(got)] == [*range(100), *range(80)]
    assert times[100] == pytest.approx(resumed.time)


def test_a_file_that_is_cut_short_is_read_anew(tmp_path: Path) -> None:
    path = tmp_path / "a.ts"
    make_video(path)
    content = path.read_bytes()
    source = open_live(path, follow=True)
    got: list[Any] = []
    for each in source:
        got.append(each)
        if len(frames(got)) == 80 and not notices(got):
            path.write_bytes(b"")
        if notices(got) == ["lost"]:
            path.write_bytes(content)
        if len(frames(got)) == 150:
            break
    source.close()
    assert notices(got) == ["lost", "resumed"]


@pytest.mark.parametrize("name", ["a.ts", "a.mkv"])
def test_stdin_is_read_to_its_end(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    make_video(path, audio=(0, 4))
    program = (
        "from whenabouts.video.live import open_live\nfor a in open_live('-', fps=5): print(type(a).__name__, a.time)"
    )
    with path.open("rb") as file:
        done = subprocess.run([sys.executable, "-c", program], stdin=file, capture_output=True, text=True, check=True)
    lines = [line.split() for line in done.stdout.splitlines()]
    assert [kind for kind, _ in lines] == ["Frame"] * 20 + ["Notice"]
    offset = Video(path).times[0]
    assert np.allclose([float(t) for _, t in lines[:-1]], np.arange(20) / 5 + offset, atol=HALF)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_named_pipe_is_read(tmp_path: Path) -> None:
    path, pipe = tmp_path / "a.ts", tmp_path / "pipe"
    make_video(path)
    os.mkfifo(pipe)
    threading.Thread(target=lambda: pipe.write_bytes(path.read_bytes()), daemon=True).start()
    got = list(open_live(pipe))
    assert len(frames(got)) == 100
    assert notices(got) == ["ended"]


def test_what_can_never_be_read_is_refused_in_a_sentence(tmp_path: Path) -> None:
    make_video(tmp_path / "late.mp4", audio=(0, 4))  # too large to be read before the end is known
    (tmp_path / "list.m3u8").write_text("#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile:///etc/passwd\n")
    with pytest.raises(VideoError, match="does not exist"):
        open_live(tmp_path / "absent.mp4")
    with pytest.raises(VideoError, match="playlist"):
        open_live(tmp_path / "list.m3u8")
    with pytest.raises(VideoError, match="refused"):
        list(open_live(tmp_path / "list.m3u8", follow=True, idle=0.01))
    with pytest.raises(VideoError, match="index at the end"):
        list(open_live(tmp_path / "late.mp4", follow=True, idle=0.01))
    with pytest.raises(VideoError, match="does not exist"):
        list(open_live(tmp_path / "absent.ts", follow=True))
    for wrong in ({"fps": 0}, {"fps": float("nan")}, {"size": 0}, {"speed": -1}, {"follow": True, "speed": 1.0}):
        with pytest.raises(InputError):
            open_live(tmp_path / "late.mp4", **wrong)  # type: ignore[arg-type]


def test_a_file_is_waited_for(tmp_path: Path) -> None:
    path, made = tmp_path / "a.ts", tmp_path / "made.ts"
    make_video(made)
    source = open_live(path, follow=True, wait=None, idle=0.1)
    threading.Timer(0.2, lambda: made.replace(path)).start()
    assert len(frames(list(source))) == 100


def test_close_ends_an_iteration_that_waits(tmp_path: Path) -> None:
    path = tmp_path / "a.ts"
    make_video(path)
    source = open_live(path, follow=True)
    got = []
    for each in source:
        got.append(each)
        if len(frames(got)) == 90:
            threading.Timer(0.2, source.close).start()
    assert notices(got) == ["ended"]
    assert list(source) == []


def test_what_waits_when_a_source_is_closed_was_never_given(tmp_path: Path) -> None:
    path = tmp_path / "a.ts"
    make_video(path)
    source = open_live(path, size=32)
    got: list[Any] = []
    for each in source:
        got.append(each)
        if len(got) == 10:
            source.join()  # all was read and decoded by now
            source.close()
    assert notices(got) == ["ended"] and len(frames(got)) == 10
    assert got[-1].time == frames(got)[-1].time, "whoever goes on from here begins with the next picture"


def test_a_source_that_stalled_is_closed_where_its_last_picture_was(tmp_path: Path) -> None:
    path = tmp_path / "a.ts"
    make_video(path)
    source = open_live(path, follow=True, stall=0.1)
    got: list[Any] = []
    for each in source:
        got.append(each)
        if notices(got)[-1:] == ["stalled"]:
            source.close()
    assert notices(got)[-2:] == ["stalled", "ended"] and got[-1].time == frames(got)[-1].time


def test_a_slow_reader_makes_a_file_wait(tmp_path: Path) -> None:
    path = tmp_path / "a.ts"
    make_video(path)
    got: list[Any] = []
    for each in open_live(path, size=1200):  # more than may wait at once
        got.append(Frame(each.time, each.image[:1].copy()) if isinstance(each, Frame) else each)
        time.sleep(0.001)
    assert len(frames(got)) == 100
    assert notices(got) == ["ended"]


@pytest.mark.parametrize("name", ["3MSZA.mp4", "univtg_charades.mp4"])
def test_a_real_video_has_its_own_times(data: Path, name: str) -> None:
    path = data / "videos" / name
    if not path.is_file():
        pytest.skip(f"{path} is not here")
    want = Video(path).times
    got = frames(list(open_live(path, size=16)))
    assert len(got) == len(want)
    assert np.abs(np.array([each.time for each in got]) - want).max() < HALF / 100


@pytest.mark.slow
def test_what_is_broken_or_odd_is_read_in_order_or_refused_in_a_sentence(tmp_path: Path) -> None:
    for path in malformed(tmp_path):
        for how in ({}, {"follow": True, "idle": 0.01}):
            if path.name == "pipe.mp4":
                continue  # nobody will ever write to it
            last = -1.0
            try:
                for each in open_live(path, sound=True, fps=5, keep=5, **how):  # type: ignore[arg-type]
                    if isinstance(each, Frame):
                        assert each.time > last, path
                        last = each.time
            except WhenaboutsError as error:
                assert "\n" not in str(error)
