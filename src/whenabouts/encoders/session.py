"""One way to start onnxruntime: on the CPU, quietly, with a bounded number of threads, once for the same weights."""

from __future__ import annotations

import hashlib
import os
from typing import Any
from weakref import WeakValueDictionary

__all__ = ["onnx_session", "threads"]

MAX_THREADS = 4

# By process, as threads do not survive a fork, and by the sha256 of the weights; kept while anybody holds them.
_running: WeakValueDictionary[tuple[int, str], Any] = WeakValueDictionary()


def threads(asked: str) -> int:
    """How many threads a session may have where `OMP_NUM_THREADS` says `asked`: 1 to 4.

    The first number counts, for the others are of nested loops. What is no number of threads, OpenMP ignores too.

    >>> [threads(asked) for asked in ("1", " 2 ", "3,2", "64")]
    [1, 2, 3, 4]
    >>> threads("") == threads("0") == threads("many") == min(4, os.cpu_count() or 1)
    True
    """
    first = asked.partition(",")[0].strip()
    number = int(first) if first.isdecimal() else 0
    return min(MAX_THREADS, number or os.cpu_count() or 1)


def onnx_session(weights: bytes) -> Any:
    """An `onnxruntime.InferenceSession` of a serialised model; the same one for whoever asks while it is held.

    At most four threads that sleep while idle: decoding runs beside, and more threads gain nothing on networks this
    small. `OMP_NUM_THREADS` asks for fewer, as Ray does of its workers.
    """
    key = os.getpid(), hashlib.sha256(weights).hexdigest()
    if (known := _running.get(key)) is not None:
        return known
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads(os.environ.get("OMP_NUM_THREADS", ""))
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(weights, options, providers=["CPUExecutionProvider"])
    return _running.setdefault(key, session)
