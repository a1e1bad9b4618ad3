"""Sessions of onnxruntime: on the CPU, without log output, with few threads, and shared between equal weights."""

from __future__ import annotations

import hashlib
import os
from typing import Any
from weakref import WeakValueDictionary

__all__ = ["onnx_session", "threads"]

MAX_THREADS = 4

# By process, since threads do not survive a fork, and by the sha256 of the weights; kept while they are referenced.
_sessions: WeakValueDictionary[tuple[int, str], Any] = WeakValueDictionary()


def threads(omp_num_threads: str) -> int:
    """The number of threads of a session, 1 to 4, for a value of the environment variable `OMP_NUM_THREADS`.

    Of a list, the first number counts; the others are for nested loops. As in OpenMP, an invalid value is ignored.

    >>> [threads(value) for value in ("1", " 2 ", "3,2", "64")]
    [1, 2, 3, 4]
    >>> threads("") == threads("0") == threads("many") == min(4, os.cpu_count() or 1)
    True
    """
    first = omp_num_threads.partition(",")[0].strip()
    number = int(first) if first.isdecimal() else 0
    return min(MAX_THREADS, number or os.cpu_count() or 1)


def onnx_session(weights: bytes) -> Any:
    """An `onnxruntime.InferenceSession` of a serialised model; the same object while a caller still holds it.

    It has at most four threads, which sleep while idle: decoding runs at the same time, and networks this small do not
    become faster with more threads. `OMP_NUM_THREADS`, which Ray sets for its workers, can lower the number.
    """
    key = os.getpid(), hashlib.sha256(weights).hexdigest()
    if (known := _sessions.get(key)) is not None:
        return known
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads(os.environ.get("OMP_NUM_THREADS", ""))
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(weights, options, providers=["CPUExecutionProvider"])
    return _sessions.setdefault(key, session)
