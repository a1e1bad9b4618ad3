"""What a device can do at most: figures of data sheets, or of a short measurement where there is no sheet."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from whenabouts.errors import InputError, MissingExtra

__all__ = ["CPU", "GPUS", "Device", "device_named", "this_cpu"]

GIB = 2**30
LAUNCH = 25e-6  # seconds for one tensor operation started from Python; measured on the host of an H200
CPU = "CPU"


@dataclass(frozen=True)
class Device:
    """Peaks of a device, which no program exceeds.

    flops:     multiplications and additions per second, dense, in bfloat16 on a GPU
    memory:    GiB
    bandwidth: bytes per second between its memory and where it computes
    link:      bytes per second in one direction between two of them
    launch:    seconds for one tensor operation started from Python, however little it computes
    """

    flops: float
    memory: float
    bandwidth: float
    link: float
    launch: float = LAUNCH


GPUS = {
    "A100": Device(312e12, 80, 2.04e12, 300e9),
    "H100": Device(989e12, 80, 3.35e12, 450e9),
    "H200": Device(989e12, 141, 4.8e12, 450e9),
    "RTX4090": Device(165e12, 24, 1.01e12, 32e9),
}


def device_named(name: str) -> Device:
    """A GPU by its name, or `CPU`, which is measured in less than a second. Raises InputError, MissingExtra."""
    if name == CPU:
        return this_cpu()
    if name not in GPUS:
        raise InputError(f"unknown GPU {name!r}; choose one of: {', '.join(GPUS)}, {CPU}")
    return GPUS[name]


def this_cpu() -> Device:
    """The peaks of this machine's processor on one product of matrices, one copy, and many small operations."""
    try:
        import torch
    except ImportError as error:
        raise MissingExtra("rl", "measuring the processor") from error
    square, row, long = torch.ones(768, 768), torch.ones(1, 8), torch.ones(2**24)
    flops = 2 * 768**3 / _best(lambda: square @ square)
    bandwidth = 2 * 4 * long.numel() / _best(long.clone)
    return Device(flops, _memory(), bandwidth, bandwidth, _best(lambda: row + row, times=2000) / 2000)


def _best(work: Callable[[], object], times: int = 1) -> float:
    """Seconds of the fastest of five rounds: whatever else runs on the machine only makes others slower."""
    rounds = []
    for _ in range(5):
        began = time.perf_counter()
        for _ in range(times):
            work()
        rounds.append(time.perf_counter() - began)
    return min(rounds)


def _memory() -> float:
    import os

    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIB
    except (AttributeError, ValueError, OSError):  # not on every system
        return float("inf")
