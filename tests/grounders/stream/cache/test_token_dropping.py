from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.errors import ModelError
from whenabouts.grounders.stream.cache.token_dropping import Since, TokenDropping

GRID = (1, 2, 3)


def frame(seed: int) -> torch.Tensor:
    return torch.randn(6, 16, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("since", ["frame", "kept"])
def test_a_frozen_stream_leaves_one_frame_and_a_token_of_each_other(since: Since) -> None:
    dropping, still = TokenDropping(since=since), frame(0)
    kept = [int(dropping(still, GRID).sum()) for _ in range(20)]
    assert kept == [6] + [1] * 19


@pytest.mark.parametrize("since", ["frame", "kept"])
def test_a_cut_is_kept_whole(since: Since) -> None:
    dropping, still = TokenDropping(since=since), frame(0)
    dropping(still, GRID)
    dropping(still, GRID)
    assert dropping(-still, GRID).all()


def test_a_patch_that_changed_is_kept_and_the_threshold_is_exclusive() -> None:
    dropping = TokenDropping(0.5)
    dropping(torch.tensor([[1.0, 0.0]] * 4), (1, 2, 2))
    half = [0.5, 0.75**0.5]  # a cosine of 0.5
    kept = dropping(torch.tensor([[1.0, 0.0], half, [0.0, 1.0], [-1.0, 0.0]]), (1, 2, 2))
    assert kept.tolist() == [False, False, True, True]


def test_slow_drift_is_kept_only_since_what_was_kept() -> None:
    total: dict[Since, int] = {}
    for since in ("frame", "kept"):
        dropping = TokenDropping(since=since)
        total[since] = 0
        for step in range(30):  # one patch turns by 3 degrees a frame, the other round, so that no frame is all dropped
            angles = torch.tensor([step * 3.0, step * 180.0]).deg2rad()
            total[since] += int(dropping(torch.stack([angles.cos(), angles.sin()], dim=1), (1, 1, 2))[0])
    assert total == {"frame": 1, "kept": 2}  # the first frame, and again beyond 60 degrees


def test_another_size_begins_anew() -> None:
    dropping = TokenDropping()
    dropping(frame(0), (1, 2, 3))
    assert dropping(frame(0)[:4], (1, 2, 2)).all()


@given(st.lists(st.integers(0, 2), min_size=1, max_size=8), st.integers(1, 4), st.sampled_from(["frame", "kept"]))
def test_how_frames_are_cut_into_chunks_does_not_matter(seeds: list[int], size: int, since: Since) -> None:
    single, several = TokenDropping(since=since), TokenDropping(since=since)
    expected = torch.cat([single(frame(seed), GRID) for seed in seeds])
    parts = [seeds[at : at + size] for at in range(0, len(seeds), size)]
    kept = [several(torch.cat([frame(seed) for seed in part]), (len(part), 2, 3)) for part in parts]
    assert torch.equal(torch.cat(kept), expected)


def test_above_one_nothing_is_dropped() -> None:
    dropping = TokenDropping(1.01)
    assert all(dropping(frame(0), GRID).all() for _ in range(3))


def test_another_comparison_is_refused() -> None:
    with pytest.raises(ModelError, match="frame or kept"):
        TokenDropping(since="ever")  # type: ignore[arg-type]
