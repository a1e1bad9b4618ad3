"""The time law on its own: whole ticks, exact fractions, a nanosecond of mercy."""

from __future__ import annotations

import math
from fractions import Fraction

import av
import media
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.errors import InputError
from whenabouts.video.clock import Clock, Grid, container_start

bases = st.sampled_from([Fraction(1, 90_000), Fraction(1, 1000), Fraction(1, 15_360), Fraction(1001, 30_000)])


@given(bases, st.fractions(-10, 10), st.integers(-(10**9), 10**9))
def test_a_stamp_survives_the_way_through_time_and_float(base: Fraction, start: Fraction, pts: int) -> None:
    clock = Clock(base, start)
    time = clock.time(pts)
    assert clock.tick(time) == pts
    if abs(time) < 10**5:  # beyond, a double no longer tells nanoseconds
        assert clock.tick(Fraction(float(time))) == pts


@given(st.sampled_from([0.5, 1.0, 2.0, 23.976, 29.97, 30.0]), st.floats(0, 1e4), st.floats(0, 300))
def test_a_grid_is_start_plus_k_over_fps_and_stops_before_the_end(fps: float, start: float, length: float) -> None:
    end = start + length
    grid = Grid.of(fps, start, end)
    times = [grid[k] for k in range(grid.count)]
    rate = Fraction(str(fps))
    assert times == [Fraction(start) + k / rate for k in range(grid.count)]
    assert all(time < Fraction(end) for time in times)
    assert Fraction(start) + grid.count / rate >= Fraction(end) - Fraction(1, 10**9)


@given(st.fractions(0, 50), st.integers(1, 40))
def test_first_from_finds_the_next_time_of_the_grid(time: Fraction, fps: int) -> None:
    grid = Grid.of(fps, 1.0, 20.0)
    k = grid.first_from(time)
    assert k == grid.count or grid[k] >= time - Fraction(1, 10**9)
    assert k == 0 or grid[k - 1] < time


@pytest.mark.parametrize("fps", [0, -1, math.nan, math.inf])
def test_a_senseless_rate_is_refused(fps: float) -> None:
    with pytest.raises(InputError, match="fps must be a positive number"):
        Grid.of(fps, 0, 1)


def test_the_start_is_the_containers_and_exact_to_the_tick(tmp_path) -> None:
    media.make_video(tmp_path / "a.ts", seconds=1, offset=1001 / 90_000, options={"bf": "0"})
    with av.open(str(tmp_path / "a.ts")) as container:
        start = container_start(container)
        assert start == min(p.pts for p in container.demux(video=0) if p.size) * Fraction(1, 90_000)
        assert start != Fraction(container.start_time, av.time_base)  # which is rounded to a microsecond
