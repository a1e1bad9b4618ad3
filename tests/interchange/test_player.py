"""Which video a page plays: the file itself where browsers show it on the true clock, else a copy, else a link."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from media import make_video, read_number

from whenabouts.interchange.player import player
from whenabouts.video import Video


def inside(address: str | None, path: Path) -> Video:
    assert address is not None and address.startswith("data:video/mp4;base64,")
    path.write_bytes(base64.b64decode(address.partition(",")[2]))
    return Video(path)


def test_a_small_video_that_browsers_play_goes_in_as_it_is(tmp_path: Path) -> None:
    make_video(tmp_path / "video.mp4", audio=(0, 4))
    with Video(tmp_path / "video.mp4") as video:
        source, note = player(video, tmp_path / "page.html")
        assert note is None and inside(source, tmp_path / "inside.mp4").sha256 == video.sha256


FOREIGN = {
    "stamps that do not begin at 0": {"name": "video.ts", "offset": 7.0},
    "another container": {"name": "video.mkv"},
    "another container under a known name": {"name": "video.mp4", "muxer": "matroska"},
    "another codec": {"name": "video.avi", "codec": "mpeg4", "bframes": 0},
    "colours browsers do not decode": {"name": "video.mp4", "pix_fmt": "yuv444p"},
    "several pictures": {"name": "video.mp4", "extra_videos": 1},
}


@pytest.mark.parametrize("made", FOREIGN.values(), ids=FOREIGN)
def test_a_foreign_video_comes_as_a_copy_with_the_same_picture_at_every_time(
    tmp_path: Path, made: dict[str, Any]
) -> None:
    made = dict(made)
    video_path = tmp_path / made.pop("name")
    make_video(video_path, **made)
    with Video(video_path) as video:
        source, note = player(video, tmp_path / "page.html")
        copy = inside(source, tmp_path / "inside.mp4")
        assert note is not None and "small copy" in note
        assert (copy.probe.codec, copy.probe.pix_fmt, copy.probe.start_time) == ("h264", "yuv420p", 0)
        for original, copied in zip(video.sample(5, start=0.1), copy.sample(5, start=0.1), strict=False):
            assert read_number(copied.image) == read_number(original.image)
            assert copied.time == pytest.approx(original.time, abs=0.001)


def test_a_copy_keeps_the_sound_and_is_low_and_light(tmp_path: Path) -> None:
    make_video(tmp_path / "video.mkv", audio=(0, 1), size=(1280, 720), fps=60, seconds=1)
    with Video(tmp_path / "video.mkv") as video:
        copy = inside(player(video, tmp_path / "page.html")[0], tmp_path / "inside.mp4")
    assert (copy.probe.width, copy.probe.height) == (640, 360)
    assert copy.probe.audio[0].codec == "aac" and copy.duration == pytest.approx(1, abs=0.05)
    assert len(list(copy.around(0.5, 0.5))) == pytest.approx(30, abs=1)


def test_pictures_that_begin_late_are_on_show_from_the_start(tmp_path: Path) -> None:
    make_video(tmp_path / "video.mkv", times=[1 + k / 25 for k in range(25)], audio=(0, 2))
    with Video(tmp_path / "video.mkv") as video:
        copy = inside(player(video, tmp_path / "page.html")[0], tmp_path / "inside.mp4")
    assert [read_number(frame.image) for frame in copy.sample(5, end=2.0)] == [0, 0, 0, 0, 0, 0, 5, 10, 15, 20]


@pytest.mark.parametrize("name", ["video.mp4", "a#b?c 100%.mp4", "data:text.mp4", "名<b>.mp4"])
def test_a_video_that_stays_outside_is_linked_by_an_address_of_its_own(tmp_path: Path, name: str) -> None:
    make_video(tmp_path / name, seconds=0.2)
    (tmp_path / "pages").mkdir()
    with Video(tmp_path / name) as video:
        beside, note = player(video, tmp_path / "page.html", embed=False)
        above, _ = player(video, tmp_path / "pages" / "page.html", embed=False)
    assert beside is not None and above is not None and note is not None and "not embedded" in note
    assert beside.startswith("./") and not set(beside) & set("#?<: ")
    assert (unquote(beside), unquote(above)) == (f"./{name}", f"./../{name}")


def test_a_video_too_foreign_and_too_long_has_no_player(tmp_path: Path) -> None:
    make_video(tmp_path / "video.mkv", times=[0, 300, 601])
    with Video(tmp_path / "video.mkv") as video:
        source, note = player(video, tmp_path / "page.html")
    assert source is None and note is not None and "cannot play" in note


def test_a_video_too_big_and_too_long_is_linked(tmp_path: Path) -> None:
    video_path = tmp_path / "video.mp4"
    make_video(video_path, times=[0, 300, 601])
    with video_path.open("ab") as file:
        file.write((25_000_000).to_bytes(4, "big") + b"free" + bytes(25_000_000 - 8))
    with Video(video_path) as video:
        assert player(video, tmp_path / "page.html")[0] == "./video.mp4"
