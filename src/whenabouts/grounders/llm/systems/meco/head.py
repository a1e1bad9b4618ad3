"""MeCo's heads (arXiv:2503.09027): structural tokens of an answer matched with frames, instead of times in words.

The answer holds `<ent>` for every event and `<tst>` for the background between events. Names and shapes in the state
dict are the official ones (pangzss/MeCo, `meco/model/language_model`): `vid_head`, `frm_head`, `logit_scale`. Frames
are the language model's hidden states behind its last layer and before its norm; a structural token is the hidden
state, one layer earlier, of the token that predicts it.
"""

from __future__ import annotations

import copy
import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, normalize

from whenabouts.errors import ModelError

__all__ = ["EVENT", "TRANSITION", "StructuralMatcher", "matching_loss"]

EVENT, TRANSITION = "<ent>", "<tst>"


class StructuralMatcher(nn.Module):
    """How much structural tokens resemble frames, one frame per second.

    width:    D, of the language model's hidden states
    layer_of: the language model's config, where `frm_head` is one more of its decoder layers (official `use_mha`) that
              lets all frames see each other; None is the official default, a head like `vid_head`

    Raises ModelError for a language model other than Phi-3 and Qwen2.
    """

    def __init__(self, width: int, *, layer_of: Any = None) -> None:
        super().__init__()
        self.vid_head = _narrow(width)
        self.rotary: nn.Module | None = None  # without parameters of its own
        self.frm_head: nn.Module = _narrow(width)
        if layer_of is not None:
            self.frm_head, self.rotary = _decoder_layer(layer_of)
        self.logit_scale = nn.Parameter(torch.tensor(math.log(1 / 0.07)))  # as CLIP starts

    def forward(self, frames: Tensor, tokens: Tensor) -> Tensor:
        """Frames (B, T, D) and structural tokens (B, K, D) -> cosines (B, K, T); `scale` makes them logits."""
        frames = normalize(self.placed(frames), dim=-1)
        tokens = normalize(self.vid_head(tokens), dim=-1)
        return tokens @ frames.transpose(1, 2)

    @property
    def scale(self) -> Tensor:
        """What cosines are multiplied with before a softmax."""
        return self.logit_scale.exp()

    def placed(self, frames: Tensor) -> Tensor:
        """Frames (B, T, D) behind `frm_head`."""
        if self.rotary is None:
            seen: Tensor = self.frm_head(frames)
            return seen
        place = torch.arange(frames.shape[1], device=frames.device)[None]
        everything = frames.new_zeros(1, 1, frames.shape[1], frames.shape[1])  # without a mask it would be causal
        out = self.frm_head(
            frames, attention_mask=everything, position_ids=place, position_embeddings=self.rotary(frames, place)
        )
        layer: Tensor = out[0] if isinstance(out, tuple) else out
        return layer


def matching_loss(logits: Tensor, inside: Tensor, events: Tensor) -> Tensor:
    """Soft cross-entropy over frames, uniform inside the segment of each token: mean of `<ent>` and of `<tst>`, halved.

    logits: (K, T) of one answer, cosines × scale        inside: (K, T) bool, frames of the token's segment, one or more
    events: (K,) bool, True for `<ent>` and False for `<tst>`. Without `<tst>` the mean of `<ent>` is the loss; an
    answer without `<ent>` teaches nothing, so its loss is 0.
    """
    if not events.any():
        return logits.sum() * 0
    target = inside.to(logits.dtype)
    target = target / target.sum(-1, keepdim=True)
    kinds = (events, ~events) if not events.all() else (events,)
    return torch.stack([cross_entropy(logits[kind], target[kind]) for kind in kinds]).mean()


def _narrow(width: int) -> nn.Sequential:
    half = width // 2
    return nn.Sequential(nn.LayerNorm(width), nn.Linear(width, half), nn.GELU(), nn.Linear(half, width))


def _decoder_layer(config: Any) -> tuple[nn.Module, nn.Module]:
    """One layer of the language model, and what turns places into its rotary embedding."""
    from transformers.models.phi3 import modeling_phi3 as phi3
    from transformers.models.qwen2 import modeling_qwen2 as qwen2

    parts = {
        "phi3": (phi3.Phi3DecoderLayer, phi3.Phi3RotaryEmbedding),
        "qwen2": (qwen2.Qwen2DecoderLayer, qwen2.Qwen2RotaryEmbedding),
    }
    if config.model_type not in parts:
        raise ModelError(f"MeCo's language model is Phi-3 or Qwen2, not {config.model_type}")
    layer, rotary = parts[config.model_type]
    plain = copy.deepcopy(config)
    plain._attn_implementation = "eager"  # as the official heads, whose mask is their own
    return layer(plain, layer_idx=config.num_hidden_layers - 1), rotary(plain)
