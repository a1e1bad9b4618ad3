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

if TYPE_CHECKING:
    from whenabouts.grounders.llm.conversation import Frames

__all__ = ["FAMILY", "FrameProcessor", "patches"]

FAMILY = ("qwen2_vl", "qwen2_5_vl", "qwen3_vl", "qwen3_vl_moe", "qwen3_5")
IMAGE, VIDEO = "<|image_pad|>", "<|video_pad|>"


class FrameProcessor:
    """Stands in for transformers' processor: the methods that the engine and the trainers call."""

    def __init__(self, tokenizer: Any, image_processor: Any, chat_template: str | None = None) -> None:
        self.tokenizer, self.image_processor = tokenizer, image_processor
        self.chat_template = chat_template or tokenizer.chat_template

    def save_pretrained(self, folder: str | Path) -> None:
        """Both parts, as transformers writes them."""
        self.tokenizer.save_pretrained(folder)
        self.image_processor.save_pretrained(folder)

    def __call__(self, *, text: Sequence[str], images: Sequence[Any] | None, return_tensors: str, **_: Any) -> Any:
        """What the model takes of texts and their images: tokens, and the patches of all images."""
        pictures = [picture for of_one in images or [] for picture in of_one]
        return self._encoded(text, dict(self.image_processor(images=pictures, return_tensors="pt")) if pictures else {})

    def shown(self, text: str, runs: Sequence[Sequence[int]], frames: Frames) -> Any:
        """The same of one text whose marks stand for `runs` of frames: one frame is an image, several are video."""
        import torch

        stills = [frames.images[run[0]] for run in runs if len(run) == 1]
        videos = [run for run in runs if len(run) > 1]
        seen = dict(self.image_processor(images=stills, return_tensors="pt")) if stills else {}
        if videos:
            made = [patches([frames.images[i] for i in run], self.image_processor) for run in videos]
            seen["pixel_values_videos"] = torch.from_numpy(np.concatenate([pixels for pixels, _ in made]))
            seen["video_grid_thw"] = torch.tensor([grid for _, grid in made])
        return self._encoded([text], seen)

    def batch_decode(self, ids: Any, *, skip_special_tokens: bool) -> list[str]:
        """Answers as text."""
        texts: list[str] = self.tokenizer.batch_decode(ids, skip_special_tokens=skip_special_tokens)
        return texts

    def _encoded(self, texts: Sequence[str], seen: dict[str, Any]) -> Any:
        from transformers import BatchEncoding

        counts = {mark: self._counts(seen.get(grid)) for mark, grid in MARKS.items()}
        marked = []
        for text in texts:
            for mark in MARKS:
                first, *rest = text.split(mark)
                text = first + "".join(mark * next(counts[mark]) + part for part in rest)  # noqa: PLW2901
            marked.append(text)
        tokens = self.tokenizer(marked, return_tensors="pt", padding=True)
        image, video = (tokens["input_ids"] == self.tokenizer.convert_tokens_to_ids(mark) for mark in MARKS)
        return BatchEncoding({**tokens, **seen, "mm_token_type_ids": image.long() + 2 * video.long()})

    def _counts(self, grid: Any) -> Iterator[int]:
        return iter([] if grid is None else (grid.prod(-1) // self.image_processor.merge_size**2).tolist())


MARKS = {IMAGE: "image_grid_thw", VIDEO: "video_grid_thw"}


def patches(images: Sequence[NDArray[np.uint8]], settings: Any) -> tuple[NDArray[np.float32], tuple[int, int, int]]:
    """A video as the vision tower takes it: (patches, channels × 2 × patch × patch) float32, and its grid (t, h, w).

    Two frames make a step of time, the last is repeated if it is alone; neighbours that merge stand together.
    """
    side, merge = settings.patch_size, settings.merge_size
    height, width = (max(1, round(n / (side * merge))) * side * merge for n in images[0].shape[:2])
    video = np.stack([_fitted(image, width, height) for image in images]).astype(np.float32)
    video = (video * settings.rescale_factor - np.float32(settings.image_mean)) / np.float32(settings.image_std)
    video = np.concatenate([video, video[-1:]]) if len(video) % PAIR else video
    grid = len(video) // PAIR, height // side, width // side
    cut = video.reshape(grid[0], PAIR, grid[1] // merge, merge, side, grid[2] // merge, merge, side, 3)
    table = cut.transpose(0, 2, 5, 3, 6, 8, 1, 4, 7).reshape(grid[0] * grid[1] * grid[2], -1)
    return np.ascontiguousarray(table, np.float32), grid


def _fitted(image: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    if image.shape[:2] == (height, width):
        return image
    from PIL import Image

    return np.asarray(Image.fromarray(image).resize((width, height), Image.Resampling.BICUBIC))
