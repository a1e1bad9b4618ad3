"""Scores of frames by VideoITG: the frames and the question in one sequence, read once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from whenabouts.errors import InputError
from whenabouts.selection.videoitg.loading import Loaded

__all__ = ["IMAGE", "logits", "pixels", "words"]

IMAGE = "<image>"  # where the frames stand in the prompt
BATCH = 16  # frames that SigLIP sees at once


@torch.inference_mode()
def logits(loaded: Loaded, images: Iterable[NDArray[np.uint8]], frames: int, question: str) -> Tensor:
    """One number for each of `frames` frames (H, W, 3), before the sigmoid: (frames,) float32 on the CPU.

    Only `BATCH` frames are held at once. Raises InputError for more frames than there are vision tokens, and for a
    question that names the place of frames.
    """
    network = loaded.network
    side = network.side(frames)
    if not side:
        raise InputError(f"VideoITG has {network.tokens} vision tokens, which is less than one for each of {frames}")
    before, after = (torch.tensor(ids, dtype=torch.long, device=network.device) for ids in words(loaded, question))
    if loaded.longest is not None and len(before) + frames * side**2 > loaded.longest:
        raise InputError(f"{frames} frames take {frames * side**2} tokens, and VideoITG reads {loaded.longest} at most")
    seen = [network.see(part.to(network.device), side) for part in _batches(images, loaded.size)]
    answer: Tensor = network(torch.cat(seen), before, after, longest=loaded.longest)
    return answer.float().cpu()


def words(loaded: Loaded, question: str) -> tuple[list[int], list[int]]:
    """The token ids before and after the frames: officially the prompt is the frames, the question and a new line.

    A question is trained and asked with its options. Source: NVlabs/VideoITG, `eagle/mm_utils.py:tokenizer_image_token`
    """
    if IMAGE in question:
        raise InputError(f"a question to VideoITG cannot hold {IMAGE}, which stands for the frames; leave it out")
    before, after = (list(loaded.tokens(text).input_ids) for text in ("", question + "\n"))
    start = loaded.tokens.bos_token_id
    if before and before[0] == start:  # a tokenizer that begins every text with a mark does so once
        after = after[1:]
    return before, after


def pixels(images: Sequence[NDArray[np.uint8]], size: int) -> Tensor:
    """Frames (H, W, 3) -> what SigLIP takes, (T, 3, size, size) from −1 to 1: squeezed to a square, bicubic."""
    from PIL import Image

    squares = [np.asarray(Image.fromarray(image).resize((size, size), Image.Resampling.BICUBIC)) for image in images]
    return (torch.from_numpy(np.stack(squares)).permute(0, 3, 1, 2).float() / 255 - 0.5) / 0.5


def _batches(images: Iterable[NDArray[np.uint8]], size: int) -> Iterator[Tensor]:
    rest = iter(images)
    while batch := list(islice(rest, BATCH)):
        yield pixels(batch, size)
