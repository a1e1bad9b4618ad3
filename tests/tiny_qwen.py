"""Qwen2-VL, Qwen2.5-VL and Qwen3-VL of random weights, from their configurations: no hub, no file."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("transformers", reason="the extra hub is not installed")

import torch
import transformers as hf
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

from whenabouts.grounders.llm.engines.qwen import FrameProcessor

WIDTH = 64
MARKS = ("vision_start", "vision_end", "image_pad", "video_pad", "im_start", "im_end", "endoftext")
CHAT = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{% for c in m['content'] %}{% if c['type'] != 'text' %}"
    "<|vision_start|><|{{ c['type'] }}_pad|><|vision_end|>{% else %}{{ c['text'] }}{% endif %}{% endfor %}"
    "<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def tiny_qwen(kind: str) -> tuple[Any, FrameProcessor]:
    """A model of a few hundred thousand parameters and what feeds it; the same every time."""
    tokenizer = _tokenizer()
    mark = {name: tokenizer.convert_tokens_to_ids(f"<|{name}|>") for name in MARKS}
    ids = {f"{name}_token_id": mark[f"{name}_pad"] for name in ("image", "video")}
    ids |= {f"vision_{side}_token_id": mark[f"vision_{side}"] for side in ("start", "end")}
    text = {
        "vocab_size": len(tokenizer), "hidden_size": WIDTH, "intermediate_size": 128, "num_hidden_layers": 2,
        "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 4096, "bos_token_id": None,
        "eos_token_id": mark["im_end"], "pad_token_id": mark["endoftext"], "tie_word_embeddings": False,
        "rope_parameters": {"rope_type": "default", "mrope_section": [2, 3, 3], "rope_theta": 1e4},
    }  # fmt: skip
    vision = {"depth": 2, "hidden_size": 32, "num_heads": 2, "spatial_merge_size": 2, "temporal_patch_size": 2}
    patch = 14
    torch.manual_seed(0)
    if kind == "qwen2_vl":
        vision = vision | {"embed_dim": 32, "hidden_size": WIDTH, "mlp_ratio": 2, "patch_size": patch}
        model = hf.Qwen2VLForConditionalGeneration(hf.Qwen2VLConfig(text_config=text, vision_config=vision, **ids))
    elif kind == "qwen2_5_vl":
        vision |= {"intermediate_size": 64, "out_hidden_size": WIDTH, "patch_size": patch, "window_size": 56}
        vision |= {"fullatt_block_indexes": [1], "tokens_per_second": 2}
        model = hf.Qwen2_5_VLForConditionalGeneration(
            hf.Qwen2_5_VLConfig(text_config=text, vision_config=vision, **ids)
        )
    else:
        patch = 16
        vision |= {
            "intermediate_size": 64,
            "out_hidden_size": WIDTH,
            "patch_size": patch,
            "num_position_embeddings": 64,
        }
        vision |= {"deepstack_visual_indexes": [0, 1]}
        rope = text["rope_parameters"] | {"mrope_section": [4, 2, 2], "mrope_interleaved": True}
        text |= {"head_dim": 16, "rope_parameters": rope}
        model = hf.Qwen3VLForConditionalGeneration(hf.Qwen3VLConfig(text_config=text, vision_config=vision, **ids))
    side = 2 * patch
    pictures = hf.Qwen2VLImageProcessorPil(
        patch_size=patch, size={"shortest_edge": side**2, "longest_edge": 64 * side**2}
    )
    model.generation_config.pad_token_id = mark["endoftext"]
    return model.eval(), FrameProcessor(tokenizer, pictures)


def _tokenizer() -> Any:
    """One token per byte, and the marks."""
    letters = {letter: number for number, letter in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    plain = Tokenizer(models.BPE(vocab=letters, merges=[]))
    plain.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    plain.decoder = decoders.ByteLevel()
    special = [f"<|{name}|>" for name in MARKS]
    tokenizer = hf.PreTrainedTokenizerFast(
        tokenizer_object=plain, eos_token="<|im_end|>", pad_token="<|endoftext|>",
        additional_special_tokens=special, padding_side="left",
    )  # fmt: skip
    tokenizer.chat_template = CHAT
    return tokenizer
