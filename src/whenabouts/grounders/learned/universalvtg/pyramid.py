"""The pyramid of UniversalVTG: rows, and at each level anchors that stand for two rows of the level before.

Parameters are named as in the official state dict (`libs/modeling/anchor/blocks.py: AnchorMambaPoolingBlockGated`,
`libs/modeling/video_net.py: HieraMambaBackbone`).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool1d, interpolate, max_pool1d, pad, relu

from whenabouts.grounders.learned.universalvtg.layers import ChannelNorm, Encoder, LayerScale, MaskedConv
from whenabouts.grounders.learned.universalvtg.scan import Hydra

__all__ = ["AnchorBlock", "Pyramid", "sinusoids"]

WINDOWED = 5  # levels whose rows attend to a window; those above attend to all
LOCAL_HEADS = 2


class _RootNorm(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        scaled: Tensor = self.weight * x * (x.square().mean(-1, keepdim=True) + 1e-6).rsqrt()
        return scaled


class AnchorBlock(nn.Module):
    """An anchor, their mean, before every two rows; a scan over all, attention nearby, and gates between the three."""

    def __init__(
        self, width: int, *, window: int, drop: float, states: int, head: int, expand: int, kernel: int
    ) -> None:
        super().__init__()
        self.global_encoder = Hydra(width, states=states, head=head, expand=expand, kernel=kernel)
        self.local_encoder = Encoder(width, LOCAL_HEADS, window=window)
        self.norm_global, self.norm_local, self.norm_ffn = (_RootNorm(width) for _ in range(3))
        paths = (LayerScale((1, 1, width), drop) for _ in range(3))
        self.drop_path_global, self.drop_path_local, self.drop_path_ffn = paths
        self.gate1, self.gate2 = (nn.Sequential(nn.Linear(2 * width, width), nn.Sigmoid()) for _ in range(2))
        self.ffn = nn.Sequential(nn.Linear(width, width), nn.GELU(), nn.Dropout(drop))

    def forward(self, x: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Rows (B, C, T) -> the rows, anchors (B, C, ⌈T / 2⌉), and which anchors there are (B, 1, ⌈T / 2⌉)."""
        count = x.shape[-1]
        x, there = pad(x * mask, (0, count % 2)), pad(mask, (0, count % 2))
        anchored = max_pool1d(there.float(), 2).bool()
        mixed, inside = _before_pairs(avg_pool1d(x, 2), x), _before_pairs(anchored, there)
        found = (mixed + self.drop_path_global(self.global_encoder(self.norm_global(mixed)))) * inside
        mixed = _between(self.gate1, found, mixed)
        nearby = self.local_encoder(self.norm_local(mixed).transpose(1, 2), inside.transpose(1, 2)).transpose(1, 2)
        mixed = _between(self.gate2, (mixed + self.drop_path_local(nearby)) * inside, mixed)
        out = (mixed + self.drop_path_ffn(self.ffn(self.norm_ffn(mixed)))).transpose(1, 2)
        threes = out.reshape(*out.shape[:2], -1, 3)
        return threes[..., 1:].flatten(2)[..., :count], threes[..., 0], anchored


def _before_pairs(anchors: Tensor, rows: Tensor) -> Tensor:
    """Anchors (B, C, T) each before its two rows (B, C, 2 T): (B, 3 T, C)."""
    pairs = rows.reshape(*anchors.shape, 2)
    return torch.cat([anchors[..., None], pairs], -1).flatten(2).transpose(1, 2)


def _between(gate: nn.Module, new: Tensor, old: Tensor) -> Tensor:
    share: Tensor = gate(torch.cat([old, new], -1))
    return share * new + (1 - share) * old


class Pyramid(nn.Module):
    """Rows of the video, already joined with the words, at several levels.

    positions: rows whose places are told apart; those of a longer video are squeezed into as many
    """

    def __init__(
        self, width: int, *, convs: int, levels: int, window: int, positions: int, drop: float, **inside: int
    ) -> None:
        super().__init__()
        self.embd_fc = MaskedConv(width, width)
        self.embd_convs = nn.ModuleList(MaskedConv(width, width, 3, bias=False) for _ in range(convs))
        self.embd_norms = nn.ModuleList(ChannelNorm(width) for _ in range(convs))
        self.branch = nn.ModuleList(
            AnchorBlock(width, window=window if level < WINDOWED else 0, drop=drop, **inside) for level in range(levels)
        )
        self.register_buffer("places", sinusoids(positions, width), persistent=False)

    def forward(self, x: Tensor, mask: Tensor) -> list[tuple[Tensor, Tensor]]:
        """Rows (B, C, T) -> per level its rows (B, C, T / 2^level) and their mask."""
        x = self.embd_fc(x, mask)
        for conv, norm in zip(self.embd_convs, self.embd_norms, strict=True):
            x = relu(norm(conv(x, mask)))
        places, count = self.places, x.shape[-1]
        assert isinstance(places, Tensor)
        if count > places.shape[-1]:
            places = interpolate(places[None], size=count, mode="linear", align_corners=True)[0]
        x = x + places[:, :count] * mask
        levels = []
        for block in self.branch:
            rows, x, above = block(x, mask)
            levels.append((rows, mask))
            mask = above
        return levels


def sinusoids(count: int, width: int, first: int = 0) -> Tensor:
    """Sines and cosines of places from `first` on (width, count)."""
    with torch.device("cpu"):  # also where the model is made without values, as constants have them
        rates = 10000 ** torch.linspace(0, 1, width // 2 + 1)[:-1]
        exact = torch.float64 if first else torch.float32  # a stream has more places than float32 tells apart
        angles = torch.arange(first, first + count).to(exact) / rates[:, None]
        both: Tensor = torch.cat([angles.sin(), angles.cos()]).float() / width**0.5
    return both
