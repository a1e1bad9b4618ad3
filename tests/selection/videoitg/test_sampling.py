"""Which frames VideoITG scores. Official values: NVlabs/VideoITG, run on the same numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.errors import InputError
from whenabouts.selection.videoitg.ranking import chosen
from whenabouts.selection.videoitg.sampling import INFERENCE, Sampling
from whenabouts.video.frame import Frame
from whenabouts.video.in_memory import InMemoryVideo


@pytest.mark.parametrize(
    ("sampling", "total", "rate", "official"),
    [  # eagle/mm_utils.py:get_frame_indices
        (Sampling(2.0, 512), 100, 29.97, [0, 15, 30, 45, 60, 75, 90]),
        (Sampling(2.0, 512), 5, 1.0, [0, 1, 2, 3, 4]),
        (Sampling(1.0, 4), 250, 25.0, [50, 100, 150, 225]),
        (Sampling(1.0, 7), 1000, 23.976, [120, 264, 408, 552, 696, 840, 984]),
        # lmms_eval/models/videoitg.py:get_seq_frames
        (Sampling(1.0, 4, floor=True), 250, 25.0, [0, 50, 125, 175]),
        (Sampling(1.0, 7, floor=True), 1000, 23.976, [0, 144, 288, 432, 576, 720, 864]),
    ],
)
def test_indices(sampling: Sampling, total: int, rate: float, official: list[int]) -> None:
    assert sampling.indices(total, rate) == official


@given(st.integers(0, 5000), st.floats(0.01, 240), st.floats(0.1, 60), st.integers(1, 600), st.booleans())
def test_indices_are_different_pictures_in_order(total: int, rate: float, fps: float, most: int, floor: bool) -> None:
    taken = Sampling(fps, most, floor).indices(total, rate)
    assert taken == sorted(set(taken)) and len(taken) <= most and all(0 <= n < total for n in taken)
    assert (len(taken) > 0) == (total > 0)


def test_pictures_at_uneven_times_are_counted_and_not_timed() -> None:
    times = [0.0, 0.1, 0.2, 6.0, 6.1, 9.0]
    video = InMemoryVideo([Frame(t, np.zeros((4, 4, 3), np.uint8)) for t in times], 0.0, 10.0)
    assert INFERENCE.of(video) == [0, 1, 2, 3, 4, 5]


def test_a_rate_or_a_number_of_nothing_is_refused() -> None:
    for wrong in ((0.0, 1), (float("nan"), 1), (1.0, 0)):
        with pytest.raises(InputError, match="a rate above 0"):
            Sampling(*wrong)


@given(st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0]), max_size=20), st.integers(1, 25), st.randoms())
def test_the_best_are_the_same_in_any_order_and_equals_go_by_time(
    scores: list[float], budget: int, random: object
) -> None:
    numbers = [7 * k for k in range(len(scores))]
    kept = [numbers[k] for k in chosen(numbers, scores, budget)]
    places = list(range(len(scores)))
    random.shuffle(places)  # type: ignore[attr-defined]
    mixed = [[numbers[p] for p in places], [scores[p] for p in places]]
    assert [mixed[0][k] for k in chosen(mixed[0], mixed[1], budget)] == kept == sorted(kept)
    assert len(kept) == min(budget, len(scores))
    worst = min((scores[numbers.index(n)] for n in kept), default=0.0)
    assert all(n in kept for n, s in zip(numbers, scores, strict=True) if s > worst)
