"""The tokenizer of tiny models: lossless for any text, without a file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

__all__ = ["tiny_tokenizer"]

TAGS = ("<think>", "</think>", "<answer>", "</answer>", " to ", " seconds")


def tiny_tokenizer(words: Sequence[str], *, special: Sequence[str], end: str, pad: str, chat: str) -> Any:
    """One token per byte, per tag of an answer and per word; `special` are the marks of a model."""
    import transformers as hf
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    inner = Tokenizer(models.BPE(vocab={c: i for i, c in enumerate(alphabet)}, merges=[]))
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    every = dict.fromkeys((*TAGS, *words))
    inner.add_tokens([AddedToken(word, normalized=False, special=False) for word in every])
    fast: Any = hf.PreTrainedTokenizerFast
    tokenizer = fast(
        tokenizer_object=inner,
        eos_token=end,
        pad_token=pad,
        additional_special_tokens=list(special),
        padding_side="left",
    )
    tokenizer.chat_template = chat
    return tokenizer
