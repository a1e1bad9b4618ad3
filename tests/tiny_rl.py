"""A handful of samples, one video and the tiny model, for tests of training."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

for package in ("torch", "transformers", "trl", "peft", "datasets"):
    pytest.importorskip(package, reason="the extra rl is not installed")

from whenabouts.grounders.llm.conversation import Frames  # noqa: E402
from whenabouts.grounders.llm.papers import RECIPES  # noqa: E402
from whenabouts.training.post.samples import Sample  # noqa: E402
from whenabouts.training.post.seeing.clip import Clip  # noqa: E402
from whenabouts.training.post.tiny.models import tiny_model  # noqa: E402

SFT, TIME_R1 = RECIPES["sft"], RECIPES["time-r1"]
SAMPLES = [Sample(f"q{i}", "video.mkv", "Red circle.", ((1.0, 3.0),) if i else (), 8.0) for i in range(8)]
RNG = np.random.default_rng(0)
FRAMES = Frames((0.0, 1.0, 2.0, 3.0), tuple(RNG.integers(0, 255, (24, 24, 3), dtype=np.uint8) for _ in range(4)), 1.0)
QUIET: dict[str, Any] = {
    "use_cpu": True,
    "bf16": False,
    "save_strategy": "no",
    "disable_tqdm": True,
    "gradient_checkpointing": False,
}
GRPO_TINY = replace(TIME_R1, batch=16, group=4, steps=2, learning_rate=1e-3, tokens=8, beta=0.0, selection=None)
SFT_TINY = replace(
    SFT, prompt=TIME_R1.prompt, answer=TIME_R1.answer, span=TIME_R1.span, batch=4, steps=2, learning_rate=1e-3
)


def show(sample: Sample) -> Clip:
    return Clip.of_frames("video", FRAMES)


def model() -> tuple[Any, Any]:
    times = [f"{second:.2f}" for second in range(9)]
    words = [*TIME_R1.prompt.split("{}"), *times, *(TIME_R1.stamp.format(s) for s in range(9)), "red", "circle"]
    return tiny_model(words, hidden=64, layers=2)


def count_pixels(model: Any) -> list[bool]:
    """For every forward pass with gradients: whether it was given pictures."""
    import torch

    seen: list[bool] = []

    def look(module: Any, args: Any, given: dict[str, Any]) -> None:
        if torch.is_grad_enabled():
            seen.append(given.get("pixel_values") is not None)

    model.register_forward_pre_hook(look, with_kwargs=True)
    return seen


def losses(job: Any) -> list[float]:
    return [line["loss"] for line in job.state.log_history if "loss" in line]
