"""VideoChat-T: UMT-L and a Q-Former see clips of eight frames, token shuffle and TAPE shorten them, a Mistral answers.

Every parameter has its official name (OpenGVLab/TimeSuite, `VideoChat2_it4_mistral_LinearProAda`): `vision_encoder`,
`vision_layernorm`, `qformer.bert`, `query_tokens`, `extra_query_tokens`, `clip_proj`, `merge_proj`, `temp_adap` and
`mistral_model.base_model.model` with an adapter beside every linear layer.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from whenabouts.grounders.llm.systems.lora import adapt
from whenabouts.grounders.llm.systems.qformer import Bert, QFormer
from whenabouts.grounders.llm.systems.timesuite.head import STEP, VideoTokens, as_clips
from whenabouts.grounders.llm.systems.timesuite.vision import VisionTower

__all__ = ["ADAPTED", "Sizes", "VideoChatT"]

ADAPTED = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj", "lm_head")
RANK, ALPHA = 16, 32.0


@dataclass(frozen=True, slots=True)
class Sizes:
    """What the config of a checkpoint says; the defaults are those of VideoChat-T.

    side, patch: pixels of a frame's and a patch's sides        width, depth, heads: of UMT-L, with the layers run
    clip_frames, clips: frames of a clip, and clips of a video
    queries, more_queries: of the Q-Former, from BLIP-2 and from VideoChat2
    merged:      tokens of the Q-Former that become one
    text:        the longest text that the Q-Former reads, in tokens
    """

    side: int = 224
    patch: int = 16
    width: int = 1024
    depth: int = 23
    heads: int = 16
    clip_frames: int = 8
    clips: int = 16
    queries: int = 32
    more_queries: int = 64
    merged: int = 4
    text: int = 1024

    @property
    def frames(self) -> int:
        """Of a video."""
        return self.clips * self.clip_frames

    @property
    def whole(self) -> int:
        """Frames that give a number of tokens which TAPE can shorten as often as it does; two clips of VideoChat-T."""
        tokens = self.merged * STEP * STEP
        return self.clip_frames * tokens // math.gcd(tokens, self.queries + self.more_queries)


class VideoChatT(VideoTokens):
    """The whole network around a Mistral for causal language modelling of transformers."""

    def __init__(self, sizes: Sizes, bert: Bert, language: Any) -> None:
        super().__init__(bert.hidden_size, language.config.hidden_size, merged=sizes.merged, clips=sizes.clips)
        self.sizes = sizes
        self.vision_encoder = VisionTower(
            sizes.width, sizes.depth, sizes.heads, side=sizes.side, patch=sizes.patch, frames=sizes.clip_frames
        )
        self.vision_layernorm = nn.LayerNorm(sizes.width, eps=1e-12)
        self.qformer: Any = nn.Module()  # a wrapper, for its name
        self.qformer.bert = QFormer(bert, sizes.width)
        self.query_tokens = nn.Parameter(0.02 * torch.randn(1, sizes.queries, bert.hidden_size))
        self.extra_query_tokens = nn.Parameter(torch.zeros(1, sizes.more_queries, bert.hidden_size))
        self.clip_proj = nn.Linear(bert.hidden_size, bert.hidden_size)
        adapt(language, ADAPTED, RANK, ALPHA)
        self.mistral_model: Any = nn.Module()  # peft's wrappers, for their names
        self.mistral_model.base_model = nn.Module()
        self.mistral_model.base_model.model = language

    @property
    def language(self) -> Any:
        """The Mistral."""
        return self.mistral_model.base_model.model

    @property
    def device(self) -> torch.device:
        """Where it is."""
        return self.query_tokens.device

    def watch(self, pixels: Tensor, ids: Tensor, present: Tensor) -> Tensor:
        """Frames (B, T, 3, side, side) as `pictures.pixels` gives them -> tokens (B, 3 T, D) for the language model.

        ids, present: (B · T / 8, L), what the Q-Former reads about each clip, 0 in `present` for padding
        """
        per_clip = torch.cat(
            [
                self._watch_clip(clip[None], ids[i : i + 1], present[i : i + 1])
                for i, clip in enumerate(as_clips(pixels, self.sizes.clip_frames))
            ]
        )
        tokens: Tensor = self(per_clip.reshape(len(pixels), -1, per_clip.shape[-1]))
        return tokens

    def _watch_clip(self, clip: Tensor, ids: Tensor, present: Tensor) -> Tensor:
        seen = self.vision_layernorm(self.vision_encoder(clip.transpose(1, 2)))
        queries = torch.cat([self.query_tokens, self.extra_query_tokens], 1)
        tokens: Tensor = self.clip_proj(self.qformer.bert(queries, ids, present, seen))
        return tokens

    def embed(self, before: Sequence[int], video: Tensor, after: Sequence[int]) -> Tensor:
        """Token ids, the tokens of a video (N, D) and token ids again -> embeddings (L, D)."""
        table = self.language.get_input_embeddings()
        words = [table(torch.tensor(list(ids), device=self.device, dtype=torch.long)) for ids in (before, after)]
        return torch.cat([words[0], video.to(words[0].dtype), words[1]])

    def loss(self, prompt: Tensor, answer: Sequence[int]) -> Tensor:
        """Mean cross-entropy of an answer's token ids after the embeddings (L, D) of its prompt."""
        ids = torch.tensor(list(answer), device=self.device)
        inputs = torch.cat([prompt, self.language.get_input_embeddings()(ids).to(prompt)])
        logits = self.language(inputs_embeds=inputs[None], use_cache=False).logits[0]
        return cross_entropy(logits[len(prompt) - 1 : -1].float(), ids)
