"""Libraries of models, kept from warning."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["quietly"]

LIBRARIES = ("transformers", "bitsandbytes")  # they also warn through their loggers


@contextmanager
def quietly() -> Iterator[None]:
    """Within the block no warning of a library is shown, such as peft's use of what transformers deprecated."""
    loggers = [logging.getLogger(name) for name in LIBRARIES]
    levels = [logger.level for logger in loggers]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for logger in loggers:
            logger.setLevel(logging.ERROR)
        try:
            yield
        finally:
            for logger, level in zip(loggers, levels, strict=True):
                logger.setLevel(level)
