"""Videos with known faults say where their faults are shown."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from whenabouts.synthetic.signals import SOUND_RATE, Fault, hiss, melody, mumble, tone, write_faulty
from whenabouts.video import Video


def test_faults_begin_and_end_at_pictures(tmp_path: Path) -> None:
    rate = Fraction(30000, 1001)
    faults = [Fault("black", 0.5, 0.8), Fault("cut", 1.2, 1.2)]
    shown = write_faulty(tmp_path / "a.mkv", faults, times=[k / rate for k in range(50)], size=(64, 36))
    with Video(tmp_path / "a.mkv") as video:
        frames = list(video.sample(60))
    dark = [frame.time for frame in frames if frame.image.max() < 30]
    assert dark[0] == pytest.approx(shown[0].start, abs=0.002)
    assert shown[0].end == pytest.approx(dark[-1] + float(1 / rate), abs=0.002)
    assert shown[1].start == shown[1].end == pytest.approx(36 / float(rate), abs=0.002)


@pytest.mark.parametrize("sound", [mumble(2.0), melody(2.0), hiss(2.0), tone(2.0)])
def test_sounds_last_as_long_as_they_should(sound: np.ndarray) -> None:
    assert sound.dtype == np.float32 and len(sound) == 2 * SOUND_RATE
    assert 0 < np.abs(sound).max() <= 1 and np.isfinite(sound).all()
