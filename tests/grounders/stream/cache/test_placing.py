from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("torch", reason="the extra hub is not installed")

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from whenabouts.grounders.stream.cache.placing import behind, closed, text_behind
from whenabouts.grounders.stream.cache.policy import Tokens


def tokens(positions: list[list[int]] | Tensor, frames: list[int] | Tensor) -> Tokens:
    at, of = torch.as_tensor(positions), torch.as_tensor(frames)
    count = at.shape[-1]
    return Tokens(torch.randn(2, count, 4), torch.randn(2, count, 4), at, torch.arange(count), of)


def test_gaps_on_one_axis_are_closed() -> None:
    held = tokens([[0, 1, 5, 6, 40, 41, 43]], [-1, -1, 1, 1, 9, 9, 10])
    assert closed(held).positions.tolist() == [[0, 1, 2, 3, 4, 5, 6]]


def test_on_three_axes_neighbours_keep_their_distance_and_only_time_moves() -> None:
    time = [0, 1, 12, 12, 14, 14, 90, 90]
    height = [0, 1, 2, 3, 2, 3, 2, 3]
    held = tokens([time, height, height], [-1, -1, 5, 5, 6, 6, 40, 40])
    assert closed(held).positions.tolist() == [[0, 1, 2, 2, 4, 4, 6, 6], height, height]


@given(st.lists(st.integers(1, 4), min_size=1, max_size=8), st.integers(0, 3), st.sampled_from([1, 3]))
def test_where_nothing_is_missing_nothing_changes(sizes: list[int], prompt: int, axes: int) -> None:
    of = [-1] * prompt + [frame for frame, size in enumerate(sizes) for _ in range(size)]
    first = list(range(len(of))) if axes == 1 else [*range(prompt), *(prompt + 2 * frame for frame in of[prompt:])]
    side = [*range(prompt), *([prompt] * (len(of) - prompt))]
    held = tokens([first, side, side][:axes], of)
    assert torch.equal(closed(held).positions, held.positions)
    assert torch.equal(closed(held.by_head()).positions, held.by_head().positions)


def test_every_head_closes_its_own_gaps() -> None:
    held = tokens([[0, 3, 4, 8, 9]], [-1, 0, 0, 1, 1]).take(torch.tensor([[0, 1, 3], [0, 2, 4]]))
    assert held.frames.tolist() == [[-1, 0, 1], [-1, 0, 1]]
    assert closed(held).positions.tolist() == [[[0, 1, 2], [0, 1, 2]]]


def test_joined_heads_and_plain_tokens_keep_their_places() -> None:
    plain = tokens([[0, 1]], [-1, -1])
    several = tokens([[5, 6, 7]], [0, 0, 0]).take(torch.tensor([[0, 2], [1, 2]]))
    joined = Tokens.join([plain, several])
    assert joined.positions.tolist() == [[[0, 1, 5, 7], [0, 1, 6, 7]]]
    assert joined.take(torch.tensor([True, False, True, True])).frames.tolist() == [[-1, 0, 0], [-1, 0, 0]]


def test_a_chunk_stands_behind_the_newest_token_that_is_attended_to() -> None:
    chunk = torch.tensor([[30, 30], [2, 3], [2, 2]])
    window = tokens([[0, 1, 6, 8], [0, 1, 2, 3], [0, 1, 2, 2]], [-1, -1, 3, 4])  # placed anew from 28
    assert behind(window, chunk, 28, 2).tolist() == [[10, 10], [2, 3], [2, 2]]
    assert behind(window.take(torch.tensor([0, 1])), chunk, 28, 2).tolist() == [[2, 2], [2, 3], [2, 2]]
    assert behind(None, chunk, None, 2)[0].tolist() == [2, 2]
    assert text_behind(window, 3, 2, torch.device("cpu")).tolist() == [[9, 10]] * 3
    assert text_behind(None, 1, 2, torch.device("cpu")).tolist() == [[0, 1]]


def test_scores_depend_on_distances_alone(engine: Any) -> None:
    from whenabouts.grounders.stream.cache.rotary import Rotary

    rotary = Rotary(engine.network.model.language_model)
    axes = 1 if engine.network.config.model_type == "llava_onevision" else 3
    query, key = torch.randn(2, 5, 16), torch.randn(2, 5, 16)
    at = torch.randint(0, 50, (axes, 5))
    scores = [rotary.turn(query, at + shift) @ rotary.turn(key, at + shift).mT for shift in (0, 100)]
    assert torch.allclose(*scores, atol=1e-4)
    by_head = rotary.turn(key, at[:, None].expand(-1, 2, -1))
    assert torch.equal(by_head, rotary.turn(key, at))
