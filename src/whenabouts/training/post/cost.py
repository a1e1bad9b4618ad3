"""What a run costs before it is started: GPU-hours and memory, with the formula spelt out.

    time per update = 2 P / F · (queries · prompt / u_t + answers · answer / u_s)     sampling, the prompt read once
                    + 6 P / F · answers · (prompt + answer) / u_t                    loss, forward and backward
                    + 2 P / F · answers · (prompt + answer) / u_t                    reference, unless beta is 0
    memory          = 2 P + 14 T                                    weights; gradients and AdamW of T trained parameters
                    + 4 · layers · kv heads · head · tokens · group      keys and values while sampling
                    + 4 · vocabulary · answer · answers per pass         logits in float32
                    + 34 / 12 · hidden · layers · tokens · answers per pass    activations under checkpointing

in bytes. P counts parameters, F the peak of a GPU in FLOP/s, u the share of it that is reached: 0.4 in training, 0.08
when sampling token by token. With LoRA the gradients still flow through all weights, so memory changes and time hardly.
These are estimates for planning: expect a factor of two either way.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from whenabouts.errors import InputError, MissingExtra
from whenabouts.grounders.llm.recipe import GRPO, Recipe

__all__ = ["GPUS", "MODELS", "Cost", "Shape", "estimate", "shape_of"]

TRAINING, SAMPLING = 0.4, 0.08  # share of the peak that is reached
GIB = 2**30


@dataclass(frozen=True)
class Shape:
    """Parameters of a model, and the dimensions of its language part that memory depends on."""

    parameters: float
    layers: int
    hidden: int
    kv_heads: int
    head: int = 128
    vocabulary: int = 152_064


@dataclass(frozen=True)
class Gpu:
    """Peak of dense bfloat16 in FLOP/s and memory in GiB, from the vendor's data sheet."""

    flops: float
    memory: float


MODELS = {
    "Qwen2.5-VL-3B": Shape(3.75e9, 36, 2048, 2),
    "Qwen2.5-VL-7B": Shape(8.3e9, 28, 3584, 4),
    "Qwen3-VL-8B": Shape(8.8e9, 36, 4096, 8),
}
GPUS = {"A100": Gpu(312e12, 80), "H100": Gpu(989e12, 80), "H200": Gpu(989e12, 141), "RTX4090": Gpu(165e12, 24)}


@dataclass(frozen=True)
class Cost:
    """An estimate. memory and gpu_memory are GiB per GPU; `updates` counts optimiser steps."""

    updates: int
    gpu_hours: float
    memory: float
    gpu_memory: float
    seconds_per_update: float

    @property
    def fits(self) -> bool:
        """Whether memory stays below nine tenths of what the GPU has."""
        return self.memory < 0.9 * self.gpu_memory


def shape_of(model: str) -> Shape | None:
    """The shape of a model that is known by name, or is in a folder; None otherwise. Raises MissingExtra."""
    if not (Path(model) / "config.json").is_file():
        return next((shape for name, shape in MODELS.items() if name.lower() in model.lower()), None)
    try:
        import torch
        import transformers as hf
    except ImportError as error:
        raise MissingExtra("rl", "the shape of a model") from error
    config = hf.AutoConfig.from_pretrained(model)
    auto: Any = hf.AutoModelForImageTextToText
    with torch.device("meta"):  # names and sizes without a single weight
        network = auto.from_config(config)
    text = config.get_text_config()
    heads = text.num_attention_heads
    return Shape(
        parameters=sum(weight.numel() for weight in network.parameters()),
        layers=text.num_hidden_layers,
        hidden=text.hidden_size,
        kv_heads=getattr(text, "num_key_value_heads", None) or heads,
        head=getattr(text, "head_dim", None) or text.hidden_size // heads,
        vocabulary=text.vocab_size,
    )


def estimate(
    recipe: Recipe,
    shape: Shape,
    samples: int,
    gpu: Gpu,
    *,
    gpus: int = 1,
    micro: int = 1,
    lora: int | None = None,
    prompt_tokens: int | None = None,
) -> Cost:
    """The cost of a recipe on `samples` rows.

    lora:  rank of the adapters on attention; None trains every weight, sharded over the GPUs (ZeRO-3).
    micro: answers per forward pass and GPU. prompt_tokens: text and frames; the recipe's visual budget by default.
    Raises InputError for an empty data set or no GPU.
    """
    if samples < 1 or gpus < 1 or micro < 1:
        raise InputError(f"a cost needs samples, GPUs and answers per pass; got {samples}, {gpus} and {micro}")
    rl = recipe if isinstance(recipe, GRPO) else None
    group, answer = (rl.group, rl.tokens) if rl else (1, 32)
    prompt = prompt_tokens or recipe.visual_tokens + 200
    per_update = max(1, recipe.batch // group)
    updates = max(1, round(recipe.epochs * samples / per_update))
    updates = min(updates, recipe.steps or updates)
    tokens = prompt + answer
    p, f = shape.parameters, gpu.flops
    seconds = recipe.batch * tokens * 6 * p / (f * TRAINING)
    if rl:
        seconds += (per_update * prompt / TRAINING + recipe.batch * answer / SAMPLING) * 2 * p / f
        seconds += recipe.batch * tokens * 2 * p / (f * TRAINING) if rl.beta else 0.0
    trained = p if lora is None else 4 * 2 * lora * shape.hidden * shape.layers
    shards = gpus if lora is None else 1
    weights = (2 * p + 14 * trained) / shards
    kept = 4 * shape.layers * shape.kv_heads * shape.head * tokens * (group if rl else micro)
    logits = 4 * shape.vocabulary * answer * micro
    activations = 34 * shape.hidden * shape.layers * tokens * micro / 12
    memory = (weights + kept + logits + activations) / GIB
    return Cost(updates, updates * seconds / 3600, memory, gpu.memory, seconds / gpus)
