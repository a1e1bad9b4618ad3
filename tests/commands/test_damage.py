"""A video of which some pictures cannot be decoded says so, and says so again when it is not looked at anew."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from subtitled import video

from whenabouts.commands import Find
from whenabouts.commands.damage import recalled
from whenabouts.video import Video

NOTE = "5 packets could not be read between "


def damaged(path: Path) -> Path:
    """A video of noise whose packets in the middle are not what the codec expects."""
    rng = np.random.default_rng(0)
    pictures = [rng.integers(0, 255, (96, 144, 3), np.uint8) for _ in range(40)]
    whole = video(path.with_name("whole.mp4"), pictures=pictures, encoder="libx264")
    with av.open(str(whole)) as source, av.open(str(path), "w") as out:
        stream = out.add_stream_from_template(source.streams.video[0])
        for number, packet in enumerate(source.demux(video=0)):
            if packet.dts is None:
                continue
            kept = av.Packet(b"\xff" * packet.size) if 15 <= number < 20 else packet
            kept.pts, kept.dts, kept.time_base, kept.duration = (
                packet.pts,
                packet.dts,
                packet.time_base,
                packet.duration,
            )
            kept.stream = stream
            out.mux(kept)
    return path


def notes(path: Path, **settings: object) -> tuple[str, ...]:
    with Video(path) as opened:
        [answer] = Find.of(queries=["a red square"], evidence="seen", **settings).run(opened)
    return answer.notes


def test_damage_is_noted_each_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHENABOUTS_CACHE", str(tmp_path / "cache"))
    path = damaged(tmp_path / "dam.mkv")
    told = [notes(path, cache=False), notes(path), notes(path)]
    assert told[0] == told[1] == told[2]
    assert told[0][0].startswith(NOTE)
    assert notes(tmp_path / "whole.mp4") == ()


def test_a_record_that_is_damaged_itself_is_written_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHENABOUTS_CACHE", str(tmp_path / "cache"))
    path = damaged(tmp_path / "dam.mkv")
    told = notes(path)
    [record] = (tmp_path / "cache" / "damage").iterdir()
    before = record.read_bytes()
    record.write_bytes(before[:20])
    with Video(path) as opened:
        list(opened.sample(2))
        assert opened.notes == told
        recalled(opened)
    assert record.read_bytes() == before
