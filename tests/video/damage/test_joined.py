"""Two recordings in one file: all pictures on one clock, or the first recording and a note; in every container."""

from __future__ import annotations

import re
import struct
from fractions import Fraction
from pathlib import Path

import av
import media
import numpy as np
import pytest

from whenabouts.video import Video
from whenabouts.video.damage.joined import BLOCK, next_recording
from whenabouts.video.isolated import isolated
from whenabouts.video.sound_file import open_sound_too

NOTE = "another recording begins in the same file behind this one, and is not looked at: save each in its own"
FIRST, SECOND = 15, 20  # pictures
OTHERS = 300  # the number of the first picture of the second recording

# Container and codec; whether it is read on behind a joint; options of the container.
CONTAINERS = {
    "mp4": ("mp4", "libx264", False, {}),
    "mov": ("mov", "mpeg4", False, {}),
    "fragments": ("mp4", "libx264", False, {"movflags": "frag_keyframe+empty_moov+default_base_moof+skip_trailer"}),
    "smooth streaming": ("ismv", "libx264", True, {}),
    "mkv": ("matroska", "libx264", False, {}),
    "webm": ("webm", "libvpx", False, {}),
    "live webm": ("webm", "libvpx-vp9", False, {"live": "1"}),
    "flv": ("flv", "flv", False, {}),
    "asf": ("asf", "wmv2", False, {}),
    "mxf": ("mxf", "mpeg2video", False, {}),
    "nut": ("nut", "mpeg4", False, {}),
    "rm": ("rm", "rv10", False, {}),
    "gxf": ("gxf", "mpeg2video", False, {}),
    "wtv": ("wtv", "mpeg2video", False, {}),
    "ivf": ("ivf", "libvpx", False, {}),
    "swf": ("swf", "flv", False, {}),
    "y4m": ("yuv4mpegpipe", "wrapped_avframe", False, {}),
    "apng": ("apng", "apng", False, {}),
    "avi": ("avi", "mpeg4", True, {}),
    "gif": ("gif", "gif", False, {}),
    "ts": ("mpegts", "libx264", True, {}),
    "ps": ("vob", "mpeg2video", True, {}),
    "raw": ("h264", "libx264", True, {}),
    "raw jpeg": ("mjpeg", "mjpeg", True, {}),
    "obu": ("obu", "libsvtav1", True, {}),
}
PIXELS = {"apng": "rgb24", "gif": "rgb8", "raw jpeg": "yuvj420p"}
SIZES = {"gxf": (720, 576)}


def record(path: Path, name: str, first: int, count: int) -> Path:
    muxer, codec, _, options = CONTAINERS[name]
    with av.open(str(path), "w", format=muxer, options=options) as out:
        stream = out.add_stream(codec, rate=25)
        stream.width, stream.height = SIZES.get(name, (176, 144))
        stream.pix_fmt = PIXELS.get(name, "yuv420p")
        stream.codec_context.gop_size = 8
        media.calm(stream)
        for k in range(count):
            image = media.draw(first + k, stream.width, stream.height)
            frame = av.VideoFrame.from_ndarray(image, format="rgb24").reformat(format=stream.pix_fmt)
            frame.pts, frame.time_base = k, Fraction(1, 25)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def pictures(video: Video) -> tuple[list[float], list[int]]:
    frames = list(video.around(video.duration / 2, video.duration))
    return [frame.time for frame in frames], [media.read_number(frame.image) for frame in frames]


@pytest.mark.parametrize("name", CONTAINERS)
def test_a_joined_file_is_read_as_one_or_what_is_not_read_is_told(name: str, tmp_path: Path) -> None:
    one, two = record(tmp_path / "a", name, 0, FIRST), record(tmp_path / "b", name, OTHERS, SECOND)
    alone = Video(one)
    assert NOTE not in alone.notes
    path = tmp_path / "c"
    path.write_bytes(one.read_bytes() + two.read_bytes())
    video = Video(path)
    times, numbers = pictures(video)
    if CONTAINERS[name][2]:
        assert numbers == [*range(FIRST), *range(OTHERS, OTHERS + SECOND)]
        assert np.all(np.diff(times) > 0.02)
        assert video.duration == pytest.approx(35 / 25, abs=0.1)
    else:
        assert numbers == list(range(FIRST))
        assert times == pytest.approx(alone.times)
        assert video.duration == pytest.approx(alone.duration, abs=0.001)
        assert NOTE in video.notes
        assert [note for note in video.notes if "damage" in note or "missing" in note] == []


def test_what_follows_an_mp4_need_not_be_one_nor_follow_at_once(tmp_path: Path) -> None:
    one = record(tmp_path / "a", "mp4", 0, FIRST)
    path = tmp_path / "c"
    for filling, name, told in ((b"", "mkv", True), (bytes(5000), "mp4", True), (bytes(5000), None, False)):
        second = b"" if name is None else record(tmp_path / "b", name, OTHERS, SECOND).read_bytes()
        path.write_bytes(one.read_bytes() + filling + second)
        assert (NOTE in Video(path).notes) is told, name


def test_an_avi_whose_second_part_is_of_another_kind_is_not_read_on(tmp_path: Path) -> None:
    one, two = tmp_path / "a.avi", tmp_path / "b.avi"
    media.make_video(one, seconds=0.6, codec="mpeg4")
    media.make_video(two, seconds=0.6, codec="mpeg4", fps=10)
    path = tmp_path / "c.avi"
    path.write_bytes(one.read_bytes() + two.read_bytes())
    video = Video(path)
    assert pictures(video)[1] == list(range(15))
    assert video.notes == (NOTE,)


def page(serial: int, *, begins: bool, content: bytes) -> bytes:
    head = struct.pack("<4sBBqIII", b"OggS", 0, 2 * begins, 0, serial, 0, 0)
    return head + bytes([1, len(content)]) + content


def test_a_chained_ogg_begins_anew_with_a_page_that_begins_a_stream(tmp_path: Path) -> None:
    path = tmp_path / "a.ogv"
    streams = page(1, begins=True, content=b"theora"), page(2, begins=True, content=b"vorbis")
    link = b"".join(streams) + page(1, begins=False, content=bytes(99)) + page(2, begins=False, content=bytes(9))
    path.write_bytes(link)
    assert next_recording(path) is None
    path.write_bytes(link * 3)
    assert next_recording(path) == len(link)


def test_segments_with_a_header_each_are_one_recording(tmp_path: Path) -> None:
    whole = record(tmp_path / "a", "fragments", 0, 24).read_bytes()
    first, second, *_ = (found.start() - 4 for found in re.finditer(b"moof", whole))
    path = tmp_path / "c.mp4"
    path.write_bytes(whole[:second] + whole[:first] + whole[second:])
    assert next_recording(path) is None
    assert pictures(Video(path))[1] == list(range(24))


@pytest.mark.parametrize("suffix", ["wav", "flac", "ogg", "mka", "aiff", "w64", "caf"])
def test_sound_alone(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"a.{suffix}"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libopus" if suffix == "ogg" else out.default_audio_codec, rate=48_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 48_000), np.int16), layout="mono")
        frame.rate = 48_000
        out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    alone = open_sound_too(path)
    assert alone.notes == ()
    path.write_bytes(path.read_bytes() * 2)
    assert open_sound_too(path).notes == (NOTE,)
    assert open_sound_too(path).duration == alone.duration


def test_a_first_recording_that_is_cut_hides_no_second(tmp_path: Path) -> None:
    one, two = record(tmp_path / "a", "mkv", 0, FIRST), record(tmp_path / "b", "mkv", OTHERS, SECOND)
    path = tmp_path / "c"
    cut = one.read_bytes()[: one.stat().st_size * 2 // 3]
    path.write_bytes(cut + two.read_bytes())
    assert next_recording(path) == len(cut)
    assert max(pictures(Video(path))[1]) < FIRST


def test_a_child_process_tells_the_same(tmp_path: Path) -> None:
    path = record(tmp_path / "a", "ivf", 0, FIRST)
    path.write_bytes(path.read_bytes() * 2)
    with isolated():
        assert Video(path).notes == (NOTE,)


def test_a_head_is_found_across_the_blocks_that_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.y4m"
    head = b"YUV4MPEG2 W16 H16 F25:1\n"
    for length in (BLOCK - 30, BLOCK - 5, BLOCK, 2 * BLOCK - 7):
        path.write_bytes(head + bytes(length) + head)
        assert next_recording(path) == len(head) + length
