"""Stretches cover the video, break where pictures change, and hold means."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.library.shots import MAX_SECONDS, pooled

A, B = np.eye(2, dtype=np.float32)


def test_a_change_is_cut_half_way_between_two_frames() -> None:
    first, second = pooled([(0.0, A), (1.0, A), (2.0, B), (3.0, B)], 3.7, step=1.0)
    assert (first.start, first.end, second.start, second.end) == (0.0, 1.5, 1.5, 3.7)
    assert first.vector.tolist() == [1, 0] and second.vector.tolist() == [0, 1]


@given(st.lists(st.integers(0, 2), min_size=1, max_size=60), st.floats(0.1, 3))
def test_stretches_follow_one_another_without_a_gap_and_none_is_too_long(kinds: list[int], step: float) -> None:
    pictures = np.eye(3, dtype=np.float32)
    duration = len(kinds) * step
    shots = list(pooled([(i * step, pictures[kind]) for i, kind in enumerate(kinds)], duration, step=step))
    assert shots[0].start == 0 and shots[-1].end == duration
    assert all(a.end == b.start for a, b in pairwise(shots))
    assert all(shot.start < shot.end and shot.end - shot.start <= MAX_SECONDS + 2 * step for shot in shots)
    assert all(np.isclose(np.linalg.norm(shot.vector), 1) for shot in shots)  # never two kinds in one


def test_no_frames_are_no_stretches() -> None:
    assert list(pooled([], 10.0)) == []
