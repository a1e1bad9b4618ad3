"""Dynamic token dropping (CacheFlow, arXiv:2511.13644): a patch enters the model only if it changed."""

from __future__ import annotations

from typing import Literal, get_args

import torch
from torch import Tensor
from torch.nn.functional import cosine_similarity

from whenabouts.errors import ModelError

__all__ = ["Since", "TokenDropping"]

Since = Literal["frame", "kept"]


class TokenDropping:
    """Keeps the patches whose features are less similar to those at the same place before than a threshold.

    The first frame, and the first of another size, is kept whole. A frame in which nothing changed keeps the patch that
    changed most.

    threshold: τ; a patch is kept where its cosine similarity is below; above 1 everything is kept
    since:     "frame" compares with the frame before, as the paper does: what changes slowly is never kept again.
               "kept" compares with the patch last kept at that place (ours)

    Raises ModelError.
    """

    def __init__(self, threshold: float = 0.5, since: Since = "frame") -> None:
        if since not in get_args(Since):
            raise ModelError(f"patches can be compared since {' or '.join(get_args(Since))}, not {since!r}")
        if not threshold >= -1:  # nor is it where it is not a number
            raise ModelError(f"a patch changed where its cosine is below a threshold of -1 or more, got {threshold}")
        self.threshold, self.since = threshold, since
        self._reference: Tensor | None = None  # (P, F)
        self._size = (0, 0)

    def __call__(self, features: Tensor, grid: tuple[int, int, int]) -> Tensor:
        """A mask (N,) of the patches (N, F) that are kept of the next frames; `grid` is frames, height, width."""
        if self._size != grid[1:]:
            self._reference, self._size = None, grid[1:]
        kept = torch.ones(grid[0], grid[1] * grid[2], dtype=torch.bool, device=features.device)
        for mask, frame in zip(kept, features.reshape(*kept.shape, -1), strict=True):
            if self._reference is None:
                self._reference = frame.clone()
                continue
            similarity = cosine_similarity(frame.float(), self._reference.float(), dim=-1)
            mask.copy_(similarity < self.threshold)
            mask[similarity.argmin()] = True  # it is kept anyway, unless nothing else is
            changed = mask[:, None] if self.since == "kept" else torch.ones_like(mask[:, None])
            self._reference = torch.where(changed, frame, self._reference)
        return kept.flatten()

    @property
    def nbytes(self) -> int:
        """Bytes of the patches that are compared with."""
        return 0 if self._reference is None else self._reference.nbytes
