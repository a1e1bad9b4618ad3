"""A small VideoITG for vectors of any encoder: a transformer over the frames of a video, not causal, with a score each.

What the published model reads out of pixels and words is here told as facts about each frame: how well it fits the
question, beside its neighbours and the best; and whether another frame shows the same and fits better, for several
meanings of "the same". So the network sees relations, never the vectors themselves, and what it learned on drawn
features holds for scenes that it never saw. The design is ours; the score (linear, sigmoid), the loss and the labels
are VideoITG's.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize

__all__ = ["FrameHead", "HeadConfig", "cosines"]

ALIKE = (0.7, 0.8, 0.9, 0.95, 0.98)  # cosines from which on two frames may be said to show the same; ours
FACTS = 6 + 2 * len(ALIKE)  # of a frame
ROWS = 256  # frames that are compared with all others at once, which bounds memory
FAR = 3.0  # deviations by which another frame fits better, at most


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
        self.config = config = config or HeadConfig()
        self.embed = nn.Linear(FACTS, config.hidden)
        layer = nn.TransformerEncoderLayer(
            config.hidden, config.heads, 2 * config.hidden, dropout=0.0, batch_first=True, norm_first=True
        )
        self.layers = nn.TransformerEncoder(
            layer, config.layers, nn.LayerNorm(config.hidden), enable_nested_tensor=False
        )
        self.out_proj = nn.Linear(config.hidden + FACTS, 1)  # of the facts too, whose size a norm takes away
        nn.init.xavier_uniform_(self.out_proj.weight)
        nn.init.zeros_(self.out_proj.bias)

    @property
    def options(self) -> dict[str, Any]:
        """Plain values that make this head again."""
        return asdict(self.config)

    def forward(self, alike: Tensor, fits: Tensor) -> Tensor:
        """Cosines (T, T) of frames in the order of time, and scores (T,) on any scale -> logits (T,)."""
        known = facts(alike, fits)
        state = self.layers(self.embed(known)[None])[0]
        logits: Tensor = self.out_proj(torch.cat([state, known], -1))[:, 0]
        return logits


def cosines(vectors: Tensor) -> Tensor:
    """How alike frames are: vectors (T, D) -> (T, T) float32, which all questions about a video share."""
    unit = normalize(vectors.float(), dim=-1)
    return unit @ unit.T


@torch.no_grad()
def facts(alike: Tensor, fits: Tensor) -> Tensor:
    """What is told of each frame, (T, FACTS), with scores in deviations from the mean of the video.

    Its score, also beside the best and beside both neighbours; how both neighbours differ from it; and for each
    meaning of "the same" whether a frame that shows it fits better, and by how much. Of equals the first is better.
    """
    fits = fits.float()
    fits = (fits - fits.mean()) / fits.std(correction=0).clamp(min=1e-6)
    ahead = torch.cat([fits[1:], fits[-1:]]) - fits
    behind = torch.cat([fits[:1], fits[:-1]]) - fits
    step = 1 - alike.diagonal(1)
    still = step.new_zeros(1)
    own = [fits, fits - fits.max(), ahead, behind, torch.cat([step, still]), torch.cat([still, step])]
    return torch.cat([torch.stack(own, -1), _surpassed(alike, fits)], -1)


def _surpassed(alike: Tensor, fits: Tensor) -> Tensor:
    """(T, 2 · meanings): whether, and by how much, a better frame shows the same."""
    place = torch.arange(len(fits), device=fits.device)
    found = []
    for first in range(0, len(fits), ROWS):
        rows = slice(first, first + ROWS)
        lead = fits[None] - fits[rows, None]
        better = (lead > 0) | ((lead == 0) & (place[None] < place[rows, None]))
        like = torch.where(better, alike[rows], -2.0)
        columns = []
        for least in ALIKE:
            same = like >= least
            columns += [same.any(1).float(), torch.where(same, lead, 0.0).amax(1).clamp(max=FAR)]
        found.append(torch.stack(columns, -1))
    return torch.cat(found)
