"""Which pictures of real files are shown, where what a container states is not what it holds."""

from __future__ import annotations

from pathlib import Path

import pytest
from media import make_video, read_number

from whenabouts.grounders.llm.sampling import Sampling
from whenabouts.grounders.llm.shown import shown
from whenabouts.video import Video


@pytest.mark.parametrize(
    "times",
    [[k / 5 for k in range(60)], [k / 5 for k in range(30)] + [6 + k / 10 for k in range(40)]],
    ids=["even", "uneven"],
)
def test_pictures_are_counted_where_matroska_states_another_rate(tmp_path: Path, times: list[float]) -> None:
    path = tmp_path / "stated.mkv"
    true = [float(time) for time in make_video(path, times=times, fps=25)]
    with Video(path) as video:
        frames = shown(video, Sampling())
        wanted = 2 * video.duration
    assert wanted - 3 <= len(frames.times) <= wanted + 1 and frames.fps == pytest.approx(2.0, abs=0.2)
    numbers = [read_number(image) for image in frames.images]
    assert numbers == [min(range(len(true)), key=lambda k: abs(true[k] - at)) for at in frames.times]
