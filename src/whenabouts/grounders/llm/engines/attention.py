"""Several answers that go on from one head: what a model keeps of the head is there once, however many they are.

Copied for each of 16 answers, the keys and values of 64 frames are gigabytes, of which every token written would read
all, several times over where questions of unlike length need a mask. Here all answers ask the same keys of the head in
one product of matrices, and each of them its own few behind the head (Hydragen, arXiv:2402.05099).
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

__all__ = ["shared", "without_plans"]

PLAIN = ("llama", "qwen2", "qwen2_vl_text", "qwen2_5_vl_text", "qwen3", "qwen3_vl_text", "qwen3_vl_moe_text")
"""Language models whose attention is the softmax of scaled products and nothing else."""


@contextmanager
def shared(network: Any, cache: Any, pads: Sequence[int]) -> Iterator[Any]:
    """The cache from which `network` goes on within the block, with a row for each of `pads`; `cache` stays as it is.

    cache: of the head, one row; None for an empty head
    pads:  of each row, the tokens behind the head that are only filling
    """
    if cache is None or len(pads) == 1 or not _can_share(network, cache):
        kept = copy.deepcopy(cache)
        if kept is not None and len(pads) > 1:
            kept.batch_repeat_interleave(len(pads))
        yield kept
        return
    import torch
    from transformers import Cache
    from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

    known: Any = ALL_ATTENTION_FUNCTIONS
    tails = _tails(cache)
    begins = torch.tensor(pads, device=network.device)[:, None]  # moved once, as moving waits for the device
    text, name = network.config.get_text_config(), f"shared head {id(tails)}"
    plain = text._attn_implementation
    known[name] = partial(_attend, tails, pads, begins)
    text._attn_implementation = name  # for which transformers makes no mask
    try:
        yield Cache(layers=tails)
    finally:
        text._attn_implementation = plain
        del known[name]


@contextmanager
def without_plans() -> Iterator[None]:
    """Within the block torch leaves attention with a mask to kernels that need no plan.

    On recent GPUs it prefers cuDNN's, which plans anew for every length, a tenth of a second or more for each token.
    """
    import torch

    cuda = torch.backends.cuda
    before = cuda.cudnn_sdp_enabled()  # type: ignore[no-untyped-call]
    cuda.enable_cudnn_sdp(False)
    try:
        yield
    finally:
        cuda.enable_cudnn_sdp(before)


def _can_share(network: Any, cache: Any) -> bool:
    from transformers.cache_utils import DynamicLayer

    plain = network.config.get_text_config().model_type in PLAIN
    return plain and all(type(layer) is DynamicLayer for layer in cache.layers)  # others keep a window, or no keys


def _tails(cache: Any) -> list[Any]:
    """For each layer of a head's cache one for what comes behind: empty, but its length counts the head."""
    from transformers.cache_utils import DynamicLayer

    class Tail(DynamicLayer):  # type: ignore[no-untyped-call]
        def __init__(self, head: Any) -> None:
            super().__init__()  # type: ignore[no-untyped-call]
            self.head = head.keys, head.values
            self.exact = head.keys[0].float()  # scores of half precision would be too coarse for a softmax

        def get_seq_length(self) -> int:
            return int(self.head[0].shape[2] + super().get_seq_length())

    made: Any = Tail
    return [made(layer) for layer in cache.layers]


def _attend(
    tails: Sequence[Any],
    pads: Sequence[int],
    begins: Any,
    layer: Any,
    query: Any,
    key: Any,
    value: Any,
    mask: Any,
    **how: Any,
) -> tuple[Any, None]:
    """What transformers calls attention: (rows, tokens, heads, width) of queries (rows, heads, tokens, width).

    key, value: (rows, groups, all tokens behind the head, width)
    """
    given = tails[layer.layer_idx], query, key, value, how["scaling"]
    attended = _one(begins if any(pads) else None, *given) if query.shape[2] == 1 else _many(pads, *given)
    return attended.transpose(1, 2).contiguous(), None


def _many(pads: Sequence[int], tail: Any, query: Any, key: Any, value: Any, scale: float) -> Any:
    """Of tokens that are read, row by row: one looks at the head, and at what its row holds up to itself."""
    import torch
    from torch.nn.functional import scaled_dot_product_attention

    attended = torch.zeros_like(query)
    for row, pad in enumerate(pads):
        own = query[row : row + 1, :, pad:]
        seen = [
            torch.cat([far, near[row : row + 1, :, pad:]], dim=2)
            for far, near in zip(tail.head, (key, value), strict=True)
        ]
        keys, values = (one.repeat_interleave(query.shape[1] // key.shape[1], dim=1) for one in seen)
        read, there = own.shape[2], keys.shape[2]
        causal = torch.ones(read, there, dtype=torch.bool, device=own.device).tril(there - read)
        attended[row, :, pad:] = scaled_dot_product_attention(own, keys, values, causal, scale=scale)[0]
    return attended


def _one(begins: Any, tail: Any, query: Any, key: Any, value: Any, scale: float) -> Any:
    """Of one token in each row, all rows at once."""
    import torch

    (rows, heads, _, width), groups, (_, values) = query.shape, key.shape[1], tail.head
    each = query.reshape(rows, groups, heads // groups, width).float()
    asked = each.transpose(0, 1).reshape(groups, -1, width)  # (groups, queries of all rows, width)
    far = (asked @ tail.exact.transpose(1, 2)).view(groups, rows, heads // groups, -1).transpose(0, 1)
    near = each @ key.float().transpose(2, 3)
    if begins is not None:
        filling = torch.arange(key.shape[2], device=key.device) < begins
        near = near.masked_fill(filling[:, None, None], -torch.inf)
    weights = (torch.cat([far, near], dim=3) * scale).softmax(dim=3).to(value.dtype)
    of_head, of_tail = weights[..., : far.shape[3]], weights[..., far.shape[3] :]
    attended = (of_head.transpose(0, 1).reshape(groups, -1, far.shape[3]) @ values[0]).view(groups, rows, -1, width)
    return (attended.transpose(0, 1) + of_tail @ value).reshape(query.shape)
