"""Cameras that speak RTSP, with pictures that overtake one another, cut off and back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from live_servers import free_port
from media import make_video, read_number
from rtsp_server import access_units, camera

from whenabouts.video import Frame
from whenabouts.video.live import Notice, Stream, open_live


def pictures(source: Stream, count: int, got: list[Any]) -> None:
    for each in source:
        got.append(each)
        count -= isinstance(each, Frame)
        if not count:
            return


@pytest.mark.parametrize("bframes", [0, 2])
def test_a_camera_is_read_and_read_again(tmp_path: Path, bframes: int) -> None:
    make_video(tmp_path / "a.ts", bframes=bframes, gop=25)
    units, port, got = access_units(tmp_path / "a.ts"), free_port(), []
    with open_live(
        f"rtsp://user:secret@127.0.0.1:{port}/cam", wait=None, drop="none", stall=60, timeout=20, keep=30
    ) as source:
        with camera(units, port):
            pictures(source, 80, got)
        with camera(units, port):
            pictures(source, 60, got)
        clip = source.ring.clip(1, 3, tmp_path / "clip.mp4")
    frames = [each for each in got if isinstance(each, Frame)]
    lost = next(k for k, each in enumerate(got) if isinstance(each, Notice) and each.happened == "lost")
    before = [each for each in got[:lost] if isinstance(each, Frame)]
    first = read_number(before[0].image)  # FFmpeg stamps none before the second packet
    assert first <= bframes + 1
    assert [read_number(each.image) for each in before] == list(range(first, first + len(before)))
    assert max(abs(each.time - k / 25 - before[0].time) for k, each in enumerate(before)) < 0.02
    assert min(each.time for each in frames) >= 0
    assert [each.time for each in frames] == sorted({each.time for each in frames})
    assert [each.happened for each in got if isinstance(each, Notice) and each.happened != "damaged"] == [
        "lost",
        "resumed",
    ]
    assert source.name == f"rtsp://127.0.0.1:{port}/cam"
    assert clip.note is None
