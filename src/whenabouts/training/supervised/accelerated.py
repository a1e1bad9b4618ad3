"""Devices, precision and trackers of a run, by accelerate, and whether its model is compiled."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from whenabouts.errors import InputError, MissingExtra
from whenabouts.training.supervised.log import known_trackers

if TYPE_CHECKING:
    from accelerate import Accelerator

    from whenabouts.grounders.learned.head import Head

__all__ = ["accelerated", "compile_model"]


def accelerated(folder: Path, precision: str, device: str | None, track: Sequence[str]) -> Accelerator:
    """What places a run on a device or on several, in a precision, with trackers that write into the folder.

    Raises InputError for a precision that the device does not have and for an unknown tracker, MissingExtra.
    """
    try:
        from accelerate import Accelerator, DistributedDataParallelKwargs, PartialState
        from accelerate.state import AcceleratorState
    except ImportError as error:
        raise MissingExtra("train", "training") from error
    known_trackers(track)
    # its state outlives a run, and a second one in this process may have another precision or device
    alone = PartialState(cpu=device == "cpu").num_processes == 1
    AcceleratorState._reset_state(reset_partial_state=alone)
    # every checkpoint has parameters that nothing uses, and several processes must know
    unused = DistributedDataParallelKwargs(find_unused_parameters=True)
    try:
        return Accelerator(
            mixed_precision=precision, cpu=device == "cpu", kwargs_handlers=[unused], log_with=list(track) or None,
            project_dir=str(folder),
        )  # fmt: skip
    except (ValueError, RuntimeError) as error:
        raise InputError(f"{precision} is no precision of this device: {error}") from error


def compile_model(head: Head) -> None:
    """Let torch.compile make kernels of a head's model when it first runs; its parameters keep their names.

    Raises InputError where there is nothing that could compile them.
    """
    if head.device.type == "cpu":
        compiler = os.environ.get("CXX") or ("clang++" if sys.platform == "darwin" else "g++")
        if shutil.which(compiler) is None:
            raise InputError(
                f"compiling for the CPU needs {compiler}, which is not there; install it or do not compile"
            )
    elif find_spec("triton") is None:
        raise InputError("compiling for a GPU needs the package triton; install it or do not compile")
    head.model.compile()
