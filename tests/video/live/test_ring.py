"""Clips of what has already been: exact to the picture, from a ring that never grows beyond its bounds."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import pytest
from media import make_video, read_number

from whenabouts.errors import InputError, VideoError
from whenabouts.video import Frame, Video
from whenabouts.video.live import Notice, Stream, open_live

LONG = {"seconds": 16, "gop": 12}


def watched(path: Path, keep: float = 8.0, **how: Any) -> Stream:
    source = open_live(path, fps=1, keep=keep, **how)
    for _ in source:
        pass
    return source


def numbers(path: Path) -> list[int]:
    video = Video(path)
    return [read_number(each.image) for each in video.at(video.times)]


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("a.mp4", {"audio": (0, 16)}),
        ("a.ts", {"audio": (0, 16)}),
        ("a.mkv", {}),
        ("a.flv", {}),
        ("turned.mp4", {"turn": "90"}),
        ("open.ts", {"options": {"x264-params": "open-gop=1"}}),
        ("hevc.ts", {"codec": "libx265", "options": {"x265-params": "log-level=0"}}),
    ],
)
@pytest.mark.parametrize(("first", "last"), [(250, 300), (253, 337), (320, 325)])
def test_a_clip_holds_every_picture_of_its_span(
    tmp_path: Path, name: str, how: dict[str, Any], first: int, last: int
) -> None:
    make_video(tmp_path / name, **LONG, **how)
    origin = float(Video(tmp_path / name).times[0])
    source = watched(tmp_path / name)
    clip = source.ring.clip(first / 25 + origin, last / 25 + origin, tmp_path / "clip.mp4")
    assert clip.note is None
    assert numbers(clip.path) == list(range(first, last))
    made = Video(clip.path)
    assert made.duration == pytest.approx((last - first) / 25, abs=0.03)
    assert made.probe.has_audio == ("audio" in how)
    assert sorted(each.name for each in tmp_path.iterdir()) == sorted([name, "clip.mp4"])


def test_a_clip_says_what_it_lacks(tmp_path: Path) -> None:
    make_video(tmp_path / "a.mp4", **LONG)
    ring = watched(tmp_path / "a.mp4").ring
    early, late = ring.clip(1, 9, tmp_path / "early.mp4"), ring.clip(15, 30, tmp_path / "late.mp4")
    assert early.start == ring.span[0] == pytest.approx(7.68)
    assert early.note is not None
    assert (late.start, late.end) == (15, 16)
    assert late.note is not None
    for start, end in ((1, 2), (20, 30)):
        with pytest.raises(InputError, match="kept"):
            ring.clip(start, end, tmp_path / "none.mp4")
    with pytest.raises(InputError):
        ring.clip(9, 9, tmp_path / "none.mp4")
    with pytest.raises(VideoError, match="should end in"):
        ring.clip(9, 10, tmp_path / "none.txt")
    with pytest.raises(VideoError, match="no such file"):
        ring.clip(9, 10, tmp_path / "absent" / "none.mp4")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.mp4", "early.mp4", "late.mp4"]


def test_the_ring_is_bounded_in_seconds_and_in_bytes(tmp_path: Path) -> None:
    make_video(tmp_path / "a.ts", **LONG)
    ring = watched(tmp_path / "a.ts", keep=3).ring
    since, until = ring.span
    assert 3 <= until - since < 3 + 2 * 12 / 25
    small = watched(tmp_path / "a.ts", keep=100, keep_bytes=4000).ring
    assert 0 < small.size <= 4000


def test_a_clip_lies_in_one_run_of_the_clock(tmp_path: Path) -> None:
    make_video(tmp_path / "a.ts", seconds=4)
    content = (tmp_path / "a.ts").read_bytes()
    make_video(tmp_path / "b.ts", seconds=4, size=(288, 192), codec="libx265", options={"x265-params": "log-level=0"})
    path = tmp_path / "live.ts"
    path.write_bytes(content)
    source = open_live(path, follow=True, keep=60, stall=60)
    lost = resumed = None
    count = 0
    for each in source:
        count += isinstance(each, Frame)
        if count == 50 and (tmp_path / "b.ts").exists():
            (tmp_path / "b.ts").replace(path)
        if isinstance(each, Notice) and each.happened == "lost":
            lost = each.time
        if isinstance(each, Notice) and each.happened == "resumed":
            resumed = each.time
        if count == 150:
            source.close()
    assert lost is not None
    assert resumed is not None
    before = source.ring.clip(lost - 2, resumed + 1, tmp_path / "before.mp4")
    after = source.ring.clip(lost - 1, resumed + 2, tmp_path / "after.mp4")
    assert (before.end, after.start) == (pytest.approx(lost), pytest.approx(resumed))
    assert before.note
    assert after.note
    assert numbers(before.path)[-1] == 99
    assert numbers(after.path)[0] == 0
    assert Video(after.path).probe.codec == "h264"


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    make_video(tmp_path / "a.ts", seconds=4)
    ring = watched(tmp_path / "a.ts").ring
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, before[1]))  # files may be no larger: as if the disk were full
    try:
        with pytest.raises(VideoError, match="cannot be written"):
            ring.clip(1, 3, tmp_path / "clip.mp4")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)
    assert [each.name for each in tmp_path.iterdir()] == ["a.ts"]
