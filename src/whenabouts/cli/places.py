"""Where libraries keep files of their own: in the cache of whenabouts, not beside it in the user's home or in /tmp."""

from __future__ import annotations

import os

from whenabouts.files.cache import cache_folder

__all__ = ["keep_in_cache"]

FOLDERS = {  # read by the libraries as they are imported
    "MPLCONFIGDIR": "matplotlib",  # its list of fonts
    "TORCHINDUCTOR_CACHE_DIR": "torchinductor",  # what `train --compile` compiles; else /tmp/torchinductor_USER
    "TRITON_CACHE_DIR": "triton",
    "NUMBA_CACHE_DIR": "numba",
}


def keep_in_cache() -> None:
    """For a process that serves the command line, and those it starts; what a user has set stays."""
    for name, folder in FOLDERS.items():
        os.environ.setdefault(name, str(cache_folder() / folder))
