from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.grounders.stream.cache.consensus import consensus

SCORES = st.integers(1, 12).flatmap(
    lambda n: st.tuples(*(st.lists(st.integers(0, 5).map(float), min_size=n, max_size=n) for _ in range(2)))
)


def test_agreed_then_last_then_first() -> None:
    first = torch.tensor([0.9, 0.8, 0.7, 0.1, 0.0, 0.2])  # names 0 1 2
    last = torch.tensor([0.1, 0.6, 0.0, 0.9, 0.7, 0.2])  # names 3 4 1
    assert consensus(first, last, 5, 3) == [1, 3, 4, 0, 2]
    assert consensus(first, last, 2, 3) == [1, 3]


def test_lists_no_longer_than_what_is_taken_leave_it_to_the_last_layer() -> None:
    draw = torch.Generator().manual_seed(0)
    first, last = torch.rand(50, generator=draw), torch.rand(50, generator=draw)
    assert set(consensus(first, last, 8, 8)) == set(last.topk(8).indices.tolist())
    assert set(consensus(first, last, 8, 16)) != set(last.topk(8).indices.tolist())


@given(SCORES, st.integers(1, 12), st.integers(1, 12))
def test_no_block_twice_and_agreed_ones_first(scores: tuple[list[float], ...], count: int, depth: int) -> None:
    first, last = (torch.tensor(each) for each in scores)
    chosen = consensus(first, last, count, depth)
    assert len(chosen) == len(set(chosen)) <= count
    named = [set(each.argsort(descending=True, stable=True)[:depth].tolist()) for each in (first, last)]
    group = [0 if block in named[0] & named[1] else 1 if block in named[1] else 2 for block in chosen]
    assert group == sorted(group)
    assert len(chosen) == min(count, len(named[0] | named[1]))


def test_nothing_of_nothing() -> None:
    assert consensus(torch.zeros(0), torch.zeros(0), 4, 8) == []
