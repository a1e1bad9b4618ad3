"""A composed video shows each still exactly when it says it does."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from whenabouts.video import Video
from whenabouts.video.compose import Line, Still, compose

COLOURS = [(200, 30, 30), (30, 200, 30), (30, 30, 200)]


def flat(colour: tuple[int, int, int], shape: tuple[int, int]) -> np.ndarray:
    return np.full((*shape, 3), colour, dtype=np.uint8)


@pytest.fixture(scope="module")
def video_path(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[tuple[float, float]]]:
    path = tmp_path_factory.mktemp("video_path") / "video.mp4"
    shapes = [(300, 400), (400, 200), (99, 1001)]
    stills = [Still(flat(c, s), seconds) for c, s, seconds in zip(COLOURS, shapes, (1.0, 2.5, 0.5), strict=True)]
    return path, compose(path, stills, lines=[Line(0.5, 1.75, "first"), Line(3.0, 3.5, "zweite Zeile")], size=(160, 90))


def test_every_frame_shows_the_still_of_its_shot(video_path: tuple[Path, list[tuple[float, float]]]) -> None:
    path, shots = video_path
    assert shots == [(0.0, 1.0), (1.0, 3.5), (3.5, 4.0)]
    with Video(path) as video:
        assert video.duration == pytest.approx(4.0)
        for frame in video.sample(fps=24):
            [shot] = [i for i, (start, end) in enumerate(shots) if start <= frame.time + 1e-6 < end]
            assert int(np.argmax(frame.image.mean(axis=(0, 1)))) == shot
            assert frame.image.shape == (90, 160, 3)


def test_subtitles_are_a_text_track_at_their_times(video_path: tuple[Path, list[tuple[float, float]]]) -> None:
    with av.open(str(video_path[0])) as container:
        packets = [p for p in container.demux(container.streams.subtitles[0]) if p.size > 2]
    shown = [(float(p.pts * p.time_base), float(p.duration * p.time_base), bytes(p)[2:].decode()) for p in packets]
    assert shown == [(0.5, 1.25, "first"), (3.0, 0.5, "zweite Zeile")]
