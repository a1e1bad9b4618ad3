"""What is printed is whenabouts' own: libraries' warnings, log lines and progress bars do not reach the terminal."""

from __future__ import annotations

import logging
import os
import warnings

__all__ = ["quiet_libraries"]

SETTINGS = {  # read by the libraries as they are imported; what a user has set stays
    "TRANSFORMERS_VERBOSITY": "error",
    "TRANSFORMERS_NO_ADVISORY_WARNINGS": "1",
    "HF_HUB_VERBOSITY": "error",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
    "DATASETS_VERBOSITY": "error",
    "TOKENIZERS_PARALLELISM": "false",
}
LOGGERS = ("accelerate", "bitsandbytes", "datasets", "httpx", "peft", "torch", "trl")


def quiet_libraries() -> None:
    """For a process that serves the command line; nothing is imported."""
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
    for name in LOGGERS:
        logging.getLogger(name).setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", module=r"(?!whenabouts)")
    for kind in (FutureWarning, DeprecationWarning, PendingDeprecationWarning):  # none of ours
        warnings.simplefilter("ignore", kind)
