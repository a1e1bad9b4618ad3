from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.grounders.stream.cache.vision_sinks import sink_scores, sinks_in_buckets


@st.composite
def compressions(draw: st.DrawFn) -> tuple[list[float], int, int, int]:
    """Scores of L tokens, a budget M, a capacity B that divides it, and R."""
    capacity = draw(st.integers(1, 4))
    budget = capacity * draw(st.integers(1, 8))
    scores = draw(st.lists(st.integers(0, 9).map(float), min_size=1, max_size=60))
    return scores, budget, capacity, draw(st.integers(0, budget))


def one_by_one(scores: list[float], budget: int, capacity: int, top: int) -> list[int]:
    """The definition, token after token."""
    length, buckets = len(scores), budget // capacity
    order = sorted(range(length), key=lambda token: -scores[token])
    kept: list[int] = []
    filled = [0] * (buckets + 1)
    for rank, token in enumerate(order):
        bucket = math.ceil((token + 1) * buckets / length)
        if len(kept) < budget and (rank < top or filled[bucket] < capacity):
            kept.append(token)
            filled[bucket] += 1
    return sorted(kept)


@given(compressions())
def test_it_keeps_what_the_definition_keeps(given: tuple[list[float], int, int, int]) -> None:
    scores, budget, capacity, top = given
    kept = sinks_in_buckets(torch.tensor(scores), budget, capacity=capacity, top=top).tolist()
    assert kept == (one_by_one(scores, budget, capacity, top) if len(scores) > budget else list(range(len(scores))))


@given(compressions())
def test_it_keeps_exactly_the_budget_in_order_and_the_best(given: tuple[list[float], int, int, int]) -> None:
    scores, budget, capacity, top = given
    kept = sinks_in_buckets(torch.tensor(scores), budget, capacity=capacity, top=top).tolist()
    assert len(kept) == min(budget, len(scores))
    assert kept == sorted(set(kept))
    best = sorted(range(len(scores)), key=lambda token: -scores[token])[:top]
    assert set(best) <= set(kept)


@given(compressions())
def test_room_is_left_only_for_what_overflows_elsewhere(given: tuple[list[float], int, int, int]) -> None:
    scores, budget, capacity, top = given
    length, buckets = len(scores), budget // capacity
    if length <= budget:
        return
    kept = sinks_in_buckets(torch.tensor(scores), budget, capacity=capacity, top=top)
    sizes = torch.bincount(((kept + 1) * buckets + length - 1) // length, minlength=buckets + 1)[1:]
    assert (sizes - capacity).clamp(min=0).sum() == (capacity - sizes).clamp(min=0).sum()
    if top == 0:
        assert (sizes == capacity).all()


def test_four_tokens_of_eight_by_hand() -> None:
    # Buckets of two tokens: (0 1) (2 3) (4 5) (6 7). The two best, 6 and 7, stay although they share one; then 1 and 3
    # are the best of theirs, and the budget is spent before bucket (4 5).
    scores = torch.tensor([0.1, 0.6, 0.2, 0.5, 0.0, 0.3, 0.9, 0.8])
    assert sinks_in_buckets(scores, 4, top=2).tolist() == [1, 3, 6, 7]
    assert sinks_in_buckets(scores, 4, top=0).tolist() == [1, 3, 5, 6]


def test_scores_are_the_attention_of_the_newest_tokens() -> None:
    draw = torch.Generator().manual_seed(0)
    queries, keys = torch.randn(6, 5, 8, generator=draw), torch.randn(2, 9, 8, generator=draw)
    repeated = keys.repeat_interleave(3, dim=0)  # as transformers' repeat_kv lets three query heads read one
    expected = (queries @ repeated.transpose(1, 2) / math.sqrt(8)).softmax(-1).mean(dim=(0, 1))
    torch.testing.assert_close(sink_scores(queries, keys), expected)
    assert float(sink_scores(queries, keys).sum()) == pytest.approx(1.0)
