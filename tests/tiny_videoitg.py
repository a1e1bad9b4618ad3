"""A tiny VideoITG in the layout of its published folder, whose weights are the same on every machine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2Model, SiglipVisionConfig, SiglipVisionModel

from whenabouts.selection.videoitg.network import Network

SIGLIP = {
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 3,
    "num_attention_heads": 2,
    "image_size": 28,
    "patch_size": 4,
}
LANGUAGE: dict[str, Any] = {
    "vocab_size": 300,
    "hidden_size": 64,
    "intermediate_size": 96,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 4096,
    "rope_theta": 1e6,
}
CONFIG: dict[str, Any] = LANGUAGE | {
    "model_type": "eagle_QwenG",
    "architectures": ["EagleQwenG"],
    "rope_scaling": None,
    "mm_vision_tower": "siglip-tiny",
    "mm_projector_type": "seq_mlp",
    "mm_hidden_size": 32,
    "mm_vision_select_layer": -2,
    "mm_vision_select_feature": "patch",
    "mm_use_4_vision_tokens": False,
    "vision_token_num": 600,
    "vision_min_num": 1,
    "tokenizer_model_max_length": 900,
    "tokenizer_padding_side": "right",
}


def network(seed: int = 0) -> Network:
    """The network with weights drawn in the order of their names."""
    made = Network(
        Qwen2Model(Qwen2Config(**LANGUAGE)), SiglipVisionModel(SiglipVisionConfig(**SIGLIP)), tokens=600, layer=-2
    )
    made.load_state_dict(values({name: tuple(value.shape) for name, value in made.state_dict().items()}, seed))
    return made.eval()


def values(shapes: dict[str, tuple[int, ...]], seed: int = 0) -> dict[str, torch.Tensor]:
    """Parameters by name."""
    drawn = np.random.RandomState(seed)
    plain = {name: drawn.standard_normal(shapes[name]).astype("float32") for name in sorted(shapes)}
    return {
        name: torch.from_numpy(np.asarray(1 + 0.1 * value if "norm" in name else 0.2 * value, "float32"))
        for name, value in plain.items()
    }


def video(frames: int) -> list[np.ndarray[Any, np.dtype[np.uint8]]]:
    """Pictures of noise, 64 × 36."""
    return list(np.random.RandomState(frames).randint(0, 256, (frames, 36, 64, 3)).astype(np.uint8))


def save(folder: Path, made: Network, **config: Any) -> Path:
    """The folder as its authors publish theirs: two shards with an index, a config, a tokenizer, SigLIP's config."""
    folder.mkdir(parents=True, exist_ok=True)
    state = {name: value.contiguous().clone() for name, value in made.state_dict().items()}
    names, index = sorted(state), {}
    for number, part in enumerate((names[::2], names[1::2]), 1):
        file = f"model-0000{number}-of-00002.safetensors"
        save_file({name: state[name] for name in part}, folder / file)
        index |= dict.fromkeys(part, file)
    (folder / "model.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": index}))
    (folder / "config.json").write_text(json.dumps(CONFIG | config))
    SiglipVisionConfig(**SIGLIP).save_pretrained(folder / "siglip-tiny")
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE({**{a: i for i, a in enumerate(letters)}, "<|endoftext|>": 256}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    end = "<|endoftext|>"
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token=end, pad_token=end).save_pretrained(folder)
    return folder
