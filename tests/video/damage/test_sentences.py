"""What is damaged is told, where it is, and only that: every container, damaged in ways whose truth is known."""

from __future__ import annotations

import re
import shutil
import struct
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import damaging
import media
import numpy as np
import pytest

from whenabouts.errors import VideoError
from whenabouts.video import Video
from whenabouts.video.damage.boxes import boxes_of
from whenabouts.video.damage.failures import Failures
from whenabouts.video.isolated import isolated
from whenabouts.video.part import Part
from whenabouts.video.samples import samples

SUFFIXES = ("mp4", "mov", "mkv", "webm", "ts", "avi", "flv", "ogg")
CODECS = {"webm": "libvpx", "avi": "mpeg4"}
NUMBER = re.compile(r"\d+(?:\.\d+)?")
SECONDS = 8.0
FRAGMENTS = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The same eight seconds of noise with numbers in every container, a keyframe every second."""
    folder = tmp_path_factory.mktemp("whole")
    made = {}
    for suffix in SUFFIXES:
        made[suffix] = folder / f"a.{suffix}"
        if suffix == "ogg":
            remuxed(made["webm"], made["ogg"])
        else:
            noise(made[suffix], CODECS.get(suffix, "libx264"))
    return made


def remuxed(path: Path, out: Path, options: dict[str, str] | None = None) -> None:
    """The same packets in another container."""
    with av.open(str(path)) as source, av.open(str(out), "w", options=options or {}) as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.size:
                packet.stream = stream
                target.mux(packet)


def noise(path: Path, codec: str) -> None:
    rng = np.random.default_rng(0)
    with av.open(str(path), "w", options={"movflags": "faststart"} if path.suffix == ".mp4" else {}) as out:
        stream = out.add_stream(codec, rate=25)
        stream.width, stream.height, stream.pix_fmt = 144, 96, "yuv420p"
        stream.codec_context.gop_size = 25
        stream.bit_rate = 400_000
        media.calm(stream)
        for _ in range(int(25 * SECONDS)):
            image = rng.integers(0, 255, (96, 144, 3), np.uint8) // 4 + 90
            out.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24").reformat(format="yuv420p")))
        out.mux(stream.encode(None))


def looked_at(path: Path) -> Video:
    video = Video(path)
    for _ in video.sample(2, size=32):
        pass
    return video


def begins(path: Path) -> list[float]:
    """When the pictures begin that can be decoded, on the clock of the video, seen by PyAV alone."""
    times = []
    with av.open(str(path)) as container:
        start = container.start_time / av.time_base
        for packet in container.demux(video=0):
            try:
                times += [frame.time - start for frame in packet.decode()]
            except av.FFmpegError:
                continue
    return times


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_what_is_whole_has_no_notes(whole: dict[str, Path], suffix: str) -> None:
    video = looked_at(whole[suffix])
    list(video.keyframes(size=32))
    list(video.around(SECONDS, 1.0, size=32))
    assert video.notes == ()


@pytest.mark.parametrize("share", [0.1, 0.6, 0.99])
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_cut_file_says_where_it_ends(whole: dict[str, Path], tmp_path: Path, suffix: str, share: float) -> None:
    path = damaging.cut(whole[suffix], tmp_path / f"cut.{suffix}", share)
    if suffix == "mov":  # its index is at its end
        with pytest.raises(VideoError, match=r"no index \(moov atom\).*untrunc"):
            Video(path)
        return
    told = looked_at(path).notes
    if share == 0.99 and suffix == "avi":  # all pictures are there, and half of the index
        assert any("bytes of the file are missing" in note for note in told)
        return
    [ended] = [note for note in told if "cut short" in note]
    assert float(NUMBER.findall(ended)[0]) == pytest.approx(max(begins(path)) + 0.04, abs=0.13)
    if ended.startswith("the video ends at"):
        assert float(NUMBER.findall(ended)[1]) == pytest.approx(SECONDS, abs=0.1)
    else:
        assert share == 0.99 or suffix in {"ts", "ogg"}


@pytest.mark.parametrize("zeros", [True, False])
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_hole_is_told_where_it_is(whole: dict[str, Path], tmp_path: Path, suffix: str, zeros: bool) -> None:
    size = whole[suffix].stat().st_size
    path = damaging.overwritten(whole[suffix], tmp_path / f"hole.{suffix}", 0.5, size // 16, zeros=zeros)
    told = looked_at(path).notes
    assert told
    for note in told:
        first, *_ = (float(number) for number in NUMBER.findall(re.sub(r"^\d+ (?=p)", "", note)))
        assert 3.3 < first < 5.3, told


@pytest.mark.parametrize(("at", "lost"), [(0.3, 0.05), (0.7, 0.02)])
def test_lost_packets_of_a_transport_stream(whole: dict[str, Path], tmp_path: Path, at: float, lost: float) -> None:
    path = damaging.without_packets(whole["ts"], tmp_path / "lost.ts", at, at + lost)
    told = looked_at(path).notes
    assert any("no picture between" in note or "could not be read" in note for note in told)
    here = at * SECONDS
    assert all(here - 1.2 < float(NUMBER.findall(re.sub(r"^\d+ (?=p)", "", note))[0]) < here + 1.2 for note in told)


@pytest.mark.parametrize("lost", [3, 5])
def test_a_fragment_that_is_missing_is_told(whole: dict[str, Path], tmp_path: Path, lost: int) -> None:
    remuxed(whole["mp4"], tmp_path / "a.mp4", FRAGMENTS)
    assert looked_at(tmp_path / "a.mp4").notes == ()
    content = (tmp_path / "a.mp4").read_bytes()
    with (tmp_path / "a.mp4").open("rb") as file:
        *_, before, after = [box.begin for box in boxes_of(file, len(content)) if box.name == b"moof"][: lost + 1]
    (tmp_path / "b.mp4").write_bytes(content[:before] + content[after:])
    [note] = looked_at(tmp_path / "b.mp4").notes
    gap = max(pairwise(begins(tmp_path / "b.mp4")), key=lambda times: times[1] - times[0])
    assert note.startswith("no picture between ")
    assert [float(number) for number in NUMBER.findall(note)] == pytest.approx([gap[0] + 0.04, gap[1]], abs=0.006)


def test_time_stamps_that_go_back_are_told(whole: dict[str, Path], tmp_path: Path) -> None:
    content = whole["flv"].read_bytes()
    (tmp_path / "a.flv").write_bytes(content + content[13:])  # a recorder that began anew wrote no header
    [note] = looked_at(tmp_path / "a.flv").notes
    assert note.startswith("the time stamps go back from 7.9"), note
    assert "to 0 s: pictures are left out there until they are later" in note


def test_sound_that_is_longer_than_the_pictures_of_an_avi_is_no_damage(tmp_path: Path) -> None:
    media.make_video(tmp_path / "a.avi", seconds=1, audio=(0, 3), codec="mpeg4", bframes=0)
    assert looked_at(tmp_path / "a.avi").notes == ()


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "webm", "flv"])
def test_a_second_recording_in_the_same_file_is_told(whole: dict[str, Path], tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"joined.{suffix}"
    path.write_bytes(whole[suffix].read_bytes() * 2)
    video = looked_at(path)
    assert [note[:23] for note in video.notes] == ["another recording begin"]
    assert len(video.times) == 25 * SECONDS


@pytest.mark.parametrize("suffix", ["mkv", "avi"])
def test_what_is_cut_out_of_the_middle_is_not_at_the_end(whole: dict[str, Path], tmp_path: Path, suffix: str) -> None:
    data = whole[suffix].read_bytes()
    path = tmp_path / f"hole.{suffix}"
    path.write_bytes(data[: len(data) * 4 // 10] + data[len(data) // 2 :])
    told = looked_at(path).notes
    assert any("bytes of the file are missing" in note for note in told)
    assert not any("cut short" in note for note in told)


def test_stamps_that_begin_late_are_no_missing_end(tmp_path: Path) -> None:
    path = tmp_path / "late.mkv"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 144, 96, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 25)
        for k in range(25):
            frame = av.VideoFrame.from_ndarray(media.draw(k, 144, 96), format="rgb24").reformat(format="yuv420p")
            frame.pts, frame.time_base = 25 * 3600 + k, Fraction(1, 25)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    assert looked_at(path).notes == ()


def test_no_picture_is_shown_where_none_is_said_to_be(whole: dict[str, Path], tmp_path: Path) -> None:
    for suffix in ("mkv", "webm", "avi", "flv"):
        size = whole[suffix].stat().st_size
        path = damaging.overwritten(whole[suffix], tmp_path / f"a.{suffix}", 0.5, size // 16, zeros=True)
        stretches = [
            [float(number) for number in NUMBER.findall(note)]
            for note in looked_at(path).notes
            if note.startswith("no picture")
        ]
        stamps = begins(path) if suffix != "avi" else []  # whose clock loses what FFmpeg did not find
        assert not [t for t in stamps for first, last in stretches if first + 0.011 < t < last - 0.011]


def test_pictures_that_build_on_a_lost_keyframe(whole: dict[str, Path], tmp_path: Path) -> None:
    with av.open(str(whole["mp4"])) as container:
        keys = [packet for packet in container.demux(video=0) if packet.is_keyframe]
        lost, after = keys[3], keys[4]
        start = min(key.pts for key in keys)
        first, until = (float((key.pts - start) * key.time_base) for key in (lost, after))
        data = bytearray(whole["mp4"].read_bytes())
        assert lost.pos is not None
        data[lost.pos : lost.pos + lost.size] = bytes(lost.size)
    path = tmp_path / "key.mp4"
    path.write_bytes(data)
    told = looked_at(path).notes
    assert f"1 packet could not be read at {first:g} s" in told
    assert f"pictures between {first:g} and {until:g} s may be damaged: they build on what was lost" in told


def test_a_part_tells_what_lies_in_it_on_its_own_clock(whole: dict[str, Path], tmp_path: Path) -> None:
    size = whole["mkv"].stat().st_size
    path = damaging.overwritten(whole["mkv"], tmp_path / "a.mkv", 0.5, size // 16, zeros=True)
    video = looked_at(path)
    [note] = [note for note in video.notes if note.startswith("no picture")]
    first, last = (float(number) for number in NUMBER.findall(note))
    [of_part] = [note for note in Part(video, 2.0, 7.0).notes if note.startswith("no picture")]
    assert [float(n) for n in NUMBER.findall(of_part)] == pytest.approx([first - 2.0, last - 2.0], abs=0.011)
    assert Part(Part(video, 2.0, 7.0), 0.0, 1.0).notes == ()
    assert Part(video, 6.0, 8.0).notes == ()


def test_sound_that_is_damaged_alone(tmp_path: Path) -> None:
    path = tmp_path / "sound.mp4"
    media.make_video(path, seconds=6, audio=(0, 6))
    with av.open(str(path)) as container:
        packets = [packet for packet in container.demux(audio=0) if packet.size]
        data = bytearray(path.read_bytes())
        for packet in packets[100:120]:
            assert packet.pos is not None
            data[packet.pos : packet.pos + packet.size] = b"\xff" * packet.size
        first, last = (float(packet.pts * packet.time_base) for packet in (packets[100], packets[119]))
    path.write_bytes(data)
    video = looked_at(path)
    assert video.notes == ()  # nobody has listened
    assert sum(len(block) for block in samples(video)) > 5 * 16_000
    [note] = video.notes
    count, begin, end = (float(number) for number in NUMBER.findall(note))
    assert note == f"{count:g} packets of sound could not be read between {begin:g} and {end:g} s"
    assert 15 <= count <= 20
    assert (begin, end) == (pytest.approx(first, abs=0.06), pytest.approx(last, abs=0.06))


def test_a_header_that_states_another_length(whole: dict[str, Path], tmp_path: Path) -> None:
    data = whole["mkv"].read_bytes()
    at = data.index(b"\x44\x89\x88") + 3  # Duration, eight bytes
    path = tmp_path / "long.mkv"
    path.write_bytes(data[:at] + struct.pack(">d", 20_000.0) + data[at + 8 :])
    [note] = looked_at(path).notes
    assert note.startswith("the video ends at 8 s, and the file states 20 s")


def test_a_file_that_grows(whole: dict[str, Path], tmp_path: Path) -> None:
    path = damaging.cut(whole["ts"], tmp_path / "a.ts", 0.5)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 188 * 188])
    video = looked_at(path)
    assert not any("written" in note for note in video.notes)
    with path.open("ab") as file:
        file.write(bytes(188))
    assert video.notes[0] == "the file was written to while it was read: ask again when it is complete"


def test_a_download_that_is_not_complete(whole: dict[str, Path], tmp_path: Path) -> None:
    path = tmp_path / "a.mp4.part"
    shutil.copy(whole["mp4"], path)
    [note] = looked_at(path).notes
    assert note == "by its name (.part) the file is a download that is not complete: ask again when it is"


def test_what_was_met_can_be_kept_and_recalled() -> None:
    failures = Failures(count=1)
    failures.pictures.unread |= {1.5, 1.54}
    failures.pictures.holes.add((4.0, float("inf")))
    failures.sound.marred.add(2.0)
    failures.keys |= {0.0, 1.0, 2.0, 3.0}
    again = Failures()
    again.recall(failures.to_dict())
    assert again.to_dict() == failures.to_dict()
    assert again.keys == {2.0}
    assert Failures().to_dict() == {}


@pytest.mark.parametrize("facts", [None, [], {}, {"count": "a", "streams": 1, "keys": []}, {"streams": [[[1], 2, []]]}])
def test_what_is_no_record_is_left_out(facts: object) -> None:
    failures = Failures()
    failures.recall(facts)
    assert not failures.any


@pytest.mark.parametrize("suffix", ["mp4", "ts"])
def test_a_video_that_is_read_in_a_child_process_tells_the_same(
    suffix: str, whole: dict[str, Path], tmp_path: Path
) -> None:
    path = damaging.overwritten(whole[suffix], tmp_path / f"a.{suffix}", 0.4, 4000)
    here = looked_at(path)
    with isolated():
        there = looked_at(path)
        assert there.notes == here.notes != ()
        assert Part(there, 3.0, 5.0).notes == Part(here, 3.0, 5.0).notes
