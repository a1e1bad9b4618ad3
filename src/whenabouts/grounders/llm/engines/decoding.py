"""Answers drawn as `Decoding` says, whatever the `generation_config` of a checkpoint recommends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from whenabouts.grounders.llm.conversation import Decoding

__all__ = ["cache_name", "drawing", "only_tokens", "seeded"]


@contextmanager
def drawing(network: Any, tokenizer: Any, decoding: Decoding) -> Iterator[Any]:
    """Within the block `network.generate` draws as `decoding` says; gives the settings, with the tokens that end.

    Only tokens that begin, end and fill are taken from the checkpoint: published settings of sampling (Qwen2-VL's
    top_k 1, repetition_penalty 1.05 …) would change greedy answers, and make several answers one.
    """
    settings: dict[str, Any] = {"max_new_tokens": decoding.tokens, "repetition_penalty": decoding.repetition_penalty}
    settings["do_sample"] = decoding.temperature > 0
    if settings["do_sample"]:
        settings |= {"temperature": decoding.temperature, "top_p": decoding.top_p, "top_k": decoding.top_k}
    with only_tokens(network, tokenizer, **settings) as told:
        yield told


@contextmanager
def seeded(network: Any, decoding: Decoding) -> Iterator[None]:
    """Within the block draws follow `decoding.seed`; torch's own generators go on as if nothing was drawn."""
    import torch

    devices = [network.device] if network.device.type == "cuda" else []
    with torch.random.fork_rng(devices):
        torch.manual_seed(decoding.seed)
        yield


@contextmanager
def only_tokens(network: Any, tokenizer: Any, **settings: Any) -> Iterator[Any]:
    """Within the block the network's generation settings are these alone, besides its special tokens."""
    from transformers import GenerationConfig

    inner = network.get_base_model() if hasattr(network, "get_base_model") else network  # peft's wrapper
    published = inner.generation_config
    ends = _ends(published.eos_token_id, tokenizer.eos_token_id)
    filling = (published.pad_token_id, tokenizer.pad_token_id, *ends, 0)
    inner.generation_config = GenerationConfig(  # type: ignore[no-untyped-call]
        bos_token_id=published.bos_token_id,
        eos_token_id=ends or None,
        pad_token_id=next(token for token in filling if token is not None),
        **settings,
    )
    try:
        yield inner.generation_config
    finally:
        inner.generation_config = published


def cache_name() -> str:
    """What `generate` calls the keys and values it continues from, which transformers 5 renamed on its way."""
    import inspect

    from transformers import GenerationMixin

    named = inspect.signature(GenerationMixin.prepare_inputs_for_generation).parameters
    return "cache" if "cache" in named else "past_key_values"


def _ends(*several: Any) -> list[int]:
    """Every token that ends an answer, each once."""
    flat = [token for one in several for token in (one if isinstance(one, list | tuple) else [one])]
    return list(dict.fromkeys(token for token in flat if token is not None))
