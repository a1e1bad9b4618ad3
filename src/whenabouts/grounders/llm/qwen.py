"""Qwen's vision-language models on frames as images, without torchvision.

transformers' processor of these models wants torchvision even where no video is given. Frames as images need only the
tokenizer, the image processor, and as many image tokens in the text as a picture has patches after merging.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

__all__ = ["FAMILY", "FrameProcessor"]

FAMILY = ("qwen2_vl", "qwen2_5_vl", "qwen3_vl", "qwen3_vl_moe", "qwen3_5")
PAD = "<|image_pad|>"


class FrameProcessor:
    """Stands in for transformers' processor: the three methods that the engine calls."""

    def __init__(self, tokenizer: Any, image_processor: Any) -> None:
        self.tokenizer, self.image_processor = tokenizer, image_processor

    @classmethod
    def from_pretrained(cls, model: str | Path) -> FrameProcessor:
        """From a folder or a name on the hub."""
        from transformers import AutoImageProcessor, AutoTokenizer

        tokens, images = AutoTokenizer, AutoImageProcessor
        return cls(tokens.from_pretrained(model), images.from_pretrained(model))  # type: ignore[no-untyped-call]

    def save_pretrained(self, folder: str | Path) -> None:
        """Both parts, as transformers writes them."""
        self.tokenizer.save_pretrained(folder)
        self.image_processor.save_pretrained(folder)

    def apply_chat_template(self, messages: list[dict[str, Any]], *, add_generation_prompt: bool) -> str:
        """The conversation as text, with one image token per frame."""
        text: str = self.tokenizer.apply_chat_template(
            messages, tokenize=False, add_generation_prompt=add_generation_prompt
        )
        return text

    def __call__(self, *, text: Sequence[str], images: Sequence[Any] | None, return_tensors: str) -> Any:
        """What the model takes: tokens, and the patches of all frames."""
        from transformers import BatchEncoding

        pictures = [picture for of_one in images or [] for picture in of_one]
        seen = dict(self.image_processor(images=pictures, return_tensors=return_tensors)) if pictures else {}
        merged = self.image_processor.merge_size**2
        counts = iter((seen["image_grid_thw"].prod(-1) // merged).tolist() if pictures else [])
        told = [self._expanded(one, counts) for one in text]
        tokens = self.tokenizer(told, return_tensors=return_tensors, padding=True)
        kinds = (tokens["input_ids"] == self.tokenizer.convert_tokens_to_ids(PAD)).long()
        return BatchEncoding({**tokens, **seen, "mm_token_type_ids": kinds})

    def batch_decode(self, ids: Any, *, skip_special_tokens: bool) -> list[str]:
        """Answers in words."""
        said: list[str] = self.tokenizer.batch_decode(ids, skip_special_tokens=skip_special_tokens)
        return said

    @staticmethod
    def _expanded(text: str, counts: Any) -> str:
        first, *rest = text.split(PAD)
        return first + "".join(PAD * next(counts) + part for part in rest)
