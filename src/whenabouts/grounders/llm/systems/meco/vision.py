"""EVA-ViT-G (arXiv:2211.07636), MeCo's vision tower, one frame at a time.

Names in the state dict are the official ones (pangzss/MeCo, `meco/model/vision_encoder/eva_vit.py`), there under
`model.vision_tower.vision_tower.`: `patch_embed.proj`, `cls_token`, `pos_embed`, `blocks.N`.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from whenabouts.grounders.llm.systems.blocks import Block

__all__ = ["HEAD", "Eva"]

HEAD = 88  # numbers of one attention head


class Eva(nn.Module):
    """Frames (T, 3, side, side) -> patches (T, (side / patch)², width); its last layer and norm are left out."""

    def __init__(self, width: int, depth: int, inner: int, *, side: int = 224, patch: int = 14) -> None:
        super().__init__()
        self.patch_embed: nn.Module = _Patches(width, patch)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, width))
        self.pos_embed = nn.Parameter(torch.zeros(1, (side // patch) ** 2 + 1, width))
        self.blocks = nn.ModuleList(Block(width, width // HEAD, inner) for _ in range(depth))

    def forward(self, frames: Tensor) -> Tensor:
        """Without the first token, which stands for the whole frame."""
        patches = self.patch_embed(frames)
        x = torch.cat([self.cls_token.expand(len(patches), -1, -1), patches], 1) + self.pos_embed
        for block in self.blocks:
            x = block(x)
        return x[:, 1:]


class _Patches(nn.Module):
    def __init__(self, width: int, patch: int) -> None:
        super().__init__()
        self.proj = nn.Conv2d(3, width, patch, stride=patch)

    def forward(self, frames: Tensor) -> Tensor:
        patches: Tensor = self.proj(frames).flatten(2).transpose(1, 2)
        return patches
