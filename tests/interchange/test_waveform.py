"""Heights of sound are true at every magnification, read piece by piece, and kept by content."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from subtitled import video as video_with_sound

from whenabouts.interchange import waveform as module
from whenabouts.interchange.waveform import waveform
from whenabouts.video import Video

RATE = 16_000


def height(amplitude: float) -> int:
    return round(255 * amplitude**0.5)


def made(path: Path) -> Path:
    """Six seconds: silence, then a tone of half the full amplitude from 2 to 3 s, then one click at 5 s."""
    times = np.arange(6 * RATE) / RATE
    sound = np.where((times >= 2) & (times < 3), 0.5 * np.sin(2 * np.pi * 440 * times), 0.0)
    sound[5 * RATE] = 0.9
    return video_with_sound(path, seconds=6, sound=sound.astype(np.float32), rate=RATE)


@pytest.fixture
def video(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WHENABOUTS_CACHE", str(tmp_path / "cache"))
    return made(tmp_path / "tone.mkv")


def test_heights_at_every_magnification(video: Path) -> None:
    with Video(video) as opened:
        whole = waveform(opened, 0.0, 6.0, 6)
        assert whole.heights == [0, 0, pytest.approx(height(0.5), abs=2), 0, 0, pytest.approx(height(0.9), abs=2)]
        assert not whole.partial
        fine = waveform(opened, 1.99, 2.03, 400).heights  # ten milliseconds are a hundred parts
        assert len(fine) == 400 and fine[:95] == [0] * 95 and max(filter(None, fine)) > height(0.45)
        click = waveform(opened, 4.999, 5.001, 32).heights
        assert [k for k, each in enumerate(click) if each] == [16], "one sample, at its own time"


def test_a_long_sound_is_read_a_piece_at_a_time_and_once(video: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PIECE", 2)
    monkeypatch.setattr(module, "BINS", 200)
    read: list[int] = []
    reader = module._read
    monkeypatch.setattr(module, "_read", lambda video, number: read.append(number) or reader(video, number))
    with Video(video) as opened:
        answers = [waveform(opened, 0.0, 6.0, 3) for _ in range(4)]
    assert [answer.partial for answer in answers] == [True, True, False, False] and read == [0, 1, 2]
    assert answers[0].heights == [0, None, None] and None not in answers[2].heights
    copy = video.with_name("copy.mkv")
    copy.write_bytes(video.read_bytes())
    with Video(copy) as opened:
        assert waveform(opened, 0.0, 6.0, 3) == answers[3] and read == [0, 1, 2], "kept by content"


def test_without_sound_there_are_no_heights(tmp_path: Path) -> None:
    with Video(video_with_sound(tmp_path / "silent.mkv")) as opened:
        assert waveform(opened, 0.0, 6.0, 10).heights == []
