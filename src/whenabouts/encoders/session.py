"""One way to start onnxruntime: on the CPU, quietly, with a bounded number of threads, once for the same weights."""

from __future__ import annotations

import hashlib
import os
from typing import Any
from weakref import WeakValueDictionary

__all__ = ["onnx_session"]

# By process, as threads do not survive a fork, and by the sha256 of the weights; kept while anybody holds them.
_running: WeakValueDictionary[tuple[int, str], Any] = WeakValueDictionary()


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
    asked = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0].strip()  # "4,2" is for nested loops
    options.intra_op_num_threads = min(4, int(asked) if asked.isdecimal() else os.cpu_count() or 1)
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(weights, options, providers=["CPUExecutionProvider"])
    return _running.setdefault(key, session)
