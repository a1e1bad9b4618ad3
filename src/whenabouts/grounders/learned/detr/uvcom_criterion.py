"""Output and losses of UVCOM: the family's, and the agreement of videos and clips with sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from whenabouts.grounders.learned.detr.criterion import LOSS_WEIGHTS as FAMILY_WEIGHTS
from whenabouts.grounders.learned.detr.criterion import USUAL, Criterion, DETROutput, DETRTargets, detr_losses
from whenabouts.grounders.learned.detr.spans import start_end

__all__ = ["LOSS_WEIGHTS", "UVCOMOutput", "uvcom_losses"]

LOSS_WEIGHTS = FAMILY_WEIGHTS | {"loss_sim": 1.0}


@dataclass(frozen=True, kw_only=True)
class UVCOMOutput(DETROutput):
    """Output of the model.

    agreement:      (B, B) cosine of every video with every sentence of the batch
    clip_agreement: (B, L) cosine of every clip with its own sentence
    """

    mask: Tensor
    agreement: Tensor
    clip_agreement: Tensor


def uvcom_losses(output: UVCOMOutput, targets: DETRTargets, *, criterion: Criterion = USUAL) -> dict[str, Tensor]:
    """Unweighted losses by their official names."""
    return detr_losses(output, targets, criterion=criterion) | {"loss_sim": _agreement(output, targets.spans)}


def _agreement(output: UVCOMOutput, spans: Sequence[Tensor]) -> Tensor:
    """Half for videos with their own sentences among the batch's, half for the clips of the first moment among all.

    The latter is divided by the number of all clips, and padding counts among them, as officially.
    """
    pairs = output.agreement
    own = (pairs.log_softmax(0) + pairs.log_softmax(1)).diagonal().mean() / 2
    # an item without moments has none inside
    first = torch.stack([windows[0] if len(windows) else output.mask.new_zeros(2) for windows in spans])
    start, end = (start_end(first) * output.mask.sum(1, keepdim=True)).long()[..., None].unbind(1)
    place = torch.arange(output.mask.shape[1], device=output.mask.device)
    inside = (start <= place) & (place < end)
    clips = (output.clip_agreement.log_softmax(1) * inside * output.mask).mean()
    return -(own + clips) / 2
