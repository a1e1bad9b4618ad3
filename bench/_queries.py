"""Seconds for several queries about one video, asked of a model on this machine together and one by one."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from _qwen import qwen
from torch.profiler import ProfilerActivity, profile

from whenabouts.grounders.llm.conversation import Decoding, Frames
from whenabouts.grounders.llm.engines.transformers import TransformersEngine
from whenabouts.grounders.llm.papers import PAPERS

__all__ = ["queries"]


def queries(small: bool, device: str, profiled: bool = False) -> dict[str, Any]:
    """The figures that `gpu.py` tells of queries, with a table of operations where `profiled`."""
    count, shape, tokens = (4, (28, 56), 4) if small else (64, (308, 448), 64)
    engine = TransformersEngine.holding(*qwen("tiny" if small else "7B", device), batch=16)
    rng, times = np.random.default_rng(0), tuple(float(k) for k in range(count))
    images = tuple(rng.integers(0, 256, (*shape, 3), dtype=np.uint8) for _ in times)
    sentences = [f"event number {k}{' once more' * (k % 4)}" for k in range(16)]  # of unlike length, as people write
    asked = [PAPERS["time-r1"].prompting.conversation(sentence, list(times)) for sentence in sentences]

    def ask(number: int, written: int = tokens) -> float:
        began = time.perf_counter()
        engine.answer(asked[:number], Frames(times, images, 1.0), Decoding(written))
        return time.perf_counter() - began

    ask(1, 1)  # loads kernels
    figures: dict[str, Any] = {}
    for number in (1, 4, 16):
        first = ask(number)
        whole, read = (float(np.median([ask(number, written) for _ in range(2)])) for written in (tokens, 1))
        figures |= {f"seconds_{number}": round(whole, 3), f"first_seconds_{number}": round(first, 3)}
        figures |= {
            f"read_seconds_{number}": round(read, 3),
            f"token_ms_{number}": round(1e3 * (whole - read) / (tokens - 1), 2),
        }
    figures["ratio_16"] = round(16 * figures["seconds_1"] / figures["seconds_16"], 2)
    return figures | ({"profile_16": _profile(lambda: ask(16), device)} if profiled else {})


def _profile(work: Callable[[], object], device: str) -> list[str]:
    """Lines of a table of the 25 operations that take most of the device's time, and the 25 that take the CPU's."""
    kinds = {"cpu": ProfilerActivity.CPU} | ({"device": ProfilerActivity.CUDA} if device.startswith("cuda") else {})
    with profile(activities=list(kinds.values())) as seen:
        work()
    average = seen.key_averages()
    tables = [average.table(f"self_{kind}_time_total", row_limit=25, max_name_column_width=60) for kind in kinds]
    return [line.rstrip() for table in tables for line in table.splitlines()]
