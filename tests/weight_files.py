"""Counts how often files of weights are opened, by Python's own audit events: nothing of ours is replaced for it."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SUFFIXES = {".onnx", ".npz", ".pt", ".pth", ".ckpt", ".safetensors", ".bin"}
_counting: list[Counter[str]] = []


def _on_event(event: str, arguments: tuple[Any, ...]) -> None:
    if _counting and event == "open" and isinstance(arguments[0], str) and Path(arguments[0]).suffix in SUFFIXES:
        for counter in _counting:
            counter[Path(arguments[0]).name] += 1


sys.addaudithook(_on_event)  # for the life of the process: hooks cannot be taken back


@contextmanager
def weight_reads() -> Iterator[Counter[str]]:
    """How often each file of weights is opened in this process within the block, by its name."""
    counter: Counter[str] = Counter()
    _counting.append(counter)
    try:
        yield counter
    finally:
        _counting.remove(counter)
