"""Frame selection: which pictures a model is shown. One selector a file; each is a line in `SELECTORS`.

A selector takes a video, a query and a budget of frames, and gives the frames with their true times.
"""

from __future__ import annotations

from typing import Any

from whenabouts.errors import ModelError
from whenabouts.plugins import Registry
from whenabouts.selection.selector import Selection, Selector

__all__ = ["SELECTORS", "Selection", "Selector", "load_selector"]

SELECTORS: Registry[type[Selector]] = Registry(
    "selector",
    "whenabouts.selectors",
    {
        "uniform": "whenabouts.selection.uniform:Uniform",
        "similarity": "whenabouts.selection.similarity:Similarity",
    },
    fits=lambda part: isinstance(part, type) and callable(getattr(part, "select", None)),
    error=ModelError,
)


def load_selector(name: str, **settings: Any) -> Selector:
    """A selector by name; `NAME:MODEL` is one that has weights of its own, such as a checkpoint.

    Raises ModelError for a name or a setting that is unknown, PluginError.
    """
    kind, _, model = name.partition(":")
    return SELECTORS.named(kind)(**({"model": model} if model else {}), **settings)
