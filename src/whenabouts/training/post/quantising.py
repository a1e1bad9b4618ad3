"""A base of 4 bits a weight under adapters: QLoRA (arXiv:2305.14314), in NF4 with the constants quantised too."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from whenabouts.errors import MissingExtra

__all__ = ["in_four_bits", "prepared"]

WHOLE = ("visual", "model.visual", "vision_tower", "model.vision_tower", "lm_head")  # parts that keep their numbers


def in_four_bits() -> dict[str, Any]:
    """What transformers' loader is told. The vision tower and the last layer stay as they are. Raises MissingExtra."""
    if find_spec("bitsandbytes") is None:
        raise MissingExtra("quantised", "training on 4-bit weights")
    import torch
    from transformers import BitsAndBytesConfig

    maker: Any = BitsAndBytesConfig
    half = torch.cuda.is_available() and torch.cuda.is_bf16_supported()
    config = maker(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16 if half else torch.float32,
        llm_int8_skip_modules=list(WHOLE),
    )
    return {"quantization_config": config, "device_map": {"": torch.cuda.current_device() if half else "cpu"}}


def prepared(network: Any) -> Any:
    """The network with norms in float32 and its weights frozen, as adapters on 4 bits need it."""
    import peft

    prepare: Any = peft.prepare_model_for_kbit_training
    return prepare(network, use_gradient_checkpointing=False)
