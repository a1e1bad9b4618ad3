"""A small VideoITG for vectors of any encoder: a transformer over the frames of a video, not causal, with a score each.

What the published model reads out of pixels and words is here given: how well each frame fits the question, and how
alike any two frames are. So the network sees relations, never the vectors themselves, and what it learned with one
encoder or on drawn features holds for scenes that it never saw. The design is ours; the score (linear, sigmoid), the
loss and the labels are VideoITG's.

Beside a product of keys and queries, attention weighs frame j for frame i by four relations: how alike they are, how
much better j fits, whether j comes before i, and how far apart they are; and what it gathers are states of other frames
and these relations. "Another frame shows the same and fits better" can then be said in one layer.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize

__all__ = ["FrameHead", "HeadConfig", "cosines"]

FACTS = 6  # of a frame
RELATIONS = 4  # of a frame to another
ROWS = 256  # frames that look at all others at once, which bounds memory: 256 × 4,096 pairs are 70 MB


@dataclass(frozen=True, slots=True)
class HeadConfig:
    """Sizes, ours.

    longest: frames of a video that are scored at most
    """

    hidden: int = 32
    heads: int = 4
    layers: int = 2
    longest: int = 4096


class FrameHead(nn.Module):
    """How alike frames are, and how well each fits the question -> a logit for each frame."""

    def __init__(self, config: HeadConfig | None = None) -> None:
        super().__init__()
        self.config = config or HeadConfig()
        self.embed = nn.Linear(FACTS, self.config.hidden)
        self.layers = nn.ModuleList([_Layer(self.config) for _ in range(self.config.layers)])
        self.norm = nn.LayerNorm(self.config.hidden)
        self.out_proj = nn.Linear(self.config.hidden, 1)
        nn.init.xavier_uniform_(self.out_proj.weight)
        nn.init.zeros_(self.out_proj.bias)

    @property
    def options(self) -> dict[str, Any]:
        """Plain values that make this head again."""
        return asdict(self.config)

    def forward(self, alike: Tensor, fits: Tensor) -> Tensor:
        """Cosines (T, T) of frames in the order of time, and scores (T,) on any scale -> logits (T,)."""
        fits = fits.float()
        fits = (fits - fits.mean()) / fits.std(correction=0).clamp(min=1e-6)
        state: Tensor = self.embed(_facts(alike, fits))
        for layer in self.layers:
            state = layer(state, alike, fits)
        logits: Tensor = self.out_proj(self.norm(state))[:, 0]
        return logits


def cosines(vectors: Tensor) -> Tensor:
    """How alike frames are: vectors (T, D) -> (T, T) float32, which all questions about a video share."""
    unit = normalize(vectors.float(), dim=-1)
    return unit @ unit.T


class _Layer(nn.Module):
    def __init__(self, config: HeadConfig) -> None:
        super().__init__()
        width, self.heads = config.hidden, config.heads
        self.before, self.between = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.weigh = nn.Linear(RELATIONS, config.heads, bias=False)
        self.gather = nn.Linear(width + RELATIONS * config.heads, width)
        self.mlp = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))
        # at first every head looks for frames that show the same and fit better
        nn.init.constant_(self.weigh.weight, 0.0)
        with torch.no_grad():
            self.weigh.weight[:, 0] = torch.linspace(5.0, 40.0, config.heads)
            self.weigh.weight[:, 1] = 2.0

    def forward(self, state: Tensor, alike: Tensor, fits: Tensor) -> Tensor:
        """(T, hidden) -> the same."""
        query, key, value = (part.unflatten(-1, (self.heads, -1)) for part in self.qkv(self.before(state)).chunk(3, -1))
        gathered = []
        for first in range(0, len(state), ROWS):
            rows = slice(first, first + ROWS)
            relations = _relations(alike, fits, rows)
            weights = torch.einsum("ihd,jhd->ijh", query[rows], key) / key.shape[-1] ** 0.5 + self.weigh(relations)
            share = weights.softmax(1)
            states = torch.einsum("ijh,jhd->ihd", share, value).flatten(1)
            gathered.append(torch.cat([states, torch.einsum("ijh,ijr->ihr", share, relations).flatten(1)], -1))
        state = state + self.gather(torch.cat(gathered))
        out: Tensor = state + self.mlp(self.between(state))
        return out


def _facts(alike: Tensor, fits: Tensor) -> Tensor:
    """What is told of each frame (T, 6): how it fits, also beside the best, and its two neighbours beside it."""
    ahead = torch.cat([fits[1:], fits[-1:]]) - fits
    behind = torch.cat([fits[:1], fits[:-1]]) - fits
    step = 1 - alike.diagonal(1)
    still = step.new_zeros(1)
    return torch.stack([fits, fits - fits.max(), ahead, behind, torch.cat([step, still]), torch.cat([still, step])], -1)


def _relations(alike: Tensor, fits: Tensor, rows: slice) -> Tensor:
    """What is told of pairs, (R, T, 4): of the frames in `rows` to every frame."""
    place = torch.arange(len(fits), device=fits.device)
    apart = place[None] - place[rows, None]
    return torch.stack(
        [
            alike[rows] - 1,
            (fits[None] - fits[rows, None]).clamp(-3, 3),
            (apart < 0).float(),
            torch.log1p(apart.abs().float()) / 8,
        ],
        -1,
    )
