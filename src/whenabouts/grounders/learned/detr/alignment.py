"""The contrastive alignment: a query that finds a moment becomes like the words (Lei et al. 2021, after MDETR).

An option of Moment-DETR, and of those whose code began as Moment-DETR's (`contrastive_align_loss`); answers do not
depend on it. In QD-DETR and CG-DETR no words are left in the memory that is compared, so that the loss is the constant
log Q and teaches nothing, officially and here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize

if TYPE_CHECKING:
    from whenabouts.grounders.learned.head import State

__all__ = ["ALIGNMENT", "Projected", "add_projections", "alignment_loss", "alignment_width", "project"]

ALIGNMENT = "contrastive_align_projection_"


@dataclass(frozen=True)
class Projected:
    """Rows of unit length: queries of every decoder layer (layers, B, Q, w), words (B, T, w) and clips (B, L, w)."""

    queries: Tensor
    words: Tensor
    clips: Tensor


def add_projections(model: nn.Module, hidden: int, width: int) -> None:
    """Give the model its three projections by their official names; none where the width is 0."""
    for side in ("query", "txt", "vid") if width else ():
        model.add_module(f"{ALIGNMENT}{side}", nn.Linear(hidden, width))


def project(model: nn.Module, queries: Tensor, clips: Tensor, words: Tensor) -> Projected | None:
    """What the loss compares: decoded queries (layers, B, Q, d) and the memory of clips and words; None without it."""
    modules = dict(model.named_children())
    if f"{ALIGNMENT}query" not in modules:
        return None
    sides = {"query": queries, "txt": words, "vid": clips}
    return Projected(*(normalize(modules[f"{ALIGNMENT}{side}"](rows), dim=-1) for side, rows in sides.items()))


def alignment_loss(queries: Tensor, words: Tensor, matched: Tensor, temperature: float) -> Tensor:
    """Of queries (B, Q, w) those that are `matched` (B, Q), 1 or 0, agree with the sum of the words (B, T, w).

    Padded words count in the sum, as officially. Items without moments have nothing to agree and are left out.
    """
    logits = torch.einsum("bqd,bd->bq", queries, words.sum(1)) / temperature
    count = matched.sum(1)
    contrast = logits.logsumexp(1) - (logits * matched).sum(1) / count.clamp(min=1)
    shows = count > 0
    return (contrast * shows).sum() / shows.sum().clamp(min=1)


def alignment_width(state: State) -> int:
    """The width of the projections in official parameters, 0 where there are none."""
    weight = state.get(f"{ALIGNMENT}query.weight")
    return 0 if weight is None else len(weight)
