"""Sessions of onnxruntime: on the CPU, without log output, with few threads, and shared between equal weights."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

from whenabouts.files.cache import cache_folder, keeps
from whenabouts.files.content import content_sha256
from whenabouts.files.kept import not_kept
from whenabouts.files.sealed import is_sealed, seal
from whenabouts.files.threads import allowed_threads

__all__ = ["MAX_THREADS", "held_network", "onnx_session", "prepared_session"]

MAX_THREADS = 4  # of a session: networks this small do not become faster with more
FORMAT = 2  # increased when networks are prepared in another way
NETWORK, VALUES = "network.onnx", "network.data"  # of a folder of a prepared network: the graph, and its numbers
SMALL = 1024  # bytes of numbers that stay with the graph

# By process, since threads do not survive a fork, and by the sha256 of the weights; kept while they are referenced.
_sessions: WeakValueDictionary[tuple[int, str], Any] = WeakValueDictionary()


def held_network(sha256: str, make: Callable[[], Any]) -> Any:
    """What `make()` gives of the weights with this sha256; the same object while a caller still holds it."""
    key = os.getpid(), sha256
    if (known := _sessions.get(key)) is not None:
        return known
    return _sessions.setdefault(key, make())


def onnx_session(weights: bytes | Path) -> Any:
    """An `onnxruntime.InferenceSession` of a model or its file; the same object while a caller still holds it.

    It has few threads, which sleep while idle: decoding runs at the same time.
    """
    if isinstance(weights, Path):
        return held_network(content_sha256(weights), lambda: _session(str(weights), _options()))
    return held_network(hashlib.sha256(weights).hexdigest(), lambda: _session(weights, _options()))


def prepared_session(weights: Path, sha256: str) -> Any:
    """As `onnx_session`, of a file, which is prepared once for all processes: with the same outputs, bit for bit.

    Preparing works out what does not depend on the input, such as the numbers that weights of eight bits stand for. The
    result lies in `cache_folder()/networks` and is mapped into memory, so that only what is used is ever read: a
    session of MiniLM takes a quarter of the time and a third of the memory. It must not depend on the machine, so the
    network must be one without convolutions, whose layout onnxruntime fits to the processor.

    A prepared network that is damaged is made again; where none can be kept there is an ordinary session. Raises
    OSError where the file cannot be read.
    """
    return held_network(sha256, lambda: _prepared(weights, sha256) if keeps() else _session(str(weights), _options()))


def _prepared(weights: Path, sha256: str) -> Any:
    import onnxruntime

    folder = cache_folder() / "networks" / f"{sha256[:16]}-{FORMAT}-onnxruntime-{onnxruntime.__version__}"
    ready = _options()
    ready.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    if all(is_sealed(folder / name) for name in (NETWORK, VALUES)):
        with suppress(Exception):  # of many types
            return _session(str(folder / NETWORK), ready)
    return _prepare(weights, folder)


def _prepare(weights: Path, folder: Path) -> Any:
    """A session of the network, which is left in the folder."""
    import shutil
    from tempfile import TemporaryDirectory

    import onnxruntime

    options = _options()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.add_session_config_entry("session.optimized_model_external_initializers_file_name", VALUES)
    options.add_session_config_entry("session.optimized_model_external_initializers_min_size_in_bytes", str(SMALL))
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=folder.parent, prefix=".", ignore_cleanup_errors=True) as parts:
            made = Path(parts) / "network"
            made.mkdir()
            options.optimized_model_filepath = str(made / NETWORK)
            session = _session(str(weights), options)
            for name in (NETWORK, VALUES):
                seal(made / name)
            shutil.rmtree(folder, ignore_errors=True)
            made.rename(folder)
            return session
    except Exception as error:  # a full disk, another process that was quicker: the session does not depend on it
        not_kept(folder.parent, error)
        return _session(str(weights), _options())


def _options() -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = allowed_threads(MAX_THREADS)
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options


def _session(weights: bytes | str, options: Any) -> Any:
    import onnxruntime

    return onnxruntime.InferenceSession(weights, options, providers=["CPUExecutionProvider"])
