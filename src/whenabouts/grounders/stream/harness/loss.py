"""The trigger loss of StreamingHarness (arXiv:2606.08615): a model learns when to speak by weights on control tokens.

In a stream nearly all tokens of answers are silence. The first silence of a run counts 1, as a decision to stop
speaking; the silences that repeat it count 0.8, the token with which a response begins 1.5, and all other tokens of the
model's turns 1. L = −(1 / |A|) Σ_j w_j log p_j over the set A of these tokens.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["TriggerWeights", "trigger_loss", "trigger_weights"]


@dataclass(frozen=True, slots=True)
class TriggerWeights:
    """Weights of tokens in the model's turns; those of the paper."""

    first_silence: float = 1.0
    repeated_silence: float = 0.8
    response: float = 1.5
    other: float = 1.0


PAPER = TriggerWeights()


def trigger_weights(
    labels: Tensor, silence: int, response: int, *, ignore: int = -100, weights: TriggerWeights = PAPER
) -> Tensor:
    """The weight of each token: (B, N) labels -> (B, N) float32, 0 where a label is `ignore`.

    silence, response: the ids of the two control tokens

    A silence repeats where the control token before it, in the same row, is silence too.
    """
    import torch

    given = torch.full(labels.shape, weights.other, dtype=torch.float32, device=labels.device)
    given[labels == ignore] = 0.0
    given[labels == response] = weights.response
    control = (labels == silence) | (labels == response)
    places = torch.arange(labels.shape[1], device=labels.device).expand_as(labels)
    last = torch.where(control, places, -1).cummax(dim=1).values  # the last control token up to here
    before = torch.cat([torch.full_like(last[:, :1], -1), last[:, :-1]], dim=1)
    follows = (before >= 0) & (labels.gather(1, before.clamp_min(0)) == silence)
    silent = labels == silence
    given[silent & ~follows] = weights.first_silence
    given[silent & follows] = weights.repeated_silence
    return given


def trigger_loss(
    logits: Tensor,
    labels: Tensor,
    silence: int,
    response: int,
    *,
    ignore: int = -100,
    weights: TriggerWeights = PAPER,
) -> Tensor:
    """The loss of a batch, a scalar: logits (B, N, V) and labels (B, N), where logits[:, j] predict labels[:, j + 1].

    ignore: the label of tokens that are not the model's. Without any other token the loss is 0. The mean is over the
    tokens of the whole batch, and is not divided by their weights.
    """
    from torch.nn.functional import cross_entropy

    given = trigger_weights(labels, silence, response, ignore=ignore, weights=weights)[:, 1:]
    wanted = labels[:, 1:]
    each = cross_entropy(logits[:, :-1].flatten(0, 1).float(), wanted.flatten(), ignore_index=ignore, reduction="none")
    count = (wanted != ignore).sum().clamp_min(1)
    return (each * given.flatten()).sum() / count
