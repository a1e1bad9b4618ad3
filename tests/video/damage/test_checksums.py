"""Bytes that were changed inside pictures: by the checksums of Matroska, and by what decoders mark."""

from __future__ import annotations

import re
from pathlib import Path

import av
import damaging
import media
import pytest

from whenabouts.video import Video

MKV = {"libvpx": "vp8", "libvpx-vp9": "vp9", "libx265": "hevc", "libsvtav1": "av1", "ffv1": "ffv1", "libx264": "h264"}
MARKED = {"mpeg2video": "ts", "mpeg4": "avi", "mjpeg": "avi", "wmv2": "asf", "h263": "3gp"}
SPAN = re.compile(r"damaged between (\S+) and (\S+) s")


def recorded(path: Path, codec: str) -> Path:
    """Four seconds with much in them, a keyframe and a cluster each second."""
    options = {"cluster_time_limit": "1000"} if path.suffix == ".mkv" else {}
    with av.open(str(path), "w", options=options) as out:
        stream = out.add_stream(codec, rate=10)
        stream.width, stream.height, stream.bit_rate = 176, 144, 400_000
        stream.pix_fmt = {"mjpeg": "yuvj420p"}.get(codec, "yuv420p")
        stream.codec_context.gop_size = 10
        media.calm(stream)
        stream.options = {"libsvtav1": {"preset": "12"}, "libx265": {"x265-params": "log-level=0"}}.get(codec, {})
        for k in range(40):
            frame = av.VideoFrame.from_ndarray(media.draw(k, 176, 144), format="rgb24").reformat(format=stream.pix_fmt)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def altered(path: Path, number: int, length: int) -> Path:
    """The middle of the packet of a picture overwritten; nothing that says where packets begin."""
    with av.open(str(path)) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size and packet.pos is not None]
    packet = packets[number]
    start = packet.pos + packet.size // 2
    return damaging.overwritten(path, path.with_stem("altered"), start / path.stat().st_size + 1e-9, length)


def looked_at(path: Path) -> Video:
    video = Video(path)
    for _ in video.sample(10, size=32):
        pass
    return video


@pytest.mark.parametrize("codec", MKV)
def test_altered_bytes_of_a_matroska_are_told_whatever_the_codec(tmp_path: Path, codec: str) -> None:
    whole = recorded(tmp_path / "a.mkv", codec)
    assert looked_at(whole).notes == ()
    told = looked_at(altered(whole, 25, 3)).notes
    assert len(told) > 0
    for note in told:
        if found := SPAN.search(note):
            first, last = float(found[1]), float(found[2])
            assert first <= 2.6 <= last <= first + 1.6


@pytest.mark.parametrize("codec", MARKED)
def test_pictures_that_come_out_wrong_are_told(tmp_path: Path, codec: str) -> None:
    whole = recorded(tmp_path / f"a.{MARKED[codec]}", codec)
    assert looked_at(whole).notes == ()
    video = looked_at(altered(whole, 25, 40))
    assert any("damaged" in note or "could not be read" in note for note in video.notes)
    assert len(list(video.sample(10))) == len(list(Video(whole).sample(10)))


def test_a_part_tells_of_its_own_clusters(tmp_path: Path) -> None:
    video = Video(altered(recorded(tmp_path / "a.mkv", "libvpx"), 25, 3))
    list(video.around(2.5, 0.1))
    [note] = video.notes
    assert "pictures or sound there may be wrong" in note
    assert video.notes_between(0.0, 1.5) == ()
