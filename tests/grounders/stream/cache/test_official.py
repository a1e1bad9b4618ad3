"""What is kept and what is brought back, as official code chooses it.

The golden values are those of official functions run on the same numbers (`drawn`):
InfiniPot-V at 81a4dbe, kvcache_utils.py:process_kv_cache with method infinipot-v, 8 frames of 2 × 2 tokens to 6;
ReKV at 63793f7, model/attention/kv_cache_manager.py:ContextManager._calc_block_topk, 23 blocks, topk 8.
"""

from __future__ import annotations

import pytest

pytest.importorskip("torch", reason="the extra hub is not installed")

import torch
from torch import Tensor

from whenabouts.grounders.stream.cache.infinipot import compressed, pooled
from whenabouts.grounders.stream.cache.rekv import most_alike

PLAIN = [
    [1, 2, 3, 4, 5, 7, 8, 9, 10, 12, 13, 15, 17, 19, 20, 22, 24, 25, 26, 27, 28, 29, 30, 31],
    [0, 1, 2, 3, 4, 6, 8, 9, 13, 14, 16, 17, 19, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31],
]
ALONG = [
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 16, 22, 24, 25, 26, 27, 28, 29, 30, 31],
    [0, 1, 2, 3, 4, 6, 7, 8, 9, 13, 14, 15, 16, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31],
]


def drawn(heads: int, count: int, size: int) -> tuple[Tensor, Tensor]:
    """Keys and values between -0.5 and 0.5 that any release of torch makes alike."""
    i = torch.arange(heads * count * size, dtype=torch.float64)
    keys = torch.sin(i * 12.9898 + 78.233) * 43758.5453
    values = torch.sin(i * 39.3468 + 11.135) * 24634.6345
    k, v = ((x - x.floor()).float().view(heads, count, size) - 0.5 for x in (keys, values))
    return k, v


@pytest.mark.parametrize(("pooling", "expected"), [((0, 1), PLAIN), ((3, 7), PLAIN), ((1, 3), ALONG)])
def test_infinipot_keeps_what_official_code_keeps(pooling: tuple[int, int], expected: list[list[int]]) -> None:
    keys, values = drawn(2, 32, 4)
    norms = pooled(values.norm(dim=-1), (2, 2), *pooling)  # 3 dimensions find no room among two cells, as there
    assert compressed(keys, norms, 4, 6, 0.5, 0.25).tolist() == expected


@pytest.mark.parametrize(
    ("run", "expected"),
    [(1, [0, 3, 5, 7, 12, 14, 15, 19]), (2, [0, 1, 6, 7, 14, 15, 18, 19]), (4, [0, 1, 2, 3, 12, 13, 14, 15])],
)
def test_rekv_brings_back_what_official_code_brings_back(run: int, expected: list[int]) -> None:
    means, _ = drawn(23, 2, 8)
    query = drawn(4, 5, 8)[0] * 1.7 + 0.1
    summed = query.mean(dim=1).view(2, 2, 8).sum(dim=1).flatten()
    assert most_alike(means.flatten(1) @ summed, 8, run).tolist() == expected


def test_rekv_takes_a_last_run_that_is_shorter() -> None:
    assert most_alike(torch.tensor([0.0, 0.0, 0.0, 0.0, 9.0]), 2, 2).tolist() == [4]
