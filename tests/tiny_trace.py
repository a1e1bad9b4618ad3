"""A tiny TRACE in the layout of its published folders, whose weights are the same on every machine."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file
from sentencepiece import SentencePieceTrainer
from transformers import CLIPVisionConfig, CLIPVisionModel, MistralConfig, MistralForCausalLM

from whenabouts.grounders.llm.systems.trace.network import TraceNetwork

WORDS = "the a dog cat runs jumps in video textual query output start and end timestamps seconds localize INST SYS"
VOCABULARY = 420
CLIP = {
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 3,
    "num_attention_heads": 2,
    "image_size": 28,
    "patch_size": 7,
}
CONFIG: dict[str, Any] = {
    "model_type": "trace_mistral",
    "vocab_size": VOCABULARY,
    "hidden_size": 64,
    "intermediate_size": 96,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "sliding_window": None,
    "rope_theta": 1e6,
    "max_position_embeddings": 4096,
    "rms_norm_eps": 1e-5,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "torch_dtype": "float32",
    "mm_vision_tower": "clip-vit-tiny",
    "mm_projector_type": "spatial_slot",
    "mm_hidden_size": 32,
    "mm_vision_select_layer": -2,
    "image_aspect_ratio": "pad",
    "time_vocab_size": 13,
    "score_vocab_size": 13,
}


def network(seed: int = 0) -> TraceNetwork:
    """The network with `values`."""
    made = TraceNetwork(MistralForCausalLM(MistralConfig(**CONFIG)), CLIPVisionModel(CLIPVisionConfig(**CLIP)))
    made.load_state_dict(values(made, seed))
    return made.eval()


def values(of: TraceNetwork, seed: int = 0) -> dict[str, torch.Tensor]:
    """Parameters by name, drawn in the order of their names."""
    drawn = np.random.RandomState(seed)
    state = of.state_dict()
    return {name: torch.from_numpy(_drawn(name, tuple(state[name].shape), drawn)) for name in sorted(state)}


def _drawn(name: str, shape: tuple[int, ...], drawn: Any) -> NDArray[np.float32]:
    plain = drawn.standard_normal(shape).astype("float32")
    if name.endswith(("norm.weight", "norm1.weight", "norm2.weight", "ln_vision.weight")):
        return np.asarray(1 + 0.1 * plain, "float32")
    scale = 0.1 if name.endswith("bias") else 0.5 if "slots" in name or "embed" in name else 2 / np.sqrt(shape[-1])
    return np.asarray(scale * plain, "float32")


def save(folder: Path, made: TraceNetwork, **config: Any) -> Path:
    """The folder as its authors publish theirs: two shards with an index, a config, a tokenizer, and CLIP's config."""
    folder.mkdir(parents=True, exist_ok=True)
    state = {name: value.contiguous().clone() for name, value in made.state_dict().items()}
    names, index = sorted(state), {}
    for number, part in enumerate((names[::2], names[1::2]), 1):
        file = f"model-0000{number}-of-00002.safetensors"
        save_file({name: state[name] for name in part}, folder / file)
        index |= dict.fromkeys(part, file)
    (folder / "model.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": index}))
    (folder / "config.json").write_text(json.dumps(CONFIG | config))
    (folder / "clip-vit-tiny").mkdir(exist_ok=True)
    CLIPVisionConfig(**CLIP).save_pretrained(folder / "clip-vit-tiny")
    _tokenizer(folder)
    return folder


def _tokenizer(folder: Path) -> None:
    drawn = random.Random(0)
    lines = [" ".join(drawn.choices(WORDS.split(), k=drawn.randint(3, 12))) + "." for _ in range(600)]
    SentencePieceTrainer.train(
        sentence_iterator=iter(lines),
        model_prefix=str(folder / "tokenizer"),
        vocab_size=VOCABULARY,
        model_type="bpe",
        byte_fallback=True,
        normalization_rule_name="identity",
        remove_extra_whitespaces=False,
        num_threads=1,
        minloglevel=2,
    )
