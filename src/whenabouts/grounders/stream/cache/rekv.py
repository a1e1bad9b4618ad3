"""ReKV (arXiv:2503.00540): a sliding window while the stream is read; a question brings back the frames it looks for.

As the official code at 63793f7 (model/attention/kv_cache_manager.py): a block is a frame, its key the mean of its keys,
and in every layer the blocks with the largest dot product with the mean query are attended to, and nothing else but the
prompt. Departures, which are ours:

- Official code keeps every frame in RAM. Here at most `memory` are kept: beyond them the older frame goes whose mean
  keys are most like those of the frame after it, so that what is seen once outlives what is seen for long.
- While reading, the prompt stands in front of the window and not at one distance from all tokens.
- The mean query is that of all words behind the video, those of the chat template included.
- What is brought back moves from RAM for every question: there are no 128 blocks of the last questions on the GPU.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import torch
from torch import Tensor
from torch.nn.functional import cosine_similarity

from whenabouts.errors import ModelError
from whenabouts.grounders.stream.cache.placing import closed
from whenabouts.grounders.stream.cache.policy import CachePolicy, Chunk, Tokens

__all__ = ["ReKV", "most_alike"]


@dataclass
class ReKV(CachePolicy):
    """Settings as published, but for `memory`.

    local:  tokens of the stream in the sliding window
    blocks: frames that a question brings back in a layer
    run:    neighbouring frames that are brought back together
    memory: frames that are kept (ours: an hour at one a second)
    """

    name: ClassVar[str] = "rekv"
    paper: ClassVar[str | None] = "2503.00540"

    local: int = 15_000
    blocks: int = 64
    run: int = 1
    memory: int = 3_600
    _prompt: Sequence[Tokens] = field(default=(), init=False, repr=False)
    _kept: list[_Block] = field(default_factory=list, init=False, repr=False)
    _alike: list[float] = field(default_factory=list, init=False, repr=False)  # of each block and the next

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.blocks % self.run:
            raise ModelError(
                f"the cache policy rekv needs blocks that are a multiple of its run {self.run}, got {self.blocks}"
            )

    def arrive(self, chunk: Chunk) -> None:
        """Keep a frame, move what left the window to RAM, and drop the most redundant frame beyond `memory`."""
        if chunk.grid[0] == 0:
            self._prompt = chunk.layers
            return
        block = _Block(list(chunk.layers), torch.stack([tokens.keys.mean(dim=1).flatten() for tokens in chunk.layers]))
        if self._kept:
            self._alike.append(_alike(self._kept[-1], block))
        self._kept.append(block)
        first = self._window()
        for old in reversed(self._kept[:first]):
            if not old.move("cpu"):
                break
        if len(self._kept) > self.memory:
            self._drop(int(torch.tensor(self._alike[: max(1, min(first, len(self._alike)))]).argmax()))

    def attended(self, layer: int) -> Tokens | None:
        """The prompt and the window."""
        return self._joined(layer, range(self._window(), len(self._kept)))

    def recall(self, layer: int, query: Tensor) -> Tokens | None:
        """The prompt and the frames whose mean keys answer the mean query best, in the order of the stream."""
        if len(self._kept) <= self.blocks:
            return self._joined(layer, range(len(self._kept)))
        wanted = query.mean(dim=1)  # (Hq, D)
        heads = len(self._kept[0].layers[layer].keys)
        summed = wanted.view(heads, -1, wanted.shape[-1]).sum(dim=1).flatten()  # query heads of one key head share it
        means = torch.stack([block.means[layer] for block in self._kept])
        return self._joined(layer, most_alike(means.float() @ summed.float(), self.blocks, self.run).tolist())

    @property
    def nbytes(self) -> int:
        """Bytes of the prompt, the frames and their means."""
        return sum(tokens.nbytes for tokens in self._prompt) + sum(block.nbytes for block in self._kept)

    def settings(self) -> dict[str, Any]:
        """The sizes."""
        return {"local": self.local, "blocks": self.blocks, "run": self.run, "memory": self.memory}

    def _window(self) -> int:
        """The first block of the window, which holds the newest frame at least."""
        held = 0
        for back, block in enumerate(reversed(self._kept)):
            held += len(block.layers[0])
            if held > self.local:
                return len(self._kept) - max(back, 1)
        return 0

    def _joined(self, layer: int, chosen: Sequence[int]) -> Tokens | None:
        prompt = [self._prompt[layer]] if self._prompt else []
        parts = [*prompt, *(self._kept[number].on(layer, self._device) for number in chosen)]
        return closed(Tokens.join(parts)) if parts else None

    @property
    def _device(self) -> torch.device:
        return (self._prompt or self._kept[-1].layers)[0].keys.device

    def _drop(self, number: int) -> None:
        del self._kept[number]
        if number < len(self._alike):
            del self._alike[number]
        if 0 < number < len(self._kept):
            self._alike[number - 1] = _alike(self._kept[number - 1], self._kept[number])


@dataclass(eq=False)
class _Block:
    """A frame in every layer, and its mean keys (L, H × D), which stay where they were made."""

    layers: list[Tokens]
    means: Tensor

    def __post_init__(self) -> None:
        self.nbytes = self.means.nbytes + sum(tokens.nbytes for tokens in self.layers)

    def move(self, device: str) -> bool:
        """Whether it was not there yet."""
        if self.layers[0].keys.device.type == device:
            return False
        self.layers = [_moved(tokens, torch.device(device)) for tokens in self.layers]
        return True

    def on(self, layer: int, device: torch.device) -> Tokens:
        tokens = self.layers[layer]
        return tokens if tokens.keys.device == device else _moved(tokens, device)


def most_alike(scores: Tensor, count: int, run: int = 1) -> Tensor:
    """Which blocks are brought back, in order: the best `count` of `scores` (B,), `run` neighbours at a time.

    As official `ContextManager._calc_block_topk`: a run counts as the mean of its scores, the last one may be shorter.
    """
    whole = len(scores) // run * run
    runs = scores[:whole].view(-1, run).mean(dim=1)
    if whole < len(scores):
        runs = torch.cat([runs, scores[whole:].mean()[None]])
    best = runs.topk(min(count // run, len(runs))).indices.sort().values
    chosen = (best[:, None] * run + torch.arange(run, device=scores.device)).flatten()
    return chosen[chosen < len(scores)]


def _alike(one: _Block, other: _Block) -> float:
    """The cosine of mean keys, the mean over layers."""
    return float(cosine_similarity(one.means.float(), other.means.float(), dim=1).mean())


def _moved(tokens: Tokens, device: torch.device) -> Tokens:
    held = (tokens.keys, tokens.values, tokens.positions, tokens.numbers, tokens.frames)
    return Tokens(*(tensor.to(device) for tensor in held))
