"""Hydra's bidirectional state-space layer (arXiv:2407.09941) in plain torch.

Officially its recurrence, Mamba-2's scan (arXiv:2405.21060), is a kernel for GPUs. Here stretches of it are products of
matrices and only their states follow one another, so that it runs anywhere, to 1e-4 of the recurrence.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import linear, silu, softplus

__all__ = ["Hydra", "scan"]

STRETCH = 128  # steps that are computed at once


def scan(x: Tensor, steps: Tensor, decay: Tensor, write: Tensor, read: Tensor) -> Tensor:
    """y_t = C_t · h_t of the recurrence h_t = exp(Δ_t A) h_(t-1) + Δ_t x_t B_tᵀ, with h_0 = 0.

    x:     (B, L, H, P), H heads of P numbers        steps: Δ (B, L, H), positive        decay: A (H), negative
    write, read: B and C (B, L, N), the same for all heads        returns (B, L, H, P)
    """
    state = x.new_zeros(x.shape[0], x.shape[2], x.shape[3], write.shape[-1])
    out = []
    for start in range(0, x.shape[1], STRETCH):
        here = slice(start, start + STRETCH)
        given = x[:, here] * steps[:, here, :, None]
        kept = (steps[:, here] * decay).cumsum(1).transpose(1, 2)  # log of what is left of the state: (B, H, l)
        later = torch.ones(kept.shape[-1], kept.shape[-1], dtype=torch.bool, device=x.device).tril()
        between = (kept[..., :, None] - kept[..., None, :]).masked_fill(~later, -torch.inf).exp()
        alike = read[:, here] @ write[:, here].transpose(1, 2)
        inside = torch.einsum("bhts,bshp->bthp", between * alike[:, None], given)
        before = torch.einsum("btn,bhpn,bht->bthp", read[:, here], state, kept.exp())
        out.append(inside + before)
        left = (kept[..., -1:] - kept).exp()
        state = state * kept[..., -1, None, None].exp() + torch.einsum(
            "bhs,bshp,bsn->bhpn", left, given, write[:, here]
        )
    return torch.cat(out, 1)


class _GatedNorm(nn.Module):
    """Root mean square norm, and then a gate."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x: Tensor, gate: Tensor) -> Tensor:
        scaled = x * (x.square().mean(-1, keepdim=True) + 1e-5).rsqrt()
        return scaled * self.weight * silu(gate)


class Hydra(nn.Module):
    """Every row learns from all before and all after it, by two scans, and from itself.

    width: D        states: N        head: P, numbers of a head        expand: how much wider it is inside
    """

    def __init__(self, width: int, *, states: int = 64, head: int = 64, expand: int = 2, kernel: int = 7) -> None:
        super().__init__()
        self.inner, self.states, self.head = expand * width, states, head
        self.heads = self.inner // head
        mixed = self.inner + 4 * states
        self.in_proj = nn.Linear(width, self.inner + mixed + 2 * self.heads, bias=False)
        self.conv1d = nn.Conv1d(mixed, mixed, kernel, padding=kernel // 2, groups=mixed)
        first = torch.empty(self.heads).uniform_(-6.9, -2.3).exp()  # steps from 0.001 to 0.1
        self.dt_bias = nn.Parameter(first + (-torch.expm1(-first)).log())
        self.A_log = nn.Parameter(torch.zeros(self.heads))
        self.D = nn.Parameter(torch.ones(self.heads))
        self.fc_D = nn.Linear(self.inner, self.heads, bias=False)
        self.norm = _GatedNorm(self.inner)
        self.out_proj = nn.Linear(self.inner, width, bias=False)

    def forward(self, rows: Tensor) -> Tensor:
        """(B, L, D) -> (B, L, D)."""
        mixed = self.inner + 4 * self.states
        gate, mixed_rows, steps = torch.split(self.in_proj(rows), [self.inner, mixed, 2 * self.heads], -1)
        steps = softplus(_both_ways(*steps.chunk(2, -1)) + self.dt_bias)
        mixed_rows = silu(self.conv1d(mixed_rows.transpose(1, 2)).transpose(1, 2))
        x, pairs = torch.split(mixed_rows, [self.inner, 4 * self.states], -1)
        write, read = _both_ways(*pairs.chunk(2, -1)).chunk(2, -1)
        heads = _both_ways(x, x).reshape(2 * len(x), -1, self.heads, self.head)
        found = scan(heads, steps, -self.A_log.exp(), write, read).flatten(2)
        forward, backward = found.roll(1, 1).chunk(2)  # a row learns from itself only by D
        first = torch.zeros_like(forward[:, :1])
        seen = torch.cat([first, forward[:, 1:]], 1) + torch.cat([first, backward[:, 1:]], 1).flip(1)
        own = linear(x, self.fc_D.weight, self.D).repeat_interleave(self.head, -1)
        out: Tensor = self.out_proj(self.norm(seen + x * own, gate))
        return out


def _both_ways(forward: Tensor, backward: Tensor) -> Tensor:
    """What the two scans take (B, L, …), one after the other: (2 B, L, …), the second from the end."""
    return torch.cat([forward, backward.flip(1)])
