"""UMT-L (arXiv:2303.16058), the vision tower of VideoChat-T: a transformer over the patches of all frames of a clip.

Names in the state dict are the official ones (OpenGVLab/TimeSuite, `models/blip2/vit.py`), there under
`vision_encoder.`: `encoder.patch_embed.proj`, `encoder.blocks.N.{norm1, attn.{qkv, q_bias, v_bias, proj}, norm2,
mlp.{fc1, fc2}}`. Places are fixed sines, which no file holds.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from whenabouts.grounders.llm.systems.blocks import Block

__all__ = ["VisionTower"]

TRAINED_FRAMES = 4  # of the clips that UMT was trained with
INNER = 4  # times the width, inside of a layer


class VisionTower(nn.Module):
    """Clips (B, 3, T, side, side) of normalised pixels -> patches (B, T · (side / patch)², width).

    depth: of the layers that are run; VideoChat-T leaves out the last of UMT-L's 24
    frames: T
    """

    def __init__(self, width: int, depth: int, heads: int, *, side: int, patch: int, frames: int) -> None:
        super().__init__()
        self.encoder = _Encoder(width, depth, heads, side // patch, patch, frames)

    def forward(self, clips: Tensor) -> Tensor:
        """Patches in the order of frames, rows and columns; there is no norm after the last layer."""
        seen: Tensor = self.encoder(clips)
        return seen


class _Encoder(nn.Module):
    def __init__(self, width: int, depth: int, heads: int, across: int, patch: int, frames: int) -> None:
        super().__init__()
        self.across, self.frames = across, frames
        self.patch_embed = _Patches(width, patch)
        self.blocks = nn.ModuleList(Block(width, heads, INNER * width) for _ in range(depth))

    def forward(self, clips: Tensor) -> Tensor:
        x: Tensor = self.patch_embed(clips)
        x = x + places(x.shape[-1], self.across, self.frames).to(x)
        for block in self.blocks:
            x = block(x)
        return x


class _Patches(nn.Module):
    def __init__(self, width: int, patch: int) -> None:
        super().__init__()
        self.proj = nn.Conv3d(3, width, (1, patch, patch), stride=(1, patch, patch))

    def forward(self, clips: Tensor) -> Tensor:
        patches: Tensor = self.proj(clips).flatten(2).transpose(1, 2)
        return patches


def places(width: int, across: int, frames: int) -> Tensor:
    """Sines and cosines (1, frames · across², width) of the places of a clip of four frames, stretched to `frames`."""
    count = TRAINED_FRAMES * across**2
    powers = 10000 ** (torch.arange(width, dtype=torch.float64) // 2 * 2 / width)
    angles = torch.arange(count, dtype=torch.float64)[:, None] / powers
    table = torch.where(torch.arange(width) % 2 == 0, angles.sin(), angles.cos()).float()
    if frames == TRAINED_FRAMES:
        return table[None]
    over_time = table.reshape(TRAINED_FRAMES, -1).T[:, None]
    return interpolate(over_time, size=frames, mode="linear")[:, 0].T.reshape(1, -1, width)
