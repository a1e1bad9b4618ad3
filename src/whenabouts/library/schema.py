"""The columns of the store's tables, and conversions of values to and from them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.evidence import TimedText

__all__ = ["among", "equal", "from_name", "lines_table", "schemas", "shots_table", "to_name"]

ESCAPED_BYTE = re.compile(r"\\udc([89a-f][0-9a-f])")


def schemas(dim: int) -> dict[str, Any]:
    """Arrow schemas by table; vectors have `dim` numbers.

    Vectors are stored in single precision: an index over half precision takes 2.5 times as long to train.
    """
    import pyarrow as pa

    text, number, count = pa.string(), pa.float64(), pa.int64()
    video = [("sha256", text), ("duration", number), ("language", text), ("shots", count), ("lines", count)]
    file = [("path", text), ("size", count), ("mtime", count)]
    stretch = [("sha256", text), ("start", number), ("end", number)]
    return {
        "videos": pa.schema(video),
        "places": pa.schema([*file, ("sha256", text)]),
        "problems": pa.schema([*file, ("reason", text)]),
        "shots": pa.schema([*stretch, ("vector", pa.list_(pa.float32(), dim))]),
        "lines": pa.schema([*stretch, ("kind", text), ("text", text)]),
    }


def shots_table(times: Sequence[tuple[float, float]], vectors: NDArray[np.float32]) -> Any:
    """Rows of the table `shots` without `sha256`: vectors (N, dim) of N stretches (start, end) in seconds."""
    import pyarrow as pa

    flat = pa.array(np.ascontiguousarray(vectors, np.float32).ravel())
    columns = [pa.array([float(time[end]) for time in times], pa.float64()) for end in (0, 1)]
    vector = pa.FixedSizeListArray.from_arrays(flat, vectors.shape[1])
    return pa.table([*columns, vector], names=["start", "end", "vector"])


def lines_table(lines: Sequence[TimedText]) -> Any:
    """Rows of the table `lines` without `sha256`."""
    import pyarrow as pa

    columns = [
        pa.array([line.start for line in lines], pa.float64()),
        pa.array([line.end for line in lines], pa.float64()),
        pa.array([line.kind for line in lines], pa.string()),
        pa.array([line.text for line in lines], pa.string()),
    ]
    return pa.table(columns, names=["start", "end", "kind", "text"])


def to_name(path: str) -> str:
    r"""A path as valid UTF-8: bytes that are not UTF-8 are escaped as in `\udce9`.

    >>> to_name("caf\udce9.mp4")
    'caf\\udce9.mp4'
    """
    return path.encode("utf-8", "backslashreplace").decode()


def from_name(name: str) -> str:
    r"""The path from which `to_name` made the name.

    >>> from_name(to_name("caf\udce9.mp4")) == "caf\udce9.mp4"
    True
    """
    return ESCAPED_BYTE.sub(lambda match: os.fsdecode(bytes([int(match[1], 16)])), name)


def equal(column: str, value: str) -> str:
    """An SQL condition for the store.

    >>> equal("path", "it's.mp4")
    "path = 'it''s.mp4'"
    """
    quoted = value.replace("'", "''")
    return f"{column} = '{quoted}'"


def among(column: str, values: Iterable[str]) -> str:
    """An SQL condition for the store: one of the values, of which there is at least one.

    >>> among("sha256", {"b", "a"})
    "(sha256 IN ('a', 'b'))"
    """
    quoted = ", ".join("'{}'".format(value.replace("'", "''")) for value in sorted(values))
    return f"({column} IN ({quoted}))"
