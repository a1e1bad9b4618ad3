"""Coverage of a query drawn from a video drawn at random."""

from __future__ import annotations

import numpy as np
import pytest

from whenabouts.metrics.coverage import coverage, coverage_by_length


def test_a_video_counts_once_however_many_queries_it_has() -> None:
    found = coverage([True] * 9 + [False], ["a"] * 9 + ["b"])
    assert found.mean == 0.5 and (found.low, found.high) == (0.0, 1.0)


def test_queries_that_succeed_together_make_the_interval_wide() -> None:
    rng = np.random.default_rng(0)
    by_video = rng.random(40) < 0.9
    together = coverage(np.repeat(by_video, 20), [f"{i}" for i in range(40) for _ in range(20)])
    alone = coverage(np.repeat(by_video, 20), [f"{i}" for i in range(800)])
    assert together.mean == pytest.approx(alone.mean)
    assert together.high - together.low > 3 * (alone.high - alone.low)


def test_by_length_parts_videos_and_never_one_video() -> None:
    videos = [f"{i // 2}" for i in range(60)]
    lengths = [10.0 + i // 2 for i in range(60)]
    found = coverage_by_length([i >= 20 for i in range(60)], videos, lengths)
    assert [(span, held.mean) for span, held in found.items()] == [((10, 19), 0.0), ((20, 29), 1.0), ((30, 39), 1.0)]
    assert list(coverage_by_length([True] * 4, ["a", "a", "b", "b"], [5.0] * 4)) == [(5.0, 5.0)]


def test_nothing_has_no_coverage() -> None:
    with pytest.raises(ValueError, match="need as many videos"):
        coverage([], [])
