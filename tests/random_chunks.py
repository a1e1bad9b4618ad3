"""Chunks of random keys and values, as a model's layers give them to a cache policy."""

from __future__ import annotations

from collections.abc import Iterator

import torch

from whenabouts.grounders.stream.cache.policy import CachePolicy, Chunk, Tokens

__all__ = ["chunks", "prompt", "question", "run"]

LAYERS, HEADS, QUERY_HEADS, WIDTH = 2, 2, 4, 4


def chunks(count: int, *, tokens: int = 4, layers: int = LAYERS, seed: int = 0, begun: int = 0) -> Iterator[Chunk]:
    """That many frames of `tokens` tokens each; tokens are counted on from `begun`."""
    draw = torch.Generator().manual_seed(seed)
    for step in range(count):
        numbers = torch.arange(begun + step * tokens, begun + (step + 1) * tokens)
        yield _chunk(numbers, torch.full_like(numbers, step), (1, 1, tokens), layers, draw)


def prompt(tokens: int = 3) -> Chunk:
    """What stands before a stream."""
    numbers = torch.arange(tokens)
    return _chunk(numbers, torch.full_like(numbers, -1), (0, 0, 0), LAYERS, torch.Generator().manual_seed(99))


def question(tokens: int = 3, *, seed: int = 1) -> list[torch.Tensor]:
    """What a question looks for in every layer."""
    draw = torch.Generator().manual_seed(seed)
    return [torch.randn(QUERY_HEADS, tokens, WIDTH, generator=draw) for _ in range(LAYERS)]


def run(policy: CachePolicy, count: int, **kind: int) -> CachePolicy:
    """The policy after that many frames."""
    for chunk in chunks(count, **kind):
        policy.arrive(chunk)
    return policy


def _chunk(
    numbers: torch.Tensor, frames: torch.Tensor, grid: tuple[int, int, int], count: int, draw: torch.Generator
) -> Chunk:
    def random(heads: int) -> torch.Tensor:
        return torch.randn(heads, len(numbers), WIDTH, generator=draw)

    layers = [Tokens(random(HEADS), random(HEADS), numbers[None], numbers, frames) for _ in range(count)]
    return Chunk(layers, [random(QUERY_HEADS) for _ in layers], random(1)[0], grid)
