"""Frames for Qwen's vision-language models, as images or as video, without torchvision.

transformers' processors of these models want torchvision even where no video is given. What they make of frames is
little: pixels in patches, and as many marks in the text as there are patches after merging.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.grounders.llm.sampling import PAIR
from whenabouts.grounders.llm.shown import scaled

if TYPE_CHECKING:
    from whenabouts.grounders.llm.conversation import Frames

__all__ = ["FAMILY", "MARKS", "FrameProcessor", "grid_of", "patches"]

FAMILY = ("qwen2_vl", "qwen2_5_vl", "qwen3_vl", "qwen3_vl_moe", "qwen3_5")
IMAGE, VIDEO = "<|image_pad|>", "<|video_pad|>"


class FrameProcessor:
    """Stands in for transformers' processor in the engine."""

    def __init__(self, tokenizer: Any, image_processor: Any, chat_template: str | None = None) -> None:
        self.tokenizer, self.image_processor = tokenizer, image_processor
        self.chat_template = chat_template or tokenizer.chat_template

    def save_pretrained(self, folder: str | Path) -> None:
        """Both parts, as transformers writes them."""
        self.tokenizer.save_pretrained(folder)
        self.image_processor.save_pretrained(folder)

    def shown(self, text: str, runs: Sequence[Sequence[int]], frames: Frames) -> Any:
        """What the model takes of a text whose marks stand for `runs` of frames: one is an image, several are video.

        Frames keep their size, which is a paper's choice: the bounds in a folder are for single images.
        """
        import torch

        seen: dict[str, Any] = {}
        for pixels, grids, lengths in (
            ("pixel_values", "image_grid_thw", {1}),
            ("pixel_values_videos", "video_grid_thw", set(map(len, runs)) - {1}),
        ):
            made = [
                patches([frames.images[i] for i in run], self.image_processor) for run in runs if len(run) in lengths
            ]
            if made:
                seen[pixels] = torch.from_numpy(np.concatenate([table for table, _ in made]))
                seen[grids] = torch.tensor([grid for _, grid in made])
        return self._encoded(text, seen)

    def batch_decode(self, ids: Any, *, skip_special_tokens: bool) -> list[str]:
        """Answers as text."""
        texts: list[str] = self.tokenizer.batch_decode(ids, skip_special_tokens=skip_special_tokens)
        return texts

    def _encoded(self, text: str, seen: dict[str, Any]) -> Any:
        from transformers import BatchEncoding

        for mark, grids in MARKS.items():
            counts = self._counts(seen.get(grids))
            first, *rest = text.split(mark)
            text = first + "".join(mark * next(counts) + part for part in rest)
        tokens = self.tokenizer([text], return_tensors="pt")
        image, video = (tokens["input_ids"] == self.tokenizer.convert_tokens_to_ids(mark) for mark in MARKS)
        return BatchEncoding({**tokens, **seen, "mm_token_type_ids": image.long() + 2 * video.long()})

    def _counts(self, grid: Any) -> Iterator[int]:
        return iter([] if grid is None else (grid.prod(-1) // self.image_processor.merge_size**2).tolist())


MARKS = {IMAGE: "image_grid_thw", VIDEO: "video_grid_thw"}


def patches(images: Sequence[NDArray[np.uint8]], settings: Any) -> tuple[NDArray[np.float32], tuple[int, int, int]]:
    """A video as the vision tower takes it: (patches, channels × 2 × patch × patch) float32, and its grid (t, h, w).

    Two frames make a step of time, the last is repeated if it is alone; neighbours that merge stand together.
    """
    grid = grid_of(images, settings)
    side, merge = settings.patch_size, settings.merge_size
    video = np.stack([scaled(image, (grid[2] * side, grid[1] * side)) for image in images])
    video = np.concatenate([video, video[-1:]]) if len(video) % PAIR else video
    cut = video.reshape(grid[0], PAIR, grid[1] // merge, merge, side, grid[2] // merge, merge, side, 3)
    cut = cut.transpose(0, 2, 5, 3, 6, 8, 1, 4, 7).reshape(grid[0] * grid[1] * grid[2], 3, -1)  # still bytes
    levels = np.arange(256, dtype=np.float32)[:, None] * settings.rescale_factor
    levels = (levels - np.float32(settings.image_mean)) / np.float32(settings.image_std)
    table = np.empty(cut.shape, np.float32)
    for colour in range(3):
        table[:, colour] = levels[:, colour][cut[:, colour]]  # each of 256 levels was computed once
    return table.reshape(len(table), -1), grid


def grid_of(images: Sequence[NDArray[np.uint8]], settings: Any) -> tuple[int, int, int]:
    """Steps of time, and patches high and wide, of frames that are one piece of video."""
    side = settings.patch_size * settings.merge_size
    height, width = (max(1, round(n / side)) * settings.merge_size for n in images[0].shape[:2])
    return -(-len(images) // PAIR), height, width
