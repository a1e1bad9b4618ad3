from __future__ import annotations

from pathlib import Path

import pytest
from subtitled import video

from whenabouts.evidence.tracks import read_tracks
from whenabouts.video import Video

TRACKS = [("mkv", "subrip"), ("mkv", "ass"), ("mkv", "webvtt"), ("mp4", "mov_text")]
LINES = [(1.0, 2.5, "{\\i1}Where is{\\i0}\\Nthe café?"), (3.0, 4.25, "Over, there.")]


@pytest.mark.parametrize("offset", [0, 7])
@pytest.mark.parametrize(("suffix", "codec"), TRACKS)
def test_a_track_is_read_on_the_media_clock(tmp_path: Path, suffix: str, codec: str, offset: int) -> None:
    path = video(tmp_path / f"video.{suffix}", codec=codec, lines=LINES, offset=offset)
    lines = read_tracks(Video(path)).lines
    assert [line.text.split() for line in lines] == [["Where", "is", "the", "café?"], ["Over,", "there."]]
    assert [line.start for line in lines] == pytest.approx([1.0, 3.0], abs=0.002)
    assert [line.end for line in lines] == pytest.approx([2.5, 4.25], abs=0.002)
    assert {line.source for line in lines} == {"stream 1"}


def test_a_video_without_tracks_has_no_lines(tmp_path: Path) -> None:
    assert read_tracks(Video(video(tmp_path / "video.mp4", seconds=1))).lines == []


def test_pictures_of_text_are_told_not_failed(tmp_path: Path) -> None:
    read = read_tracks(Video(video(tmp_path / "video.mkv", seconds=1, codec="dvb_subtitle")))
    assert read.lines == []
    assert "video.mkv: subtitle stream 1 is made of pictures" in read.notes[0]


LEGACY = ("Ты когда-нибудь видел море зимой?", "Нет, я всегда жил в городе.", "Тогда поехали завтра утром.")


@pytest.mark.parametrize(("suffix", "codec"), TRACKS)
def test_a_track_in_a_legacy_encoding_is_read_and_told(tmp_path: Path, suffix: str, codec: str) -> None:
    marks = [letter * len(line) for letter, line in zip("XYZ", LEGACY, strict=True)]
    lines = [(k + 0.5, k + 1.0, mark) for k, mark in enumerate(marks)]
    path = video(tmp_path / f"video.{suffix}", seconds=4, codec=codec, lines=lines)
    content = path.read_bytes()
    for mark, line in zip(marks, LEGACY, strict=True):
        assert mark.encode() in content
        content = content.replace(mark.encode(), line.encode("cp1251"))
    path.write_bytes(content)
    read = read_tracks(Video(path))
    assert [line.text.strip() for line in read.lines] == [*LEGACY]
    assert len(read.notes) == 1 and "subtitle stream 1 was read as cp1251" in read.notes[0]


def test_lines_of_a_track_after_the_end_are_told(tmp_path: Path) -> None:
    path = video(tmp_path / "video.mkv", seconds=2, codec="subrip", lines=[(1.0, 1.5, "here"), (9.0, 9.5, "late")])
    read = read_tracks(Video(path))
    assert "video.mkv: subtitle stream 1: 1 of 2 subtitles begin after the end of the video" in read.notes[0]


def test_a_track_cut_short_gives_what_came_before(tmp_path: Path) -> None:
    path = video(tmp_path / "video.mkv", codec="subrip", lines=[(k / 10, k / 10 + 0.1, "line") for k in range(50)])
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * 3 // 4])
    lines = read_tracks(Video(path)).lines
    assert all(line.text == "line" for line in lines)
    assert 0 < len(lines) < 50
