"""A VideoMind checkpoint of random weights in the layout that its authors publish, with its base model beside it.

Names, shapes and files are those of `yeliudev/VideoMind-2B` and `Qwen/Qwen2-VL-2B-Instruct` as transformers 4.45 wrote
them; the weights are always the same, so that numbers of the official code on the same files can be written into tests.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("transformers", reason="the extra rl is not installed")
pytest.importorskip("peft", reason="the extra rl is not installed")
pytest.importorskip("safetensors", reason="the extra rl is not installed")

import torch
import transformers as hf
from safetensors.torch import save_file
from tokenizers import pre_tokenizers

from whenabouts.grounders.llm.systems.videomind.head import Head
from whenabouts.grounders.llm.systems.videomind.prompts import BEGIN, END, REG

WIDTH, VOCABULARY, RANK = 64, 320, 4
MARKS = (
    *("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>"),
    *("<|vision_pad|>", "<|image_pad|>", "<|video_pad|>", REG, BEGIN, END),
)
CHAT = (
    "{% for m in messages %}{% if loop.first and m['role'] != 'system' %}<|im_start|>system\nYou are a helpful "
    "assistant.<|im_end|>\n{% endif %}<|im_start|>{{ m['role'] }}\n{% for c in m['content'] %}{% if c['type'] == "
    "'video' %}<|vision_start|><|video_pad|><|vision_end|>{% elif 'text' in c %}{{ c['text'] }}{% endif %}{% endfor %}"
    "<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
PICTURES = {
    "image_processor_type": "Qwen2VLImageProcessor", "do_resize": False, "do_rescale": True, "do_normalize": True,
    "do_convert_rgb": True, "rescale_factor": 1 / 255, "resample": 3, "min_pixels": 3136, "max_pixels": 12845056,
    "patch_size": 14, "temporal_patch_size": 2, "merge_size": 2, "processor_class": "Qwen2VLProcessor",
    "image_mean": [0.48145466, 0.4578275, 0.40821073], "image_std": [0.26862954, 0.26130258, 0.27577711],
}  # fmt: skip
OUTER = "base_model.model."


def tiny_videomind(folder: Path, *, roles: tuple[str, ...] = ("grounder", "planner", "verifier")) -> Path:
    """Write both folders into one; the path of the checkpoint's own."""
    base, mind = folder / "Qwen2-VL-2B-Instruct", folder / "VideoMind-2B"
    ids = {mark: 259 + number for number, mark in enumerate(MARKS)}
    config = _config(ids)
    for path in (base, mind):
        path.mkdir(parents=True)
        _tokenizer(path, ids)
        _json(path / "preprocessor_config.json", PICTURES)
        ends = {"eos_token_id": [ids["<|im_end|>"], ids["<|endoftext|>"]], "pad_token_id": ids["<|endoftext|>"]}
        _json(path / "generation_config.json", ends | {"do_sample": True, "top_k": 1, "repetition_penalty": 1.05})
    _json(base / "config.json", config | {"model_type": "qwen2_vl"})
    own = {"role": "grounder", "base_model_path": "model_zoo/Qwen2-VL-2B-Instruct", "base_model": "qwen2_vl"}
    own |= {"reg_token_id": ids[REG], "seg_s_token_id": ids[BEGIN], "seg_e_token_id": ids[END]}
    _json(mind / "config.json", config | own | {"model_type": "agent_qwen2_vl"})

    weights = filled(_shapes(config), seed=0, spread=0.25)
    save_file(weights, base / "model.safetensors", {"format": "pt"})
    head = {OUTER + name: tuple(value.shape) for name, value in Head(WIDTH).state_dict().items()}
    save_file(filled(head, seed=1, spread=0.1), mind / "pytorch_model.safetensors", {"format": "pt"})
    for seed, role in enumerate(roles, 2):
        _adapter(mind / role, role, seed, weights)
    return mind


def _adapter(folder: Path, role: str, seed: int, weights: dict[str, torch.Tensor]) -> None:
    folder.mkdir()
    names = [
        name.removesuffix(".weight") for name in weights if name.endswith(("_proj.weight",)) and "self_attn" in name
    ]
    tuned = role in {"grounder", "verifier"}
    said = {"peft_type": "LORA", "task_type": "CAUSAL_LM", "r": RANK, "lora_alpha": RANK, "lora_dropout": 0.1}
    said |= {"bias": "none", "target_modules": names, "modules_to_save": ["embed_tokens", "lm_head"] if tuned else None}
    said |= {"base_model_name_or_path": "model_zoo/Qwen2-VL-2B-Instruct", "inference_mode": True, "lora_bias": False}
    _json(folder / "adapter_config.json", said)
    shapes: dict[str, tuple[int, ...]] = {}
    for name in names:
        out, into = weights[f"{name}.weight"].shape
        shapes |= {f"{OUTER}{name}.lora_A.weight": (RANK, into), f"{OUTER}{name}.lora_B.weight": (out, RANK)}
    state = filled(shapes, seed=seed, spread=0.25)
    if tuned:
        for name in ("model.embed_tokens.weight", "lm_head.weight"):
            state[OUTER + name] = (
                weights["model.embed_tokens.weight"] + filled({name: (VOCABULARY, WIDTH)}, seed, 0.1)[name]
            )
    if role == "grounder":  # so that it says <|reg|> soon
        state[OUTER + "lm_head.weight"][259 + MARKS.index(REG)] = 1.5 * state[OUTER + "lm_head.weight"][LIKE]
    save_file(state, folder / "adapter_model.safetensors", {"format": "pt"})


LIKE = 33  # the token in whose place the grounder says <|reg|>


def _config(ids: dict[str, int]) -> dict[str, Any]:
    """As Qwen2-VL's `config.json`, where the text model's settings stand beside those of the vision tower."""
    marks = {"vision_start": "vision_start", "vision_end": "vision_end", "image": "image_pad", "video": "video_pad"}
    return {
        "architectures": ["Qwen2VLForConditionalGeneration"], "hidden_act": "silu", "hidden_size": WIDTH,
        "intermediate_size": 96, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
        "vocab_size": VOCABULARY, "max_position_embeddings": 4096, "rms_norm_eps": 1e-6, "rope_theta": 1e6,
        "rope_scaling": {"type": "mrope", "mrope_section": [2, 3, 3]}, "tie_word_embeddings": True,
        "bos_token_id": ids["<|endoftext|>"], "eos_token_id": ids["<|im_end|>"], "torch_dtype": "float32",
        "vision_config": {
            "depth": 2, "embed_dim": 32, "hidden_size": WIDTH, "num_heads": 2, "mlp_ratio": 2, "patch_size": 14,
            "in_chans": 3, "spatial_merge_size": 2, "temporal_patch_size": 2, "model_type": "qwen2_vl",
        },
    } | {f"{name}_token_id": ids[f"<|{mark}|>"] for name, mark in marks.items()}  # fmt: skip


def _shapes(config: dict[str, Any]) -> dict[str, tuple[int, ...]]:
    """Published names of the base model's parameters, with their shapes; input and output embeddings are one."""
    network = hf.Qwen2VLForConditionalGeneration(hf.Qwen2VLConfig(**config))
    published = {}
    for name, value in network.named_parameters():
        plain = name.replace("model.language_model.", "model.").replace("model.visual.", "visual.")
        published[plain] = tuple(value.shape)
    published.pop("lm_head.weight", None)
    return published


def filled(shapes: dict[str, tuple[int, ...]], seed: int, spread: float) -> dict[str, torch.Tensor]:
    """The same random weights whenever they are drawn; norms stay near 1."""
    drawn = np.random.default_rng(seed)
    tensors = {}
    for name in sorted(shapes):
        values = torch.from_numpy(drawn.standard_normal(shapes[name]).astype(np.float32)) * spread
        tensors[name] = values + 1 if "norm" in name and name.endswith("weight") else values
    return tensors


def _tokenizer(folder: Path, ids: dict[str, int]) -> None:
    """Qwen2's, with one token per byte, `Yes` and `No`, and the marks."""
    letters = [*sorted(pre_tokenizers.ByteLevel.alphabet()), "Ye", "Yes", "No"]
    _json(folder / "vocab.json", {letter: number for number, letter in enumerate(letters)})
    (folder / "merges.txt").write_text("#version: 0.2\nY e\nYe s\nN o\n", "utf-8")
    special = {"lstrip": False, "rstrip": False, "normalized": False, "single_word": False, "special": True}
    added = {str(number): {"content": mark, **special} for mark, number in ids.items()}
    said = {"tokenizer_class": "Qwen2Tokenizer", "added_tokens_decoder": added, "chat_template": CHAT}
    said |= {"eos_token": "<|im_end|>", "pad_token": "<|endoftext|>", "unk_token": None, "bos_token": None}
    said |= {"additional_special_tokens": list(ids), "padding_side": "left", "errors": "replace"}
    _json(folder / "tokenizer_config.json", said)


def _json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value), "utf-8")
