"""Output and losses of CG-DETR: the family's, saliency of scores and of attention, moments aligned with sentences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy, cosine_similarity, cross_entropy, kl_div, normalize

from whenabouts.grounders.learned.detr.criterion import LOSS_WEIGHTS as FAMILY_WEIGHTS
from whenabouts.grounders.learned.detr.criterion import (
    USUAL,
    Criterion,
    DETROutput,
    DETRTargets,
    hinge_saliency,
    matched_losses,
)
from whenabouts.grounders.learned.detr.saliency import negative_pair, rank_contrast

__all__ = [
    "LOSS_WEIGHTS",
    "Alignment",
    "CGDETROutput",
    "CGDETRTargets",
    "Neighbours",
    "Pairs",
    "cg_detr_losses",
    "guided_saliency",
]

LOSS_WEIGHTS = FAMILY_WEIGHTS | {"loss_ms_align": 1.0, "loss_distill": 1.0, "loss_orthogonal_dummy": 1.0}


class Neighbours(NamedTuple):
    """Items whose next one in the batch comes from another video, and those whose next one shares theirs.

    unlike: (R,), alike: (B − R,), numbers of items
    """

    unlike: Tensor
    alike: Tensor

    @classmethod
    def of(cls, sources: Sequence[str]) -> Neighbours:
        """By the video of every item."""
        other = np.array(sources) != np.roll(sources, -1)
        return cls(torch.from_numpy(np.flatnonzero(other)), torch.from_numpy(np.flatnonzero(~other)))


@dataclass(frozen=True)
class Alignment:
    """What training compares of moments and sentences.

    moment, background: (B, d) tokens of the clips inside and outside the moments
    sentence, dummy:    (B, d) tokens of the words and of the dummies
    moment_words, background_words: (B, L, N + T) products of clips with dummies and words
    frames: (B, L, d) clips as encoded beside the token of their side: moment or background
    """

    moment: Tensor
    background: Tensor
    sentence: Tensor
    dummy: Tensor
    moment_words: Tensor
    background_words: Tensor
    frames: Tensor


@dataclass(frozen=True, kw_only=True)
class CGDETROutput(DETROutput):
    """Output of the model; N dummies stand before T words.

    weights:   (B, L, N + T) attention of clips, mean of layers and heads   key_mask: (B, N + T)
    attention: (B, L) the share of it that words receive, in [0, 1]
    dummies:   (B, N, d) as conditioned by the words                       prompts: (P, d)
    neighbours: which items are negatives of each other, where that was told; `saliency_scores_neg` and `attention_neg`
        have only the unlike rows, and are None where there is none
    alignment: only where the relevant clips are given
    """

    mask: Tensor
    weights: Tensor
    key_mask: Tensor
    attention: Tensor
    dummies: Tensor
    prompts: Tensor
    neighbours: Neighbours | None = None
    attention_neg: Tensor | None = None
    alignment: Alignment | None = None


def cg_detr_losses(
    output: CGDETROutput,
    targets: DETRTargets,
    *,
    criterion: Criterion = USUAL,
    attention: float = 1.0,
    other: float = 1.0,
) -> dict[str, Tensor]:
    """Unweighted losses by their official names.

    Within `loss_saliency`, `attention` weighs the saliency of attention, and `other` low scores for the text of another
    item. Without the alignment, which only training
    computes, its two losses are 0.
    """
    ratings, side = targets.ratings, output.alignment
    losses = matched_losses(output, targets.spans, criterion)
    if targets.positive is not None and targets.negative is not None and ratings is not None:
        pairs = Pairs(targets.positive, targets.negative, criterion.margin, other)
        losses["loss_saliency"] = guided_saliency(output, pairs, ratings, attention=attention)
    none = output.saliency.new_zeros(())
    losses["loss_ms_align"] = losses["loss_distill"] = none
    if side is not None and ratings is not None:
        relevant = ratings.clamp(0, 1)
        losses["loss_ms_align"] = _alignment(side, relevant, output.mask)
        losses["loss_distill"] = _distillation(side, relevant, output.weights)
    losses["loss_orthogonal_dummy"] = _likeness(output.dummies) + _likeness(output.prompts[None])
    return losses


@dataclass(frozen=True)
class CGDETRTargets(DETRTargets):
    """The family's, and which items are negatives of each other."""

    neighbours: Neighbours | None = None


class Pairs(NamedTuple):
    """Clips (B, k): each positive one should score higher than its negative by a margin.

    other: weight of low scores for the text of another item
    """

    positive: Tensor
    negative: Tensor
    margin: float
    other: float = 1.0


class Scored(Protocol):
    """What the saliency of scores and of attention is learnt from; see `CGDETROutput`."""

    @property
    def saliency(self) -> Tensor: ...
    @property
    def saliency_scores_neg(self) -> Tensor | None: ...
    @property
    def attention(self) -> Tensor: ...
    @property
    def attention_neg(self) -> Tensor | None: ...
    @property
    def neighbours(self) -> Neighbours | None: ...
    @property
    def mask(self) -> Tensor: ...


def guided_saliency(output: Scored, pairs: Pairs, ratings: Tensor, *, attention: float = 1.0) -> Tensor:
    """The saliency loss of scores, and of attention with its weight; ratings (B, L)."""
    return _saliency(output, pairs, ratings) + attention * _attention(output, pairs, ratings)


def _saliency(output: Scored, pairs: Pairs, ratings: Tensor) -> Tensor:
    loss = _contrast(output.saliency, output.saliency_scores_neg, output, pairs, ratings, negative_pair)
    if output.neighbours is not None and len(output.neighbours.unlike):
        rows = output.neighbours.alike
        if len(rows) > 1:  # those whose neighbour is of the same video have no negative text; one alone adds nothing
            loss = loss + rank_contrast(output.saliency[rows], ratings[rows], output.mask[rows])
    return loss


def _attention(output: Scored, pairs: Pairs, ratings: Tensor) -> Tensor:
    loss = _contrast(output.attention, output.attention_neg, output, pairs, ratings, _attended)
    return loss + binary_cross_entropy(output.attention, ratings.clamp(0, 1))


def _contrast(
    scores: Tensor,
    negative: Tensor | None,
    output: Scored,
    pairs: Pairs,
    ratings: Tensor,
    low: Callable[[Tensor, Tensor], Tensor],
) -> Tensor:
    """Hinge over pairs of clips, ranks of all clips beside those for negative text, and low scores for the latter."""
    loss = hinge_saliency(scores, pairs.positive, pairs.negative, pairs.margin)
    if negative is None or output.neighbours is None:
        return loss + rank_contrast(scores, ratings, output.mask)
    rows = output.neighbours.unlike
    own, mask = ratings[rows], output.mask[rows]
    both, labels = torch.cat([scores[rows], negative], 1), torch.cat([own, torch.zeros_like(own)], 1)
    return loss + rank_contrast(both, labels, mask.repeat(1, 2)) + pairs.other * low(negative, mask)


def _attended(attention: Tensor, mask: Tensor) -> Tensor:
    """`negative_pair` of what is a probability already."""
    return (-torch.log(1 - attention) * mask).sum(1).mean()


def _alignment(side: Alignment, relevant: Tensor, mask: Tensor) -> Tensor:
    """Moments agree with their own sentence, not with others', with background or with dummies."""
    sentences = torch.cat([_cosines(side.moment, side.sentence), _cosines(side.background, side.sentence)], 1)
    dummies = torch.cat([_cosines(side.moment, side.dummy), _cosines(side.background, side.dummy)], 1)
    own = torch.arange(len(sentences), device=mask.device)
    # officially a multi-hot label read as a class: the second moment for the first item, the first for all others
    other = (own == 0).long()
    share = (side.moment[:, None] * side.frames).sum(-1).sigmoid()
    inside = (binary_cross_entropy(share, relevant, reduction="none") * mask).mean()
    return cross_entropy(sentences, own) + cross_entropy(dummies, other) + inside


def _distillation(side: Alignment, relevant: Tensor, weights: Tensor) -> Tensor:
    """Attention of relevant clips becomes like the likeness of their words."""
    likeness = side.moment_words.softmax(-1).detach()
    gap = kl_div(torch.log(weights + 1e-6), likeness, reduction="none").mean(-1)
    return (gap * relevant).sum() / relevant.sum().clamp(min=1)


def _likeness(tokens: Tensor) -> Tensor:
    """Mean absolute cosine of the tokens of an item, 0 for each with itself: (B, N, d) -> ()."""
    unit = normalize(tokens, dim=2)
    cosines = unit @ unit.detach().transpose(1, 2)
    return (cosines.abs() * (1 - torch.eye(tokens.shape[1], device=tokens.device))).mean()


def _cosines(a: Tensor, b: Tensor) -> Tensor:
    """Of every row of a (A, d) with every row of b (B, d): (A, B)."""
    return cosine_similarity(a[:, None], b[None], dim=-1)
