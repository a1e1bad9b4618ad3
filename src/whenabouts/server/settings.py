"""What the operator of a server allows, and where it keeps what it must not forget."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["GIB", "Settings", "data_folder", "named_models", "secret_of"]

GIB = 1 << 30
LIBRARY = ".whenabouts"  # where `whenabouts index` puts a library below a folder


@dataclass(frozen=True, slots=True)
class Settings:
    """All that shapes a server.

    data:         folder of jobs, annotations, uploads, clips and copies; one server at a time
    folders:      folders whose videos may be seen
    library:      where the library is or will be; None is `.whenabouts` in the first folder where that is a library,
                  else `library` in `data`
    models:       what may be asked: names as clients see them, and what they mean to `grounders.load`
    tokens:       any of them opens the server; without one it is open to this machine
    host, host_names: the address it listens on, and names that `Host` may have beside it
    workers:      processes that answer; indexing has one more, each watched folder another
    upload_limit: bytes of one upload; 0 takes none
    queue_limit:  jobs that may wait, half of them of one client
    """

    data: Path
    folders: tuple[Path, ...] = ()
    library: Path | None = None
    models: Mapping[str, str] = field(default_factory=lambda: {"similarity": "similarity"})
    tokens: tuple[str, ...] = ()
    host: str = "127.0.0.1"
    host_names: tuple[str, ...] = ()
    workers: int = 1
    upload_limit: int = 8 * GIB
    queue_limit: int = 200

    @property
    def library_place(self) -> Path:
        """Where the library is or will be."""
        if self.library is not None:
            return self.library
        made = [folder / LIBRARY for folder in self.folders[:1] if (folder / LIBRARY / "encoder.txt").is_file()]
        return made[0] if made else self.data / "library"


def data_folder() -> Path:
    """The user's folder for data of programs on this platform."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local")) / "whenabouts" / "server"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "whenabouts" / "server"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "whenabouts" / "server"


def named_models(given: tuple[str, ...]) -> dict[str, str]:
    """Models by the name that clients see: `NAME`, or `ALIAS=NAME` for one that is a file or an address.

    >>> named_models(("similarity", "best=/models/best.pt", "/models/head.pt", "openai:http://gpu:8000#Qwen"))
    {'similarity': 'similarity', 'best': '/models/best.pt', 'head': '/models/head.pt', 'Qwen': 'openai:http://gpu:8000#Qwen'}
    """
    models = {}
    for each in given or ("similarity",):
        alias, given_alias, name = each.partition("=")
        if given_alias and not set(alias) & set("/\\:#"):
            models[alias] = name
        elif "#" in each:
            models[each.rpartition("#")[2]] = each
        else:
            models[Path(each).stem if set(each) & set("/\\") else each] = each
    return models


def secret_of(data: Path) -> bytes:
    """The key of this server's ids and cookies, made on first use. Raises OSError."""
    path = data / "secret"
    try:
        made = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_bytes()
    with os.fdopen(made, "wb") as file:
        file.write(secrets.token_bytes(32))
    return path.read_bytes()
