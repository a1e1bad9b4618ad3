"""Hungarian matching of predicted spans with targets, for a whole batch at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from whenabouts.grounders.learned.detr.spans import generalised_iou, start_end

__all__ = ["USUAL_COSTS", "Costs", "Match", "match"]

Match = list[tuple[Tensor, Tensor]]
FOREGROUND = 0  # the class index of a moment; 1 is "no moment"


class Costs(NamedTuple):
    """How much L1 of centre and width, gIoU, and class weigh in matching."""

    span: float = 10.0
    giou: float = 1.0
    label: float = 4.0


USUAL_COSTS = Costs()


@torch.no_grad()
def match(logits: Tensor, spans: Tensor, targets: Sequence[Tensor], costs: Costs = USUAL_COSTS) -> Match:
    """Per item the indices (queries, targets) of least cost.

    logits (B, Q, 2), spans (B, Q, 2) centre and width, targets B × (M, 2) centre and width.
    """
    batch, queries = logits.shape[:2]
    probability = logits.flatten(0, 1).softmax(-1)[:, FOREGROUND]
    flat, target = spans.flatten(0, 1), torch.cat(list(targets))
    cost = costs.span * torch.cdist(flat, target, p=1)
    cost = cost - costs.giou * generalised_iou(start_end(flat), start_end(target)) - costs.label * probability[:, None]
    table = cost.nan_to_num().view(batch, queries, -1).cpu()  # training tells of a loss that is no number
    pairs: Match = []
    for item, columns in enumerate(torch.split(table, [len(t) for t in targets], dim=-1)):
        rows, chosen = linear_sum_assignment(columns[item].numpy())
        pairs.append((torch.as_tensor(rows, dtype=torch.int64), torch.as_tensor(chosen, dtype=torch.int64)))
    return pairs
