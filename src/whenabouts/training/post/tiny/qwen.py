"""Tiny models of Qwen's classes, with random weights: what a paper trains, small enough for a processor core."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from whenabouts.errors import MissingExtra
from whenabouts.grounders.llm.engines.qwen import FrameProcessor
from whenabouts.training.post.tiny.words import tiny_tokenizer

__all__ = ["CHAT", "KINDS", "MARKS", "tiny_qwen"]

KINDS = {  # classes of transformers, and the side of a patch in pixels
    "qwen2_vl": ("Qwen2VL", 14),
    "qwen2_5_vl": ("Qwen2_5_VL", 14),
    "qwen3_vl": ("Qwen3VL", 16),
    "qwen3_5": ("Qwen3_5", 16),
}
MARKS = ("vision_start", "vision_end", "image_pad", "video_pad", "im_start", "im_end", "endoftext")
CHAT = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n"
    "{% if m['content'] is string %}{{ m['content'] }}{% else %}{% for c in m['content'] %}"
    "{% if c['type'] != 'text' %}<|vision_start|><|{{ c['type'] }}_pad|><|vision_end|>{% else %}{{ c['text'] }}"
    "{% endif %}{% endfor %}{% endif %}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
HEAD, MERGE = 16, 2


def tiny_qwen(
    kind: str, words: Sequence[str] = (), *, hidden: int = 128, layers: int = 4, seed: int = 0
) -> tuple[Any, FrameProcessor]:
    """A model and what prepares text and frames for it; `kind` is in KINDS, `hidden` a multiple of 32.

    Raises MissingExtra.
    """
    try:
        import torch
        import transformers as hf
        from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil
    except ImportError as error:
        raise MissingExtra("rl", "the tiny model") from error
    name, patch = KINDS[kind]
    special = [f"<|{mark}|>" for mark in MARKS]
    tokenizer = tiny_tokenizer(words, special=special, end="<|im_end|>", pad="<|endoftext|>", chat=CHAT)
    mark = {each: tokenizer.convert_tokens_to_ids(f"<|{each}|>") for each in MARKS}
    config = getattr(hf, f"{name}Config")(
        text_config=_text(kind, len(tokenizer), hidden, layers, mark),
        vision_config=_vision(kind, hidden, patch),
        image_token_id=mark["image_pad"],
        video_token_id=mark["video_pad"],
        vision_start_token_id=mark["vision_start"],
        vision_end_token_id=mark["vision_end"],
        tie_word_embeddings=False,
    )
    torch.manual_seed(seed)
    model = getattr(hf, f"{name}ForConditionalGeneration")(config)
    model.generation_config.eos_token_id = tokenizer.eos_token_id
    model.generation_config.pad_token_id = tokenizer.pad_token_id
    side = patch * MERGE
    pictures = Qwen2VLImageProcessorPil(patch_size=patch, size={"shortest_edge": side**2, "longest_edge": 64 * side**2})
    return model, FrameProcessor(tokenizer, pictures, CHAT)


def _text(kind: str, vocabulary: int, hidden: int, layers: int, mark: dict[str, int]) -> dict[str, Any]:
    heads = hidden // HEAD
    rope: dict[str, Any] = {"rope_type": "default", "rope_theta": 1e4, "mrope_section": [2, 3, 3]}
    more: dict[str, Any] = {}
    if kind in {"qwen3_vl", "qwen3_5"}:
        rope |= {"mrope_section": [4, 2, 2], "mrope_interleaved": True}
        more = {"head_dim": HEAD}
    if kind == "qwen3_5":
        rope |= {"mrope_section": [1, 1, 0], "partial_rotary_factor": 0.25}
        more |= {"linear_key_head_dim": HEAD, "linear_value_head_dim": HEAD}
        more |= {"linear_num_key_heads": heads // 2, "linear_num_value_heads": heads}
    return {
        "vocab_size": vocabulary,
        "hidden_size": hidden,
        "intermediate_size": 3 * hidden,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "num_key_value_heads": heads // 2,
        "max_position_embeddings": 4096,
        "bos_token_id": None,
        "eos_token_id": mark["im_end"],
        "pad_token_id": mark["endoftext"],
        "tie_word_embeddings": False,
        "rope_parameters": rope,
        **more,
    }


def _vision(kind: str, hidden: int, patch: int) -> dict[str, Any]:
    width = hidden // 2
    shared = {"depth": 2, "num_heads": 2, "patch_size": patch, "spatial_merge_size": MERGE, "temporal_patch_size": 2}
    if kind == "qwen2_vl":
        return shared | {"embed_dim": width, "hidden_size": hidden, "mlp_ratio": 2}
    shared |= {"hidden_size": width, "intermediate_size": hidden, "out_hidden_size": hidden}
    if kind == "qwen2_5_vl":
        return shared | {"window_size": 4 * patch, "fullatt_block_indexes": [1], "tokens_per_second": 2}
    shared |= {"num_position_embeddings": 64}
    return shared | ({"deepstack_visual_indexes": [0, 1]} if kind == "qwen3_vl" else {})
