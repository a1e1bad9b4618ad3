"""Hungarian matching of predicted spans with targets: a batch and all its decoder layers, in one transfer."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from whenabouts.grounders.learned.batching import on_device
from whenabouts.grounders.learned.detr.spans import generalised_iou, start_end

__all__ = ["USUAL_COSTS", "Costs", "Match", "match"]

FOREGROUND = 0  # the class index of a moment; 1 is "no moment"


class Costs(NamedTuple):
    """How much L1 of centre and width, gIoU, and class weigh in matching."""

    span: float = 10.0
    giou: float = 1.0
    label: float = 4.0


USUAL_COSTS = Costs()


class Match(NamedTuple):
    """The K pairs of least cost, item after item.

    item:   (K,)             query: (layers, K)
    target: (layers, K) the number of the target among those of all items
    """

    item: Tensor
    query: Tensor
    target: Tensor


@torch.no_grad()
def match(logits: Tensor, spans: Tensor, targets: Sequence[Tensor], costs: Costs = USUAL_COSTS) -> Match:
    """Match every decoder layer: logits and spans (layers, B, Q, 2), centre and width, with targets B × (M, 2)."""
    counts = [len(of_item) for of_item in targets]
    target, owner = torch.cat(list(targets)), np.repeat(np.arange(len(counts)), counts)
    of_owner = on_device(torch.from_numpy(owner), spans.device)
    predicted, probability = spans[:, of_owner], logits.softmax(-1)[..., FOREGROUND][:, of_owner]  # (layers, N, Q, …)
    cost = costs.span * (predicted - target[:, None]).abs().sum(-1)
    cost = cost - costs.giou * generalised_iou(start_end(predicted), start_end(target)[:, None])
    cost = (cost - costs.label * probability).nan_to_num()  # training tells of a loss that is no number
    tables = cost.cpu().numpy()  # all that training waits for
    ends = np.cumsum([0, *counts])
    chosen = [[linear_sum_assignment(layer[first:last].T) for first, last in pairwise(ends)] for layer in tables]
    item = np.repeat(np.arange(len(counts)), [len(rows) for rows, _ in chosen[0]])
    query = np.stack([np.concatenate([rows for rows, _ in layer]) for layer in chosen])
    column = np.stack(
        [
            np.concatenate([first + of_item for first, (_, of_item) in zip(ends, layer, strict=False)])
            for layer in chosen
        ]
    )
    return on_device(Match(*(torch.from_numpy(side.astype(np.int64)) for side in (item, query, column))), spans.device)
