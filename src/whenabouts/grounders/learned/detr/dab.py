"""The decoder of QD-DETR and its successors: queries are anchors that each layer moves (DAB-DETR, 2201.12329).

An anchor is a centre and a width in [0, 1] of the video.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from whenabouts.grounders.learned.detr.layers import MLP, Dropout, PReLU, attend
from whenabouts.grounders.learned.products import Linear

__all__ = ["AnchorDecoder", "AnchorLayer", "OutProjection", "anchor_sine", "inverse_sigmoid", "split_heads"]


def inverse_sigmoid(x: Tensor, eps: float = 1e-3) -> Tensor:
    """The logit of x kept in [eps, 1 - eps]."""
    x = x.clamp(0, 1)
    return torch.log(x.clamp(min=eps) / (1 - x).clamp(min=eps))


def anchor_sine(anchors: Tensor, d: int) -> Tensor:
    """Sine features of centre and width, half the channels each: (..., 2) in [0, 1] -> (..., d)."""
    half = d // 2
    channel = torch.arange(half, dtype=torch.float32, device=anchors.device)
    angle = anchors[..., None] * (2 * math.pi) / 10000 ** (2 * torch.div(channel, 2, rounding_mode="floor") / half)
    parts = torch.stack([angle[..., 0::2].sin(), angle[..., 1::2].cos()], dim=-1)
    return parts.flatten(-2).flatten(-2)


def split_heads(x: Tensor, heads: int) -> Tensor:
    """(B, N, d) -> (B, heads, N, d / heads)."""
    batch, count, d = x.shape
    return x.view(batch, count, heads, d // heads).transpose(1, 2)


class AnchorDecoder(nn.Module):
    """Layers that refine anchors; `bbox_embed` moves them, and its last move is used only where `moves_last`."""

    def __init__(
        self, d: int, heads: int, feedforward: int, layers: int, dropout: float, *, moves_last: bool = False
    ) -> None:
        super().__init__()
        self.d, self.moves_last = d, moves_last
        self.layers = nn.ModuleList(
            AnchorLayer(d, heads, feedforward, dropout, first=number == 0) for number in range(layers)
        )
        self.norm = nn.LayerNorm(d)
        self.query_scale = MLP(d, d, d, 2)
        self.ref_point_head = MLP(d, d, d, 2)
        self.bbox_embed = MLP(d, d, 2, 3)
        self.ref_anchor_head = MLP(d, d, 1, 2)
        for parameter in self.bbox_embed.layers[-1].parameters():
            nn.init.zeros_(parameter)

    def forward(
        self, memory: Tensor, position: Tensor, mask: Tensor, queries: Tensor, content: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Memory, positions (B, L, d), mask (B, L), anchors (Q, 2) before the sigmoid, content (B, Q, d) or zeros.

        Returns what each layer decoded (layers, B, Q, d) and the anchors that entered it, or that left it where
        `moves_last` (layers, B, Q, 2).
        """
        anchors = queries.sigmoid().expand(memory.shape[0], -1, -1)
        if content is None:
            content = torch.zeros(*anchors.shape[:2], self.d, device=memory.device, dtype=memory.dtype)
        decoded, passed = [], [anchors]
        for number, layer in enumerate(self.layers):
            sine = anchor_sine(anchors, self.d)
            query = self.ref_point_head(sine)
            if number:
                sine = sine * self.query_scale(content)
            sine = sine * (self.ref_anchor_head(content).sigmoid() / anchors[..., 1:])
            content = layer(content, query, sine, memory, position, mask)
            decoded.append(self.norm(content))
            if self.moves_last or number < len(self.layers) - 1:
                moved = (self.bbox_embed(content) + inverse_sigmoid(anchors)).sigmoid()
                passed.append(moved)  # the heads learn through it, the next layer does not
                anchors = moved.detach()
        return torch.stack(decoded), torch.stack(passed[1:] if self.moves_last else passed)


class OutProjection(nn.Module):
    """The only parameters of the official attention modules; the projections before it live in the layer."""

    def __init__(self, d: int) -> None:
        super().__init__()
        self.out_proj = Linear(d, d)


class AnchorLayer(nn.Module):
    """Attention among queries, then of queries to the memory, then feed-forward; the `first` adds positions there."""

    def __init__(
        self,
        d: int,
        heads: int,
        feedforward: int,
        dropout: float,
        *,
        first: bool,
        activation: type[nn.Module] = PReLU,
    ) -> None:
        super().__init__()
        self.heads, self.first = heads, first
        self.sa_qcontent_proj, self.sa_qpos_proj = Linear(d, d), Linear(d, d)
        self.sa_kcontent_proj, self.sa_kpos_proj = Linear(d, d), Linear(d, d)
        self.sa_v_proj = Linear(d, d)
        self.ca_qcontent_proj, self.ca_qpos_sine_proj = Linear(d, d), Linear(d, d)
        self.ca_kcontent_proj, self.ca_kpos_proj = Linear(d, d), Linear(d, d)
        self.ca_v_proj = Linear(d, d)
        if first:
            self.ca_qpos_proj = Linear(d, d)
        self.self_attn, self.cross_attn = OutProjection(d), OutProjection(d)
        self.linear1, self.linear2 = Linear(d, feedforward), Linear(feedforward, d)
        self.norm1, self.norm2, self.norm3 = nn.LayerNorm(d), nn.LayerNorm(d), nn.LayerNorm(d)
        self.activation = activation()
        self.attention_dropout = dropout
        self.dropout = Dropout(dropout)

    def forward(self, x: Tensor, query: Tensor, sine: Tensor, memory: Tensor, position: Tensor, mask: Tensor) -> Tensor:
        """Content, anchors' positions and sines (B, Q, d), memory and positions (B, L, d), mask (B, L) -> (B, Q, d)."""
        return self.look(self.confer(x, query), query, sine, memory, position, mask)

    def confer(self, x: Tensor, query: Tensor) -> Tensor:
        """Attention among the queries."""
        q = self.sa_qcontent_proj(x) + self.sa_qpos_proj(query)
        k = self.sa_kcontent_proj(x) + self.sa_kpos_proj(query)
        attended = self._attend(
            split_heads(q, self.heads), split_heads(k, self.heads), split_heads(self.sa_v_proj(x), self.heads)
        )
        out: Tensor = self.norm1(x + self.dropout(self.self_attn.out_proj(attended)))
        return out

    def look(self, x: Tensor, query: Tensor, sine: Tensor, memory: Tensor, position: Tensor, mask: Tensor) -> Tensor:
        """Attention to the memory, and feed-forward."""
        q, k, k_position = self.ca_qcontent_proj(x), self.ca_kcontent_proj(memory), self.ca_kpos_proj(position)
        if self.first:
            q, k = q + self.ca_qpos_proj(query), k + k_position
        # content and position stand side by side in every head, which doubles its width
        q = torch.cat([split_heads(q, self.heads), split_heads(self.ca_qpos_sine_proj(sine), self.heads)], dim=-1)
        k = torch.cat([split_heads(k, self.heads), split_heads(k_position, self.heads)], dim=-1)
        attended = self._attend(q, k, split_heads(self.ca_v_proj(memory), self.heads), mask[:, None, None, :])
        x = self.norm2(x + self.dropout(self.cross_attn.out_proj(attended)))
        hidden = self.linear2(self.dropout(self.activation(self.linear1(x))))
        out: Tensor = self.norm3(x + self.dropout(hidden))
        return out

    def _attend(self, q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None = None) -> Tensor:
        dropout = self.attention_dropout if self.training else 0.0
        return attend(q, k, v, mask, dropout).transpose(1, 2).flatten(2)
