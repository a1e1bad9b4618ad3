"""Networks and tokenizers of transformers from a folder, whole or not at all.

Transformers fills weights that no file holds with random numbers, and makes a tokenizer without words where a folder
has none. Both would answer, and every answer would mean nothing.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import ModelError
from whenabouts.files.quiet import quietly

__all__ = ["first_line", "require_finite", "require_words", "tokenizer_in", "unloadable", "whole_network"]


def unloadable() -> tuple[type[Exception], ...]:
    """What loading a folder or a name on the hub raises where a file is missing, damaged or of another model."""
    from safetensors import SafetensorError

    plain = (OSError, ValueError, KeyError, ImportError, RuntimeError, AttributeError, TypeError, AssertionError)
    return (*plain, SafetensorError)


def first_line(error: Exception) -> str:
    """What an error of a library says first."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def whole_network(folder: str | Path, auto: Any, **how: Any) -> Any:
    """The network of a folder or a name on the hub, of safetensors alone.

    auto: the class of transformers that makes it. how: goes to transformers

    Raises what `unloadable` names, also where weights are in no file.
    """
    with quietly():
        made, told = auto.from_pretrained(folder, use_safetensors=True, output_loading_info=True, **how)
    if missing := sorted(told["missing_keys"]):
        raise ValueError(f"{len(missing)} of its weights are in no file, the first: {missing[0]}")
    return made


def tokenizer_in(folder: str | Path) -> Any:
    """The tokenizer of a folder. Raises what `unloadable` names, ModelError where it has no words."""
    from transformers import AutoTokenizer

    with quietly():
        found: Any = AutoTokenizer.from_pretrained(folder)
    require_words(found, folder)
    return found


def require_words(tokenizer: Any, model: str | Path) -> None:
    """Raises ModelError for a tokenizer without a single word, to which all text is nothing or unknown."""
    if not tokenizer.get_vocab().keys() - set(tokenizer.all_special_tokens):
        raise ModelError(f"{model} has no tokenizer: copy tokenizer.json and tokenizer_config.json into it")


def require_finite(numbers: NDArray[np.floating], model: str | Path) -> None:
    """Raises ModelError where what a model made is infinite or no number."""
    if not np.isfinite(numbers).all():
        raise ModelError(f"{model} gives numbers that are not finite: its weights are damaged")
