"""A model's own architecture with few, random weights: what would break in the model breaks in it, on a CPU."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

from whenabouts.errors import MissingExtra, ModelError

__all__ = ["shrunk"]

HEADS, HEAD = 2, 32
WIDTH = HEADS * HEAD
LAYERS = 2
SMALL: dict[str, Any] = {  # what configurations call their sizes
    "hidden_size": WIDTH, "embed_dim": WIDTH, "out_hidden_size": WIDTH, "intermediate_size": 2 * WIDTH,
    "num_hidden_layers": LAYERS, "depth": LAYERS, "num_attention_heads": HEADS, "num_heads": HEADS,
    "num_key_value_heads": 1, "head_dim": HEAD, "mlp_ratio": 2, "fullatt_block_indexes": [1],
    "deepstack_visual_indexes": [0, 1], "linear_num_key_heads": 1, "linear_num_value_heads": HEADS,
    "linear_key_head_dim": HEAD, "linear_value_head_dim": HEAD, "moe_intermediate_size": WIDTH,
    "shared_expert_intermediate_size": WIDTH, "num_experts": 4, "num_experts_per_tok": 2,
}  # fmt: skip


def shrunk(model: str, seed: int = 0) -> Any:
    """A network of the class that a folder or a name on the hub says, two layers deep, in float32 on the CPU.

    Vocabulary, marks, patches and the classes of all parts are the model's own. Raises ModelError, MissingExtra.
    """
    try:
        import torch
        import transformers as hf
    except ImportError as error:
        raise MissingExtra("rl", "post-training") from error
    from whenabouts.grounders.llm.engines.weights import first_line, quietly, unloadable

    auto: Any = hf.AutoModelForImageTextToText
    try:
        with quietly():
            config = copy.deepcopy(hf.AutoConfig.from_pretrained(model))
            for part in (config, *_parts(config)):
                _shrink(part)
            torch.manual_seed(seed)
            network = auto.from_config(config, dtype=torch.float32)
    except unloadable() as error:
        raise ModelError(f"a small model like {model} cannot be made: {first_line(error)}") from error
    if (Path(model) / "generation_config.json").is_file():
        network.generation_config = hf.GenerationConfig.from_pretrained(model)
    return network


def _parts(config: Any) -> list[Any]:
    return [part for part in vars(config).values() if hasattr(part, "model_type") and hasattr(part, "to_dict")]


def _shrink(config: Any) -> None:
    for name, value in SMALL.items():
        if getattr(config, name, None) is not None:
            setattr(config, name, value)
    kinds = getattr(config, "layer_types", None)
    if kinds:
        config.layer_types = [kinds[0], kinds[-1]]  # of models that mix kinds of attention one of each
    rope = getattr(config, "rope_parameters", None)
    if rope and rope.get("mrope_section"):
        half = int(HEAD * rope.get("partial_rotary_factor", 1.0)) // 2
        config.rope_parameters = {**rope, "mrope_section": _shared(half, rope["mrope_section"])}


def _shared(whole: int, parts: list[int]) -> list[int]:
    """A whole number in the proportions of others.

    >>> _shared(16, [16, 24, 24]), _shared(4, [11, 11, 10])
    ([4, 6, 6], [2, 1, 1])
    """
    made = [whole * part // sum(parts) for part in parts]
    rest = sorted(range(len(parts)), key=lambda i: made[i] * sum(parts) - whole * parts[i])
    for i in rest[: whole - sum(made)]:
        made[i] += 1
    return made
