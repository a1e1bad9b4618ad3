"""What real classes of transformers answer about a whole video at once, to compare a stream with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from whenabouts.grounders.llm.conversation import Frames
from whenabouts.grounders.llm.engines.positions import place
from whenabouts.grounders.llm.shown import scaled

__all__ = ["KINDS", "pictures", "plain_logits"]

KINDS = ("llava_onevision", "qwen2_vl", "qwen2_5_vl")


def pictures(count: int, *, seed: int = 0, size: int = 56) -> list[np.ndarray]:
    """Frames of noise, (size, size, 3)."""
    drawn = np.random.default_rng(seed)
    return [drawn.integers(0, 256, (size, size, 3), dtype=np.uint8) for _ in range(count)]


@torch.inference_mode()
def plain_logits(
    engine: Any, frames: list[np.ndarray], seconds: float, question: str, written: Sequence[int] = ()
) -> torch.Tensor:
    """(V,): what follows the question, and the tokens of an answer that are `written`, after the video of all frames.

    seconds: between two steps of its time
    """
    network, processor = engine.network, engine.processor
    content = [{"type": "video"}, {"type": "text", "text": question}]
    text = processor.tokenizer.apply_chat_template(
        [{"role": "user", "content": content}],
        chat_template=processor.chat_template or processor.tokenizer.chat_template,
        tokenize=False,
        add_generation_prompt=True,
    )
    if network.config.model_type == "llava_onevision":
        settings, side = processor.image_processor, network.config.vision_config.image_size
        video = np.stack([scaled(frame, (side, side)) for frame in frames]).astype(np.float32)
        video = (video * settings.rescale_factor - settings.image_mean) / settings.image_std
        pixels = torch.from_numpy(video.transpose(0, 3, 1, 2).astype(np.float32))[None]
        each = (-(-(side // network.config.vision_config.patch_size) // 2)) ** 2
        mark = processor.video_token
        text = text.replace(mark, mark * (each * len(frames) + 1))
        ids = processor.tokenizer(text, return_tensors="pt", add_special_tokens=False)["input_ids"]
        ids = torch.cat([ids, torch.tensor([list(written)]).long()], dim=1)
        return network(input_ids=ids, pixel_values_videos=pixels).logits[0, -1]
    shown = Frames(tuple(float(i) for i in range(len(frames))), tuple(frames), 2 / seconds)
    given = processor.shown(text, [list(range(len(frames)))], shown)
    more = torch.tensor([list(written)]).long()
    for name, part in (("input_ids", more), ("attention_mask", more * 0 + 1), ("mm_token_type_ids", more * 0)):
        given[name] = torch.cat([given[name], part], dim=1)
    rate = getattr(network.config.vision_config, "tokens_per_second", None)
    step = seconds * rate if network.config.model_type == "qwen2_5_vl" else 1.0
    place(network, given, step, processor.image_processor.merge_size)
    return network(**given).logits[0, -1]
