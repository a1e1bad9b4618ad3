"""Windows over blocks of samples hold everything once, in order."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from subtitled import video

from whenabouts.evidence.sound.loudness import quiet_below, runs
from whenabouts.video import Video, open_sound_too
from whenabouts.video.samples import samples, windows


@given(lengths=st.lists(st.integers(0, 40), max_size=12), length=st.integers(1, 30), step=st.integers(1, 30))
def test_windows_hold_every_sample(lengths: list[int], length: int, step: int) -> None:
    step = min(step, length)
    whole = np.arange(sum(lengths), dtype=np.float32)
    blocks = np.split(whole, np.cumsum(lengths)[:-1]) if lengths else []
    got = list(windows(blocks, length, step))
    assert all(np.array_equal(piece, whole[first : first + len(piece)]) for first, piece in got)
    assert [first for first, _ in got] == [step * k for k in range(len(got))]
    assert all(len(piece) == length for _, piece in got[:-1]) and all(len(piece) <= length for _, piece in got)
    assert {int(value) for _, piece in got for value in piece} == set(range(len(whole)))


@given(st.lists(st.booleans(), max_size=30))
def test_runs_are_the_true_flags(flags: list[bool]) -> None:
    found = list(runs(np.array(flags, bool)))
    assert [k for first, last in found for k in range(first, last)] == [k for k, flag in enumerate(flags) if flag]


@pytest.mark.parametrize(
    ("noise", "voice", "quiet"),
    [(-180.0, -20.0, (-60.0, -36.0)), (-70.0, -20.0, (-66.0, -55.0)), (-45.0, -20.0, (-42.0, -38.0))],
)
def test_silence_is_relative_to_the_file(noise: float, voice: float, quiet: tuple[float, float]) -> None:
    """Of a file that is half voice, half the noise of its room."""
    random = np.random.default_rng(0)
    level = np.where(np.arange(4000) % 1000 < 500, voice, noise) + random.normal(0, 1, 4000)
    assert quiet[0] <= quiet_below(level) <= quiet[1]


def test_two_channels_become_their_mean(tmp_path: Path) -> None:
    """As in librosa, by which Lighthouse reads sound."""
    left = np.sin(np.arange(48_000) * 0.05) * 0.5
    stereo = (np.stack([left, left * 0.5], axis=1) * 32767).astype("<i2")
    with wave.open(str(tmp_path / "two.wav"), "wb") as file:
        file.setparams((2, 2, 48_000, len(left), "NONE", ""))
        file.writeframes(stereo.tobytes())
    with open_sound_too(tmp_path / "two.wav") as video:
        heard = np.concatenate(list(samples(video, 48_000)))
    assert heard == pytest.approx(left * 0.75, abs=1e-4)


def test_a_long_silence_is_given_in_small_blocks(tmp_path: Path) -> None:
    path = video(tmp_path / "a.mkv", seconds=2, sound=np.full(16_000, 0.25, np.float32), sound_from=100.0)
    blocks = list(samples(Video(path)))
    assert max(map(len, blocks)) <= 1 << 16
    whole = np.concatenate(blocks)
    assert abs(len(whole) - 101 * 16_000) <= 16 and not whole[: 99 * 16_000].any() and whole[-8_000:-100].all()
