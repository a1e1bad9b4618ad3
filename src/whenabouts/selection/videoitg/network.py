"""VideoITG's network: SigLIP, a projector that shares out vision tokens, and a Qwen2 that looks both ways.

Every parameter has its official name (NVlabs/VideoITG, `eagle/model`): `model.vision_tower.vision_tower.vision_model…`,
`model.mm_projector.out_projection…`, those of the language model under `model`, and `out_proj`. No layer's attention is
causal: every frame sees every other, and the question that follows.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

__all__ = ["Network"]


class _Seeing(nn.Module):
    """SigLIP under the official names, whose outer layer depends on the version of transformers."""

    def __init__(self, siglip: Any) -> None:
        super().__init__()
        self.vision_tower = nn.Module()
        self.vision_tower.vision_model = getattr(siglip, "vision_model", siglip)


class _Projector(nn.Module):
    """`seq_mlp`: patches, fewer of them the more frames there are, through a perceptron."""

    def __init__(self, width: int, out: int) -> None:
        super().__init__()
        self.out_projection = nn.Sequential(nn.Linear(width, out), nn.GELU(), nn.Linear(out, out))

    def forward(self, patches: Tensor, side: int) -> Tensor:
        """(T, N, W), N a square -> (T, side², D)."""
        own = round(patches.shape[1] ** 0.5)
        if side < own:
            square = patches.reshape(len(patches), own, own, -1).permute(0, 3, 1, 2)
            smaller = interpolate(square, size=(side, side), mode="bilinear", align_corners=False)
            patches = smaller.permute(0, 2, 3, 1).flatten(1, 2)
        projected: Tensor = self.out_projection(patches)
        return projected


class Network(nn.Module):
    """A Qwen2Model and a SiglipVisionModel of transformers, with what joins them.

    tokens: vision tokens of a whole video, shared out among its frames
    layer:  whose patches are taken, counted as hidden states
    """

    def __init__(self, language: Any, siglip: Any, *, tokens: int, layer: int = -2) -> None:
        super().__init__()
        self.tokens, self.layer = tokens, layer
        self.patches: int = siglip.config.image_size // siglip.config.patch_size  # on a side
        self.model = language
        self.model.vision_tower = _Seeing(siglip)
        self.model.mm_projector = _Projector(siglip.config.hidden_size, language.config.hidden_size)
        self.out_proj = nn.Linear(language.config.hidden_size, 1)
        nn.init.xavier_uniform_(self.out_proj.weight)
        nn.init.zeros_(self.out_proj.bias)
        for layer_ in language.layers:
            layer_.self_attn.is_causal = False

    @property
    def device(self) -> torch.device:
        """Where it is."""
        return self.out_proj.weight.device

    def side(self, frames: int) -> int:
        """Vision tokens on a side of each frame, where there are so many; 0 where there is not one for each."""
        return min(int((self.tokens / frames) ** 0.5), self.patches)

    @torch.no_grad()
    def see(self, pixels: Tensor, side: int) -> Tensor:
        """Frames (T, 3, S, S) as SigLIP takes them -> vision tokens (T, side², D); SigLIP is never trained."""
        siglip = self.model.vision_tower.vision_tower.vision_model
        seen = siglip(pixels.to(self.out_proj.weight), output_hidden_states=True).hidden_states[self.layer]
        tokens: Tensor = self.model.mm_projector(seen, side)
        return tokens

    def forward(self, tokens: Tensor, before: Tensor, after: Tensor, *, longest: int | None = None) -> Tensor:
        """Vision tokens (T, N, D) between ids of words (A,) and (B,) -> a logit for each frame, (T,).

        longest: tokens of all; what is longer loses the end of the question
        """
        words = self.model.embed_tokens(torch.cat([before, after]))
        start, end = len(before), len(before) + tokens.shape[0] * tokens.shape[1]
        embedded = torch.cat([words[:start], tokens.flatten(0, 1).to(words), words[start:]])[:longest]
        everything = {"full_attention": None, "sliding_attention": None}  # no mask, and so no causal one
        hidden = self.model(inputs_embeds=embedded[None], attention_mask=everything, use_cache=False)[0][0]
        frames = hidden[start:end].unflatten(0, tokens.shape[:2]).mean(1)
        logits: Tensor = self.out_proj(frames)[:, 0]
        return logits
