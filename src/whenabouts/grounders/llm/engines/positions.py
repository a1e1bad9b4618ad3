"""Where tokens stand for Qwen's models: time, height and width, as the models were trained (M-RoPE, arXiv:2409.12191).

transformers 4.49 and 4.52 and vLLM begin the text after a video behind the last of its positions; transformers 5 begins
it behind its height and width alone, so that after a long video words would stand among its first seconds, and 4.57
to 5.20 cut the seconds between steps to whole ones. What is computed here does not depend on the version.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.grounders.llm.sampling import PAIR

__all__ = ["IMAGE", "TEXT", "TIME_IN_POSITIONS", "VIDEO", "place", "positions", "step_of"]

TIME_IN_POSITIONS = ("qwen2_5_vl",)  # models that encode absolute time in the positions of a video's tokens
TEXT, IMAGE, VIDEO = 0, 1, 2  # kinds of tokens, as transformers numbers them

Grid = Sequence[int]  # steps of time, and patches high and wide


def positions(
    kinds: Sequence[int],
    images: Sequence[Grid],
    videos: Sequence[Grid],
    *,
    merge: int,
    step: float | Sequence[float] = 1.0,
) -> tuple[NDArray[np.int64], int]:
    """(3, tokens): time, height and width of every token; and the position of the next one.

    kinds: of every token; an image or a video is one run of them
    merge: patches that one token stands for, along a side
    step:  positions between two steps of a video's time, or those of each video
    """
    steps = iter([step] * len(videos) if isinstance(step, int | float) else step)
    grids: dict[int, Iterator[Grid]] = {IMAGE: iter(images), VIDEO: iter(videos)}
    parts: list[NDArray[np.int64]] = []
    following = 0
    for kind, run in groupby(kinds):
        count = len(list(run))
        if kind == TEXT:
            part = np.broadcast_to(np.arange(count), (3, count))
        else:
            time, height, width = next(grids[kind])
            apart = next(steps) if kind == VIDEO else 1.0
            times = np.arange(time, dtype=np.float32) * np.float32(apart)  # as torch multiplies
            sides = np.arange(height // merge), np.arange(width // merge)
            part = np.stack(np.meshgrid(times.astype(np.int64), *sides, indexing="ij")).reshape(3, -1)
        parts.append(part + following)
        following = int(parts[-1].max()) + 1
    return np.concatenate(parts, axis=1), following


def step_of(config: Any, fps: float) -> float:
    """Positions between two steps of a video's time, of frames at `fps`."""
    if config.model_type not in TIME_IN_POSITIONS:
        return 1.0
    return float(PAIR / fps * config.vision_config.tokens_per_second)


def place(network: Any, given: Any, step: float, merge: int) -> None:
    """Give the network the positions of a prompt of one row, and tell it where generation goes on."""
    import torch

    kinds = given["mm_token_type_ids"][0].tolist()
    grids = (given[name].tolist() if name in given else [] for name in ("image_grid_thw", "video_grid_thw"))
    where, following = positions(kinds, *grids, merge=merge, step=step)
    given["position_ids"] = torch.from_numpy(where)[:, None].to(given["input_ids"].device)
    network.base_model.rope_deltas = torch.tensor([[following - len(kinds)]], device=given["input_ids"].device)
