"""The plan leaves out what no instant needs, and never what one does."""

from __future__ import annotations

from pathlib import Path

import media
import pytest

from whenabouts.video import Limits
from whenabouts.video.clock import Grid
from whenabouts.video.damage.failures import Failures
from whenabouts.video.plan import Step, plan
from whenabouts.video.reader import Reader


def steps_of(path: Path, fps: float, end: float) -> tuple[list[Step], list[float]]:
    """The plan for a file, and the media times of the pictures that it wants."""
    with Reader(path, Limits(), Failures()) as reader:
        steps = list(plan(reader.packets(), reader.clock, Grid.of(fps, 0.0, end)))
        return steps, [float(reader.clock.time(step.packet.pts)) for step in steps if step.needed]


def test_one_picture_in_three_groups_costs_one_keyframe_each(tmp_path: Path) -> None:
    media.make_video(tmp_path / "a.mp4", seconds=12, gop=25, bframes=2)
    steps, _ = steps_of(tmp_path / "a.mp4", 1 / 4, 12)
    assert [float(step.packet.pts * step.packet.time_base) for step in steps] == pytest.approx([0, 4, 8])
    assert [step.fresh for step in steps] == [False, True, True]


@pytest.mark.parametrize("gop", [10, 40, 300])
@pytest.mark.parametrize("fps", [0.4, 1.0, 3.0])
def test_pictures_on_show_are_wanted_and_few_others(tmp_path: Path, gop: int, fps: float) -> None:
    times = media.make_video(tmp_path / "a.mp4", seconds=8, gop=gop, bframes=2)
    steps, wanted = steps_of(tmp_path / "a.mp4", fps, 8)
    grid = Grid.of(fps, 0.0, 8)
    for k in range(grid.count):
        on_show = float(max(time for time in times if time <= grid[k]))
        assert any(abs(time - on_show) < 1e-9 for time in wanted)
    assert len(wanted) <= 3 * grid.count  # itself and its neighbours in the file
    assert len(steps) < len(times)


def test_every_picture_is_wanted_at_its_own_rate(tmp_path: Path) -> None:
    times = media.make_video(tmp_path / "a.mp4", seconds=3)
    _, wanted = steps_of(tmp_path / "a.mp4", 25, 3)
    assert sorted(wanted) == pytest.approx([float(time) for time in times])


def test_reading_stops_after_the_last_instant(tmp_path: Path) -> None:
    media.make_video(tmp_path / "a.mkv", seconds=20, gop=25)
    with Reader(tmp_path / "a.mkv", Limits(), Failures()) as reader:
        packets = reader.packets()
        list(plan(packets, reader.clock, Grid.of(1, 0.0, 3.0)))
        assert next(packets).pts * reader.clock.time_base < 10
