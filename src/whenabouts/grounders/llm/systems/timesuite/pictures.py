"""Frames as VideoChat-T sees them: the middle square of 224 pixels, normalised as for CLIP."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

__all__ = ["pixels"]

MEAN = (0.48145466, 0.4578275, 0.40821073)
STD = (0.26862954, 0.26130258, 0.27577711)


def pixels(images: Sequence[NDArray[np.uint8]], side: int) -> Tensor:
    """Images (H, W, 3) -> (T, 3, side, side): the shorter side resized with Pillow's bicubic filter, then cropped."""
    mean, std = (torch.tensor(values)[:, None, None] for values in (MEAN, STD))
    squares = np.stack([_square(image, side) for image in images])
    return (torch.from_numpy(squares).permute(0, 3, 1, 2).float() / 255 - mean) / std


def _square(image: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    from PIL import Image

    height, width = image.shape[:2]
    short = min(width, height)
    wide, high = (int(side * length / short) for length in (width, height))
    resized: Any = Image.fromarray(image)
    if (wide, high) != (width, height):
        resized = resized.resize((wide, high), Image.Resampling.BICUBIC)
    left, top = (round((length - side) / 2) for length in (wide, high))
    return np.asarray(resized.crop((left, top, left + side, top + side)), dtype=np.uint8)
