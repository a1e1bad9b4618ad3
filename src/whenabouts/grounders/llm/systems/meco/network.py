"""MeCo's network: EVA-ViT-G and a Q-Former make one token of a frame, a Phi-3 or Qwen2 answers, heads match frames.

Every parameter has its official name (pangzss/MeCo, `meco/model`): `model.vision_tower.vision_tower`,
`model.qformer_bert.bert`, `model.qformer_{query, ln, proj, q_proj, k_proj, v_proj}`, `vid_head`, `frm_head`,
`logit_scale`, and those of the language model.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from whenabouts.grounders.llm.engines.decoding import cache_name
from whenabouts.grounders.llm.systems.meco.head import StructuralMatcher
from whenabouts.grounders.llm.systems.meco.vision import Eva
from whenabouts.grounders.llm.systems.qformer import Bert, QFormer

__all__ = ["MeCoNetwork", "Sizes", "Step"]

BATCH = 16  # frames that are seen at once


@dataclass(frozen=True, slots=True)
class Sizes:
    """Of what stands before the language model; the defaults are the official ones.

    width, depth, inner: of EVA-ViT-G        side, patch: pixels        queries: of the Q-Former
    """

    width: int = 1408
    depth: int = 39
    inner: int = 6144
    side: int = 224
    patch: int = 14
    queries: int = 32


class Step(NamedTuple):
    """What the language model gives for new tokens: logits (L, V), hidden states (L, D), and what it keeps.

    last:   behind its last layer and before its norm; of frames        before: one layer earlier; of structural tokens
    """

    logits: Tensor
    last: Tensor
    before: Tensor
    kept: Any


class MeCoNetwork(StructuralMatcher):
    """The whole network around a Phi-3 or Qwen2 for causal language modelling of transformers.

    mixing:   `frm_head` is a decoder layer (`use_mha`)        together: frames attend to all frames (`bi_attention`)
    """

    def __init__(self, sizes: Sizes, bert: Bert, language: Any, *, mixing: bool, together: bool) -> None:
        width: int = language.config.hidden_size
        super().__init__(width, layer_of=language.config if mixing else None)
        self.together = together
        self.model, self.lm_head = language.model, language.lm_head
        eva = Eva(sizes.width, sizes.depth, sizes.inner, side=sizes.side, patch=sizes.patch)
        inner: Any = self.model
        inner.vision_tower = nn.Module()  # wrappers, for their names
        inner.vision_tower.vision_tower = eva
        inner.qformer_bert = nn.Module()
        inner.qformer_bert.bert = QFormer(bert, sizes.width)
        inner.qformer_query = nn.Parameter(0.02 * torch.randn(1, sizes.queries, bert.hidden_size))
        inner.qformer_ln = nn.LayerNorm(sizes.width)
        inner.qformer_proj = nn.Linear(bert.hidden_size, sizes.width)
        inner.qformer_q_proj = _normed(sizes.width, sizes.width)
        inner.qformer_k_proj = _normed(sizes.width, sizes.width)
        inner.qformer_v_proj = _normed(sizes.width, width)
        self._states: dict[str, Tensor] = {}
        inner.norm.register_forward_pre_hook(lambda _, given: self._states.update(last=given[0]))
        inner.layers[-1].register_forward_pre_hook(
            lambda _, given, named: self._states.update(before=given[0] if given else named["hidden_states"]),
            with_kwargs=True,
        )

    @property
    def device(self) -> torch.device:
        """Where it is."""
        return self.logit_scale.device

    def watch(self, pixels: Tensor, ids: Tensor) -> Tensor:
        """Frames (T, 3, side, side), and the query (L,) in tokens of the Q-Former -> a token (T, D) of each frame."""
        return torch.cat([self._watch(part, ids) for part in torch.split(pixels, BATCH)])

    def _watch(self, pixels: Tensor, ids: Tensor) -> Tensor:
        inner: Any = self.model
        patches = inner.vision_tower.vision_tower(pixels.to(self.lm_head.weight.dtype))
        text = ids.expand(len(patches), -1)
        queries = inner.qformer_query.expand(len(patches), -1, -1)
        seen = inner.qformer_bert.bert(queries, text, torch.ones_like(text), inner.qformer_ln(patches))
        queries = inner.qformer_proj(seen)
        weights = inner.qformer_q_proj(queries) @ inner.qformer_k_proj(patches).transpose(-1, -2)
        looked = (weights / patches.shape[-1] ** 0.5).softmax(-1) @ patches
        token: Tensor = inner.qformer_v_proj((looked + queries).mean(1))
        return token

    def words(self, ids: Tensor) -> Tensor:
        """Token ids (L,) -> embeddings (L, D)."""
        inner: Any = self.model
        embedded: Tensor = inner.embed_tokens(ids)
        return embedded

    def read(self, given: Tensor, kept: Any = None, frames: slice | None = None) -> Step:
        """The next tokens, as embeddings (L, D), after those that are `kept`; `frames` are places among them."""
        inner: Any = self.model
        named: dict[str, Any] = {} if kept is None else {cache_name(): kept}
        if frames is not None and self.together:
            mask = torch.full((len(given), len(given)), torch.finfo(given.dtype).min, device=given.device).triu(1)
            mask[frames, frames] = 0
            named["attention_mask"] = mask[None, None].to(given.dtype)
        out = inner(inputs_embeds=given[None], use_cache=True, **named)
        logits = self.lm_head(out.last_hidden_state[0])
        return Step(logits, self._states["last"][0], self._states["before"][0], getattr(out, cache_name()))


def _normed(width: int, out: int) -> nn.Sequential:
    return nn.Sequential(nn.LayerNorm(width), nn.Linear(width, out))
