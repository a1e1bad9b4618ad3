"""What the operator of a server allows, and where the server keeps its data."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from whenabouts.isolation import ChildLimits
from whenabouts.library import LIBRARY
from whenabouts.library.store import is_library

__all__ = ["GIB", "OPERATOR_FIELDS", "Settings", "data_folder", "model_aliases", "read_secret"]

GIB = 1 << 30


OPERATOR_FIELDS = (
    *("model", "verify", "encoder", "speech_model", "sound_model", "reader", "select", "device"),
    "calibrator",
)
"""Fields of `Find` that can name files, servers or hardware; clients choose only among what the operator allowed."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of a server.

    data:         folder of jobs, annotations, uploads, clips and copies; one server at a time
    folders:      folders whose videos clients can see
    library:      path of the library; None is `.whenabouts` in the first folder where that is a library, else `library`
                  in `data`
    models:       the models that clients may choose: the name that clients see, and the name for `grounders.load`
    tokens:       any of them gives access; without one, everybody on this machine has access
    host, host_names: the address to listen on, and further names that the Host header may carry
    path_prefix:  path below which a proxy shows the server, such as `/video`
    proxies:      addresses of proxies whose X-Forwarded headers are believed
    workers:      processes that work on jobs; indexing has one more, each watched folder another
    upload_limit: bytes of one upload; 0 disables uploads
    queue_limit:  jobs that may be queued, half of them of one client
    warm_limit:   bytes of memory for models that stay loaded between jobs, shared by the workers; None is half of the
                  machine's memory
    streams:      beginnings of addresses on the network that clients may watch
    limits:       what reading one video may take, in a child process of each worker
    """

    data: Path
    folders: tuple[Path, ...] = ()
    library: Path | None = None
    models: Mapping[str, str] = field(default_factory=lambda: {"similarity": "similarity"})
    tokens: tuple[str, ...] = ()
    host: str = "127.0.0.1"
    host_names: tuple[str, ...] = ()
    path_prefix: str = ""
    proxies: tuple[str, ...] = ()
    workers: int = 1
    upload_limit: int = 8 * GIB
    queue_limit: int = 200
    warm_limit: int | None = None
    streams: tuple[str, ...] = ()
    limits: ChildLimits = field(default_factory=ChildLimits)

    def resolved(self) -> Settings:
        """The same with absolute paths, links followed."""
        folders = tuple(folder.resolve() for folder in self.folders)
        library = self.library.resolve() if self.library else None
        return replace(self, data=self.data.resolve(), folders=folders, library=library)

    @property
    def library_path(self) -> Path:
        """Where the library is or will be."""
        if self.library is not None:
            return self.library
        found = [folder / LIBRARY for folder in self.folders[:1] if is_library(folder / LIBRARY)]
        return found[0] if found else self.data / "library"


def data_folder() -> Path:
    """The folder of this platform for the data of programs."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local")) / "whenabouts" / "server"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "whenabouts" / "server"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "whenabouts" / "server"


def model_aliases(given: tuple[str, ...]) -> dict[str, str]:
    """Models by the name that clients see, from `NAME`, or `ALIAS=NAME` for a file or a server.

    >>> model_aliases(("similarity", "best=/models/best.pt", "/models/head.pt", "openai:http://gpu:8000#Qwen"))
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


def read_secret(data: Path) -> bytes:
    """The key of a server's ids and cookies, created on first use. Raises OSError."""
    path = data / "secret"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_bytes()
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(32))
    return path.read_bytes()
