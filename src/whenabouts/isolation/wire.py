"""Messages between a process and its child: plain values, arrays, and the package's own values; never code.

They are pickles, of which only what `_Values` lists is read, because a child that was taken over must not say what its
parent runs. Arrays travel beside the pickle and are not copied again.
"""

from __future__ import annotations

import pickle
import re
import struct
from dataclasses import fields, is_dataclass
from enum import Enum
from io import BytesIO
from typing import Any, BinaryIO

__all__ = ["receive", "send", "weight"]

PLAIN = {
    ("fractions", "Fraction"),
    ("pathlib", "Path"),
    ("pathlib", "PosixPath"),
    ("pathlib", "WindowsPath"),
    ("builtins", "bytearray"),
    ("numpy", "dtype"),
    ("numpy", "ndarray"),
}
OF_NUMPY = re.compile(r"numpy\.(_?core)\.(multiarray|numeric)")
MAKERS = {"_frombuffer", "_reconstruct", "scalar"}  # of arrays and their numbers
HEAD = struct.Struct(">IQ")


def send(file: BinaryIO, value: Any) -> None:
    """Write one message. Raises OSError where nobody reads."""
    arrays: list[pickle.PickleBuffer] = []
    body = pickle.dumps(value, protocol=5, buffer_callback=arrays.append)
    blocks = [array.raw() for array in arrays]
    file.write(HEAD.pack(len(blocks), len(body)) + struct.pack(f">{len(blocks)}Q", *(block.nbytes for block in blocks)))
    file.write(body)
    for block in blocks:
        file.write(block)
    file.flush()


def receive(file: BinaryIO, most: int | None = None) -> Any:
    """The next message, of at most `most` bytes. Raises EOFError at the end, and ValueError for what is no message."""
    count, length = HEAD.unpack(_exactly(file, HEAD.size))
    if count > 1 << 16:
        raise ValueError("a message of too many parts")
    sizes = struct.unpack(f">{count}Q", _exactly(file, 8 * count))
    if most is not None and length + sum(sizes) > most:
        raise ValueError("too long a message")
    body = _exactly(file, length)
    blocks = [_exactly(file, size) for size in sizes]
    try:
        return _Values(BytesIO(body), buffers=blocks).load()
    except (pickle.UnpicklingError, AttributeError, ImportError, IndexError, TypeError) as error:
        raise ValueError(f"not a message: {error}") from error


def weight(value: Any) -> int:
    """Bytes of the arrays in a value: all that makes a message heavy."""
    if isinstance(value, tuple | list):
        return sum(map(weight, value))
    if is_dataclass(value):
        return sum(weight(getattr(value, each.name)) for each in fields(value))
    return getattr(value, "nbytes", 0)


class _Values(pickle.Unpickler):
    """Reads values of known types."""

    def find_class(self, module: str, name: str) -> Any:
        """A type that may be made, or the function of numpy that makes an array."""
        if (module, name) in PLAIN or (OF_NUMPY.fullmatch(module) and name in MAKERS):
            return super().find_class(module, name)
        if module.startswith("whenabouts."):
            found = super().find_class(module, name)
            if isinstance(found, type) and (is_dataclass(found) or issubclass(found, Enum | int | float | str | tuple)):
                return found
        raise pickle.UnpicklingError(f"{module}.{name} is not a value")


def _exactly(file: BinaryIO, size: int) -> bytearray:
    block = bytearray(size)
    view, done = memoryview(block), 0
    while done < size:
        count = file.readinto(view[done:])  # type: ignore[attr-defined]
        if not count:
            raise EOFError
        done += count
    return block
