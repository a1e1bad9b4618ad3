"""One attention function for real transformers models: what a pass attends to is what a policy gives it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface

from whenabouts.errors import ModelError
from whenabouts.grounders.stream.cache.placing import closed
from whenabouts.grounders.stream.cache.policy import Tokens
from whenabouts.grounders.stream.cache.rotary import Rotary

__all__ = ["Reading", "reading"]

NAME = "whenabouts_stream"


class Reading:
    """One pass of new tokens through the language model.

    context: what they attend to besides themselves in a layer, by the layer and their queries (Hq, M, D)
    place:   their positions (A, M) behind that context
    limit:   positions that the model was trained for; the gaps of a context beyond it are closed first

    Afterwards `layers` holds their tokens, placed, and `queries` their queries, one per layer, before rotation, and
    `contexts` what they attended to.
    """

    def __init__(
        self,
        rotary: Rotary,
        context: Callable[[int, Tensor], Tokens | None],
        place: Callable[[Tokens | None], Tensor],
        numbers: Tensor,
        frames: Tensor,
        limit: int | None,
    ) -> None:
        self._rotary, self._context, self._place = rotary, context, place
        self._numbers, self._frames, self._limit = numbers, frames, limit
        self.layers: list[Tokens] = []
        self.queries: list[Tensor] = []
        self.contexts: list[Tokens | None] = []

    def attend(self, layer: int, query: Tensor, key: Tensor, value: Tensor, scale: float) -> Tensor:
        """(M, Hq, D) from `query` (Hq, M, D), `key` and `value` (H, M, D), all unrotated."""
        context = self._context(layer, query)
        context = context if context is not None and len(context) else None
        positions = self._place(context)
        if self._beyond(positions) and context is not None:
            context = closed(context)
            positions = self._place(context)
        if self._beyond(positions):
            raise ModelError(
                f"the model was trained for {self._limit} positions, and what is kept of the stream needs"
                f" {int(positions.max()) + 1}; give the cache policy a smaller budget"
            )
        self.layers.append(Tokens(key, value, positions, self._numbers, self._frames))
        self.queries.append(query)
        self.contexts.append(context)
        count = query.shape[1]
        keys, values = self._rotary.turn(key, positions), value
        mask = torch.ones(count, count, dtype=torch.bool, device=query.device).tril()
        if context is not None:
            held = context.keys.to(key.device, key.dtype)
            keys = torch.cat([self._rotary.turn(held, context.positions), keys], dim=1)
            values = torch.cat([context.values.to(value.device, value.dtype), value], dim=1)
            mask = torch.cat([mask.new_ones(count, len(context)), mask], dim=1)
        turned = self._rotary.turn(query, positions)
        out = scaled_dot_product_attention(
            turned[None], keys[None], values[None], attn_mask=mask, scale=scale, enable_gqa=True
        )
        return out[0].transpose(0, 1)

    def _beyond(self, positions: Tensor) -> bool:
        return self._limit is not None and positions.numel() > 0 and int(positions.max()) >= self._limit


@contextmanager
def reading(text_model: Any) -> Iterator[None]:
    """Within the block the language model attends through the `Reading` that its call is given as `reading`."""
    config = text_model.config
    before = config._attn_implementation
    config._attn_implementation = NAME
    try:
        yield
    finally:
        config._attn_implementation = before


def _attend(
    module: Any,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    *,
    scaling: float,
    reading: Reading,
    **_: Any,
) -> tuple[Tensor, None]:
    return reading.attend(module.layer_idx, query[0], key[0], value[0], scaling)[None], None


AttentionInterface.register(NAME, _attend)
