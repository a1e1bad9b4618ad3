from __future__ import annotations

from collections import deque

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from random_chunks import chunks

from whenabouts.grounders.stream.cache.policy import Tokens
from whenabouts.grounders.stream.cache.token_queue import TokenQueue

STEPS = st.lists(st.tuples(st.sampled_from(["append", "popleft", "keep"]), st.integers(0, 6)), max_size=40)


@given(STEPS)
def test_it_holds_what_a_list_would_hold(steps: list[tuple[str, int]]) -> None:
    queue, expected, count = TokenQueue(), deque[int](), 0
    for step, size in steps:
        if step == "append":
            tokens = next(chunks(1, tokens=size, begun=count)).layers[0]
            queue.append(tokens)
            expected.extend(range(count, count + size))
            count += size
        elif step == "popleft":
            taken = min(size, len(expected))
            if taken:
                assert queue.popleft(taken).numbers.tolist() == [expected.popleft() for _ in range(taken)]
        else:
            chosen = torch.arange(0, len(expected), 1 + size)
            queue.keep(chosen)
            expected = deque(list(expected)[:: 1 + size])
        held = queue.tokens
        assert len(queue) == len(expected)
        assert ([] if held is None else held.numbers.tolist()) == list(expected)


def test_keys_and_values_stay_with_their_tokens() -> None:
    queue, whole = TokenQueue(), Tokens.join([chunk.layers[0] for chunk in chunks(30)])
    for place in range(0, 120, 4):
        queue.append(whole.take(slice(place, place + 4)))
        if len(queue) > 10:
            queue.popleft(3)
    held = queue.tokens
    assert held is not None
    assert torch.equal(held.keys, whole.take(held.numbers).keys)
    assert torch.equal(held.values, whole.take(held.numbers).values)
    assert torch.equal(held.positions, whole.take(held.numbers).positions)


def test_what_is_held_is_not_copied() -> None:
    queue = TokenQueue()
    for chunk in chunks(3):
        queue.append(chunk.layers[0])
    first, second = queue.tokens, queue.tokens
    assert first is not None
    assert second is not None
    assert first.keys.data_ptr() == second.keys.data_ptr()


def test_memory_follows_what_is_held_and_not_what_went_through() -> None:
    queue, sizes = TokenQueue(), []
    for chunk in chunks(1_000):
        queue.append(chunk.layers[0])
        if len(queue) > 40:
            queue.popleft(4)
        sizes.append(queue.nbytes)
    assert sizes[-1] == sizes[50]
    assert queue.tokens is not None
    assert sizes[-1] <= 1.5 * queue.tokens.nbytes


def test_more_than_is_held_cannot_be_taken() -> None:
    with pytest.raises(IndexError):
        TokenQueue().popleft(1)
