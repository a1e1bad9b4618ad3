"""One way to start onnxruntime: on the CPU, quietly, with a bounded number of threads."""

from __future__ import annotations

import os
from typing import Any

__all__ = ["onnx_session"]


def onnx_session(weights: bytes) -> Any:
    """An `onnxruntime.InferenceSession` of a serialised model.

    At most four threads that sleep while idle: decoding runs beside, and more threads gain nothing on networks this
    small. `OMP_NUM_THREADS` asks for fewer, as Ray does of its workers.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    asked = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0].strip()  # "4,2" is for nested loops
    options.intra_op_num_threads = min(4, int(asked) if asked.isdecimal() else os.cpu_count() or 1)
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(weights, options, providers=["CPUExecutionProvider"])
