"""InfiniPot-V (arXiv:2506.15745): a full cache is compressed to what changed lately and to the largest values.

As the official code at 81a4dbe (kvcache_utils.py, `process_kv_cache`, method infinipot-v): whenever `block` frames are
kept they are compressed to `kept` frames' worth of tokens, every head for itself. Departure, which is ours: keys are
compared before rotation, official code compares rotated ones. As there, tokens are counted off into frames again after
a compression, so that what is compared with one patch may then be another of an older frame.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import torch
from torch import Tensor
from torch.nn.functional import avg_pool1d, avg_pool2d, avg_pool3d, normalize

from whenabouts.errors import ModelError
from whenabouts.grounders.stream.cache.policy import CachePolicy, Chunk, Tokens

__all__ = ["InfiniPotV", "compressed", "pooled"]

POOLING = ((3, 7), (2, 5), (1, 3), (0, 1))  # dimensions and size, by quarter of the layers


@dataclass
class InfiniPotV(CachePolicy):
    """Settings as published.

    block:   frames at which the cache is compressed
    kept:    frames' worth of tokens that stay
    share:   of these, chosen because they changed: the newest frames, and older ones unlike them
    newest:  part of the frames that always stays
    pooling: value norms are averaged over neighbours first, over fewer in deeper layers; off in official code
    """

    name: ClassVar[str] = "infinipot-v"
    paper: ClassVar[str | None] = "2506.15745"

    block: int = 32
    kept: int = 24
    share: float = 0.5
    newest: float = 0.25
    pooling: bool = False
    _prompt: list[Tokens] = field(default_factory=list, init=False, repr=False)
    _layers: list[Tokens] = field(default_factory=list, init=False, repr=False)
    _grid: tuple[int, int] | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        recent = int(self.block * self.newest)
        if not (0 < self.kept < self.block and 1 <= recent <= self.kept * self.share <= self.kept):
            raise ModelError(
                "the cache policy infinipot-v needs 0 < kept < block, and a share of the kept frames that holds the"
                f" newest, got block={self.block}, kept={self.kept}, share={self.share}, newest={self.newest}"
            )

    def arrive(self, chunk: Chunk) -> None:
        """Keep it, and compress what is kept when it fills the block. Raises ModelError for frames of another size."""
        if chunk.grid[0] == 0:
            self._prompt = list(chunk.layers)
            return
        if self._grid not in {None, chunk.grid[1:]}:
            raise ModelError(
                f"the cache policy infinipot-v compares patches of frames alike in size, and tokens of"
                f" {chunk.grid[1:]} came after {self._grid}; scale frames to one size"
            )
        self._grid = chunk.grid[1:]
        pairs = zip(self._layers, chunk.layers, strict=True) if self._layers else ()
        self._layers = [Tokens.join(pair) for pair in pairs] or list(chunk.layers)
        frame = self._grid[0] * self._grid[1]
        if len(self._layers[0]) >= self.block * frame:
            self._layers = [self._compressed(number, frame) for number in range(len(self._layers))]

    def attended(self, layer: int) -> Tokens | None:
        """The prompt and all that is kept."""
        parts = [layers[layer] for layers in (self._prompt, self._layers) if layers]
        return Tokens.join(parts) if parts else None

    @property
    def nbytes(self) -> int:
        """Bytes of all layers."""
        return sum(tokens.nbytes for tokens in (*self._prompt, *self._layers))

    def settings(self) -> dict[str, Any]:
        """The sizes and shares."""
        return {name: getattr(self, name) for name in ("block", "kept", "share", "newest", "pooling")}

    def _compressed(self, layer: int, frame: int) -> Tokens:
        tokens, grid = self._layers[layer], self._grid or (1, frame)
        norms = tokens.values.float().norm(dim=-1)
        if self.pooling:
            quarter = min(layer // max(1, len(self._layers) // len(POOLING)), len(POOLING) - 1)
            norms = pooled(norms, grid, *POOLING[quarter])
        return tokens.take(compressed(tokens.keys.float(), norms, frame, self.kept, self.share, self.newest))


def compressed(keys: Tensor, norms: Tensor, frame: int, kept: int, share: float, newest: float) -> Tensor:
    """Which tokens stay in each head, (H, kept × frame) in order, of `keys` (H, N, D) and value norms (H, N).

    Temporal redundancy: a share of the places goes to the newest frames and to older tokens that are least like the
    same patch of these. The other places go to the largest norms.
    """
    heads, count, size = keys.shape
    budget = kept * frame - round((1 - share) * kept * frame)
    recent = int(count // frame * newest) * frame
    units = normalize(keys, dim=-1, eps=1e-9)
    old = units[:, :-recent].view(heads, -1, frame, size)
    new = units[:, -recent:].view(heads, -1, frame, size).mean(dim=1)
    unlike = -(old * new[:, None]).sum(dim=-1).flatten(1)
    older = unlike.topk(budget - recent, dim=-1).indices
    latest = torch.arange(count - recent, count, device=keys.device).expand(heads, -1)
    scores = norms.scatter(1, torch.cat([older, latest], dim=1), float(norms.max()) + 1)
    return scores.topk(kept * frame, dim=-1).indices.sort(dim=-1).values


def pooled(norms: Tensor, grid: tuple[int, int], dimensions: int, size: int) -> Tensor:
    """Norms (H, N) averaged over neighbours in 3 dimensions (time too), 2, 1 (along the tokens) or 0 (as given)."""
    if dimensions == 0:
        return norms
    if dimensions == 1:
        return avg_pool1d(norms, size, 1, size // 2)
    video = norms.view(len(norms), -1, *grid)
    size = min(size, *video.shape[1:])
    size -= size % 2 == 0
    if size < 2:
        return norms
    pool = avg_pool3d if dimensions == 3 else avg_pool2d
    return pool(video, size, 1, size // 2).reshape(norms.shape)
