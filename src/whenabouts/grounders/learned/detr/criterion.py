"""Losses of the family: spans, foreground, saliency, for the last decoder layer and for those before it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, l1_loss

from whenabouts.grounders.learned.detr.alignment import Projected, alignment_loss
from whenabouts.grounders.learned.detr.matcher import USUAL_COSTS, Costs, match
from whenabouts.grounders.learned.detr.saliency import negative_pair, rank_contrast
from whenabouts.grounders.learned.detr.spans import generalised_iou, start_end

__all__ = [
    "LOSS_WEIGHTS",
    "USUAL",
    "Criterion",
    "DETROutput",
    "DETRTargets",
    "detr_losses",
    "hinge_saliency",
    "matched_losses",
    "mean_or_zero",
    "span_losses",
    "weighted_classes",
    "weighted_sum",
]

LOSS_WEIGHTS = {"loss_span": 10.0, "loss_giou": 1.0, "loss_label": 4.0, "loss_saliency": 1.0}
SET_COSTS = ("set_cost_span", "set_cost_giou", "set_cost_class")  # official names, in the order of `Costs`
LabelLoss = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class Criterion:
    """What options of official training change in the losses beside their weights.

    margin:      by which a positive clip should score higher than a negative one
    no_moment:   weight of the class "no moment" in the label loss
    costs:       of matching
    temperature: of the contrastive alignment
    earlier:     whether decoder layers before the last are taught too
    """

    margin: float = 0.2
    no_moment: float = 0.1
    costs: Costs = USUAL_COSTS
    temperature: float = 0.07
    earlier: bool = True

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Criterion:
        """That of official options; defaults where they do not tell."""
        return cls(
            margin=float(options.get("saliency_margin", cls.margin)),
            no_moment=float(options.get("eos_coef", cls.no_moment)),
            costs=Costs(*(float(options.get(name, usual)) for name, usual in zip(SET_COSTS, USUAL_COSTS, strict=True))),
            temperature=float(options.get("temperature", cls.temperature)),
            earlier=bool(options.get("aux_loss", True)),
        )


USUAL = Criterion()


@dataclass(frozen=True)
class DETROutput:
    """Output of a DETR-family model.

    logits:   (B, Q, 2), class 0 is a moment        spans: (B, Q, 2) centre, width in [0, 1]
    saliency: (B, L) one score per clip             layers: logits and spans of the decoder layers before the last
    saliency_scores_neg: (B, L) the same for the text of another item, where the model computes it
    mask:     (B, L) 1 where there is a clip
    projected: what the contrastive alignment compares, where the model has it
    """

    logits: Tensor
    spans: Tensor
    saliency: Tensor
    layers: tuple[tuple[Tensor, Tensor], ...] = ()
    saliency_scores_neg: Tensor | None = None
    mask: Tensor | None = None
    projected: Projected | None = None


@dataclass(frozen=True)
class DETRTargets:
    """Targets: spans B × (M, 2) centre and width, and k pairs of clips (B, k) of which the positive is more salient.

    ratings: (B, L) sums of three annotators' scores, 0..12, where a model ranks all clips.
    """

    spans: tuple[Tensor, ...]
    positive: Tensor | None = None
    negative: Tensor | None = None
    ratings: Tensor | None = None


def detr_losses(output: DETROutput, targets: DETRTargets, *, criterion: Criterion = USUAL) -> dict[str, Tensor]:
    """Unweighted losses by their official names; those of earlier layers end in their number."""
    losses = matched_losses(output, targets.spans, criterion)
    if targets.positive is not None and targets.negative is not None:
        losses["loss_saliency"] = _saliency_loss(output, targets, criterion.margin)
    return losses


def weighted_classes(logits: Tensor, classes: Tensor, *, no_moment: float = 0.1) -> Tensor:
    """Cross-entropy of logits (B, Q, 2) with classes (B, Q), a plain mean over all queries.

    The official loss is not divided by the sum of class weights.
    """
    entropy = cross_entropy(logits.flatten(0, 1), classes.flatten(), reduction="none")
    return (entropy * torch.where(classes.flatten() == 0, 1.0, no_moment)).mean()


def matched_losses(
    output: DETROutput, spans: Sequence[Tensor], criterion: Criterion = USUAL, label: LabelLoss | None = None
) -> dict[str, Tensor]:
    """Spans and foreground of every decoder layer, each matched anew; nothing where a benchmark has no spans at all.

    label: the loss of the classes, from logits (B, Q, 2) and classes (B, Q); None takes `weighted_classes`
    """
    if not spans:
        return {}
    label = label or partial(weighted_classes, no_moment=criterion.no_moment)
    layers = [*(output.layers if criterion.earlier else ()), (output.logits, output.spans)]
    logits, predicted = (torch.stack(side) for side in zip(*layers, strict=True))
    pairs = match(logits, predicted, spans, criterion.costs)
    number = torch.arange(len(layers), device=predicted.device)[:, None]
    found, target = predicted[number, pairs.item, pairs.query], torch.cat(list(spans))[pairs.target]
    matched = logits.new_zeros(logits.shape[:3]).index_put((number, pairs.item, pairs.query), logits.new_ones(()))
    of_layer = span_losses(found, target)
    right = (logits[number, pairs.item, pairs.query].argmax(-1) == 0).float()
    of_layer["class_error"] = 100 - 100 * mean_or_zero(right, 1)
    of_layer["loss_label"] = [label(of, (1 - at).long()) for of, at in zip(logits, matched, strict=True)]
    if (rows := output.projected) is not None:
        of_layer["loss_contrastive_align"] = [
            alignment_loss(queries, rows.words, at, criterion.temperature)
            for queries, at in zip(rows.queries[-len(layers) :], matched, strict=True)
        ]
    last = len(layers) - 1
    return {
        f"{name}_{i}" if i < last else name: value
        for i in range(len(layers))
        for name, values in of_layer.items()
        for value in [values[i]]
    }


def span_losses(found: Tensor, target: Tensor) -> dict[str, Sequence[Tensor] | Tensor]:
    """L1 and gIoU of matched spans of each layer, (layers, K, 2) centre and width: (layers,) each."""
    overlap = generalised_iou(start_end(found), start_end(target))
    return {
        "loss_span": mean_or_zero(l1_loss(found, target, reduction="none"), 1, 2),
        "loss_giou": mean_or_zero(1 - overlap, 1),
    }


def mean_or_zero(values: Tensor, *axes: int) -> Tensor:
    """The mean over axes or all, and 0 where there is nothing: a batch of absent queries has no spans."""
    total = values.sum(axes) if axes else values.sum()
    return total / max(values.numel() // max(total.numel(), 1), 1)


def weighted_sum(losses: Mapping[str, Tensor], weights: Mapping[str, float]) -> Tensor:
    """The training loss; `weights` are by name, and a layer's number is ignored in finding one."""
    terms = [weights[_plain(name)] * value for name, value in losses.items() if _plain(name) in weights]
    return torch.stack(terms).sum()


def _plain(name: str) -> str:
    head, _, tail = name.rpartition("_")
    return head if tail.isdigit() else name


def _saliency_loss(output: DETROutput, targets: DETRTargets, margin: float) -> Tensor:
    """The hinge over pairs; with a negative pass also the ranks of all clips, those for the other text included."""
    assert targets.positive is not None and targets.negative is not None
    loss = hinge_saliency(output.saliency, targets.positive, targets.negative, margin)
    other, mask, ratings = output.saliency_scores_neg, output.mask, targets.ratings
    if other is None or mask is None or ratings is None:
        return loss
    both = torch.cat([output.saliency, other], dim=1)
    labels = torch.cat([ratings, torch.zeros_like(ratings)], dim=1)
    return loss + rank_contrast(both, labels, mask.repeat(1, 2)) + negative_pair(other, mask)


def hinge_saliency(scores: Tensor, positive: Tensor, negative: Tensor, margin: float) -> Tensor:
    """Hinge over pairs of clips: scores (B, L), clip numbers (B, k) each; summed, divided by B·k, doubled."""
    gap = margin + scores.gather(1, negative) - scores.gather(1, positive)
    return gap.clamp(min=0).sum() / positive.numel() * 2
