"""The dimensions of a model that its cost depends on: known by name, or counted from the configuration in a folder."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from whenabouts.errors import MissingExtra

__all__ = ["MODELS", "Shape", "Tower", "shape_of", "shape_of_network"]

TOWER = ("visual.", "vision_tower.")  # in the names of its weights


@dataclass(frozen=True)
class Tower:
    """The part that sees.

    patches: how many of its tokens become one of the language part
    packed:  patches of all pictures lie in one row, and transformers calls attention for each picture, or each window
    window:  visual tokens of a window; None is a whole picture
    """

    parameters: float
    layers: int
    patches: int = 4
    packed: bool = True
    window: int | None = None

    def calls(self, tokens: int, pictures: int) -> int:
        """How often a layer calls attention for so many visual tokens of one prompt."""
        if not self.packed:
            return 1
        return pictures * (math.ceil(tokens / pictures / self.window) if self.window else 1)


@dataclass(frozen=True)
class Shape:
    """Parameters of a model in all, and the dimensions of its language part."""

    parameters: float
    layers: int
    hidden: int
    kv_heads: int
    head: int = 128
    vocabulary: int = 152_064
    tower: Tower = Tower(0, 0)

    @property
    def language(self) -> float:
        """Parameters of the language part."""
        return self.parameters - self.tower.parameters


_QWEN2_5 = Tower(0.67e9, 32, window=16)
MODELS = {
    "Qwen2.5-VL-3B": Shape(3.75e9, 36, 2048, 2, tower=_QWEN2_5),
    "Qwen2.5-VL-7B": Shape(8.3e9, 28, 3584, 4, tower=_QWEN2_5),
    "Qwen3-VL-8B": Shape(8.8e9, 36, 4096, 8, tower=Tower(0.58e9, 27)),
}


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
    return shape_of_network(network)


def shape_of_network(network: Any) -> Shape:
    """The shape of a vision-language model of transformers."""
    text = network.config.get_text_config()
    heads = text.num_attention_heads
    return Shape(
        parameters=sum(weight.numel() for weight in network.parameters()),
        layers=text.num_hidden_layers,
        hidden=text.hidden_size,
        kv_heads=getattr(text, "num_key_value_heads", None) or heads,
        head=getattr(text, "head_dim", None) or text.hidden_size // heads,
        vocabulary=text.vocab_size,
        tower=_tower(network),
    )


def _tower(network: Any) -> Tower:
    vision = network.config.vision_config
    merge = getattr(vision, "spatial_merge_size", None)
    side = getattr(vision, "window_size", None)
    return Tower(
        parameters=sum(w.numel() for name, w in network.named_parameters() if any(part in name for part in TOWER)),
        layers=getattr(vision, "depth", None) or vision.num_hidden_layers,
        patches=merge**2 if merge else 1,
        packed=merge is not None,
        window=(side // (vision.patch_size * merge)) ** 2 if side and merge else None,
    )
