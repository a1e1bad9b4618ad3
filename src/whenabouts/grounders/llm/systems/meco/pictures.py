"""Frames as MeCo sees them: the middle square of 224 pixels, normalised as for CLIP."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import interpolate

__all__ = ["pixels"]

MEAN = (0.48145466, 0.4578275, 0.40821073)
STD = (0.26862954, 0.26130258, 0.27577711)


def pixels(images: Sequence[NDArray[np.uint8]], side: int) -> Tensor:
    """Images (H, W, 3) -> (T, 3, side, side): the shorter side resized with torch's antialiased bilinear filter."""
    mean, std = (torch.tensor(values)[:, None, None] for values in (MEAN, STD))
    return torch.stack([(_square(image, side) - mean) / std for image in images])


def _square(image: NDArray[np.uint8], side: int) -> Tensor:
    whole = torch.from_numpy(np.ascontiguousarray(image)).permute(2, 0, 1).float() / 255
    height, width = image.shape[:2]
    short = min(height, width)
    if short != side:
        size = [int(side * length / short) for length in (height, width)]
        whole = interpolate(whole[None], size=size, mode="bilinear", antialias=True)[0]
    top, left = (int((length - side) / 2) for length in whole.shape[1:])
    return whole[:, top : top + side, left : left + side]
