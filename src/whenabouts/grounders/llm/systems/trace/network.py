"""TRACE's network: CLIP, eight slots a frame, a Mistral, and tables and heads for times and scores.

Every parameter has its official name (gyxxyg/TRACE, `trace/model`): `model.vision_tower…`, `model.mm_projector…`,
`model.time_tower…`, `model.score_tower…`, `model.sync_tower…`, `time_head`, `score_head`, `sync_head`, and those of
the language model.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, embedding

from whenabouts.grounders.llm.systems.trace.events import SIZE, encode_time

__all__ = ["SLOTS", "SpatialSlots", "TraceNetwork", "trace_loss"]

SLOTS = 8  # of a frame


class SpatialSlots(nn.Module):
    """The patches of a frame gathered in a few slots, each a mean that the slot's own vector weights."""

    def __init__(self, width: int, out: int, slots: int = SLOTS) -> None:
        super().__init__()
        self.slots = nn.Parameter(torch.randn(width, slots))
        self.ln_vision = nn.LayerNorm(width, eps=1e-6)
        self.readout = nn.Linear(width, out, bias=False)

    def forward(self, patches: Tensor) -> Tensor:
        """Frames of patches (T, N, W) -> (T, slots, D)."""
        placed = rotated(self.ln_vision(patches))
        weights = (placed @ self.slots).softmax(1)
        gathered: Tensor = self.readout(weights.transpose(1, 2) @ placed)
        return gathered


def rotated(patches: Tensor) -> Tensor:
    """Rotary positions of N patches (…, N, W), over the whole width."""
    count, width = patches.shape[-2:]
    steps = torch.arange(0, width, 2, device=patches.device).float() / width
    angles = torch.outer(torch.arange(count, device=patches.device).float(), 10000.0**-steps).repeat(1, 2)
    first, second = patches.chunk(2, -1)
    turned = torch.cat([-second, first], -1)
    return patches * angles.cos().to(patches) + turned * angles.sin().to(patches)


class _Table(nn.Module):
    def __init__(self, size: int, width: int) -> None:
        super().__init__()
        self.embed_tokens = nn.Embedding(size, width)


class _Seeing(nn.Module):
    """CLIP's vision model under the official names, whose two outer layers depend on the version of transformers."""

    def __init__(self, clip: Any) -> None:
        super().__init__()
        self.vision_tower = nn.Module()
        self.vision_tower.vision_model = getattr(clip, "vision_model", clip)


class TraceNetwork(nn.Module):
    """A Mistral for causal language modelling of transformers, with what TRACE adds to it.

    clip:  a CLIPVisionModel of transformers        layer: whose patches are taken, counted as hidden states
    """

    def __init__(self, language: Any, clip: Any, *, layer: int = -2) -> None:
        super().__init__()
        width, self.vocabulary, self.layer = language.config.hidden_size, language.config.vocab_size, layer
        self.model, self.lm_head = language.model, language.lm_head
        self.model.vision_tower = _Seeing(clip)
        self.model.mm_projector = SpatialSlots(clip.config.hidden_size, width)
        self.model.time_tower = _Table(SIZE, width)
        self.model.score_tower = _Table(SIZE, width)
        self.model.sync_tower = _Table(1, width)
        self.time_head = nn.Linear(width, SIZE, bias=False)
        self.score_head = nn.Linear(width, SIZE, bias=False)
        self.sync_head = nn.Linear(width, 1, bias=False)

    @property
    def device(self) -> torch.device:
        """Where it is."""
        return self.time_head.weight.device

    @property
    def sync(self) -> Tensor:
        """The embedding (1, D) of the `<sync>` that ends a prompt."""
        table: Tensor = self.model.sync_tower.embed_tokens.weight
        return table

    def see(self, pixels: Tensor, times: Sequence[float]) -> Tensor:
        """Frames (T, 3, S, S) as CLIP takes them, and their times in seconds -> embeddings (T · (8 + 6), D).

        Each frame is its slots and then the six characters of its time.
        """
        patches = self.patches(pixels)
        written = torch.tensor([encode_time(time) for time in times], device=patches.device)
        stamps = self.model.time_tower.embed_tokens(written)
        return torch.cat([self.model.mm_projector(patches), stamps], dim=1).flatten(0, 1)

    @torch.no_grad()
    def patches(self, pixels: Tensor) -> Tensor:
        """Frames (T, 3, S, S) -> patches (T, N, W); CLIP is never trained."""
        clip = self.model.vision_tower.vision_tower.vision_model
        table = clip.embeddings.patch_embedding.weight
        seen = clip(pixels.to(table), output_hidden_states=True).hidden_states[self.layer]
        patches: Tensor = seen[:, 1:]
        return patches

    def embed(self, ids: Tensor) -> Tensor:
        """Token ids of words, times and scores (…) -> embeddings (…, D)."""
        towers = (self.model.sync_tower, self.model.time_tower, self.model.score_tower)
        extra = torch.cat([tower.embed_tokens.weight for tower in towers])
        words = self.model.embed_tokens(ids.clamp(max=self.vocabulary - 1))
        others = embedding((ids - self.vocabulary).clamp(min=0), extra)
        return torch.where((ids < self.vocabulary)[..., None], words, others)

    def logits(self, hidden: Tensor) -> Tensor:
        """Last hidden states (…, D) -> scores of every token (…, V + 27)."""
        heads = (self.lm_head, self.sync_head, self.time_head, self.score_head)
        return torch.cat([head(hidden) for head in heads], dim=-1)

    def ranges(self) -> tuple[slice, slice, slice]:
        """Token ids that may be generated as words, times and scores."""
        first = self.vocabulary + 1
        return slice(0, first), slice(first, first + SIZE), slice(first + SIZE, first + 2 * SIZE)


def trace_loss(logits: Tensor, ids: Tensor, ranges: Sequence[slice]) -> Tensor:
    """Next-token cross-entropy of each kind over its own range, summed.

    logits: (B, L, V + 27)        ids: (B, L), −100 where there is no loss; officially every `<sync>` has one, that of
    the prompt too
    """
    logits, ids = logits[:, :-1], ids[:, 1:]
    total = logits.new_zeros(())
    for kind in ranges:
        here = (ids >= kind.start) & (ids < kind.stop)
        if here.any():
            total = total + cross_entropy(logits[here][:, kind].float(), ids[here] - kind.start)
    return total
