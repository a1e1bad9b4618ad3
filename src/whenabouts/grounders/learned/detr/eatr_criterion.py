"""EaTR's losses beyond those of the family: predicted events are matched with pseudo events, which no one annotated.

A pseudo event lies between two clips at which the video changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import pad

from whenabouts.grounders.learned.detr.criterion import LOSS_WEIGHTS as DETR_WEIGHTS
from whenabouts.grounders.learned.detr.criterion import DETRTargets, span_losses
from whenabouts.grounders.learned.detr.matcher import USUAL_COSTS, Costs, match

__all__ = ["LOSS_WEIGHTS", "EaTRTargets", "event_losses", "pseudo_events"]

LOSS_WEIGHTS = {**DETR_WEIGHTS, "loss_event_span": 30.0, "loss_event_giou": 3.0}
REACH = 2  # clips on either side that are compared


@dataclass(frozen=True, kw_only=True)
class EaTRTargets(DETRTargets):
    """The family's, and the events of every item, (M, 2) centre and width."""

    events: tuple[Tensor, ...]


def pseudo_events(video: Tensor, mask: Tensor, *, strict_official: bool = False) -> tuple[Tensor, ...]:
    """Centres and widths (M, 2) in [0, 1] of the events of every item, from clips (B, L, D) and their mask (B, L).

    The first and the last clip are bounds, and so is each that no neighbour exceeds and that is above the mean in how
    far the two clips after it are from the two before it, in squared distance of their sums of unit vectors. (The
    official kernel of signs over the similarities of five clips is that distance, multiplied out.)

    Officially padding counts in the mean and can hold bounds, and in a batch of an odd number the first bound of the
    first item and the last of the last one are an event of negative width of the item in the middle.
    """
    unit = video / (video.norm(dim=2, keepdim=True) + 1e-8)
    rows = pad(unit, (0, 0, REACH, REACH))
    change = (rows[:, 3:-1] + rows[:, 4:] - rows[:, 1:-3] - rows[:, :-4]).square().sum(-1)
    lengths = mask.sum(1).long()
    mean = change.mean(1) if strict_official else (change * mask).sum(1) / lengths
    item = torch.arange(len(video), device=video.device)
    change[item, 0] = change[item, lengths - 1] = torch.inf
    bound = (change >= change.roll(1, 1)) & (change >= change.roll(-1, 1)) & (change >= mean[:, None])
    if not strict_official:
        bound &= mask.bool()
    places = [row.nonzero()[:, 0].float() for row in bound]
    pairs = [torch.stack([of_item[:-1], of_item[1:]], dim=1) for of_item in places]
    if strict_official and len(places) % 2:
        middle = len(places) // 2
        across = torch.stack([places[-1][-1], places[0][0]])
        pairs[middle] = torch.cat([across[None], pairs[middle]])
    return tuple(
        torch.stack([of_item.mean(1), of_item[:, 1] - of_item[:, 0]], dim=1) / length
        for of_item, length in zip(pairs, lengths, strict=True)
    )


def event_losses(predicted: Tensor, events: Sequence[Tensor], costs: Costs = USUAL_COSTS) -> dict[str, Tensor]:
    """Unweighted losses of predicted events (B, Q, 2), each of `events` matched with at most one of them."""
    same = predicted.new_zeros(1, *predicted.shape[:2], 2)  # events have no class, so none is dearer
    pairs = match(same, predicted[None], events, costs._replace(label=0.0))
    losses = span_losses(predicted[pairs.item, pairs.query], torch.cat(list(events))[pairs.target])
    return {f"loss_event_{name.removeprefix('loss_')}": value[0] for name, value in losses.items()}
