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

__all__ = [
    "first_line",
    "require_finite",
    "require_header",
    "require_words",
    "tokenizer_in",
    "unloadable",
    "whole_network",
]

MAX_HEADER = 16 << 20  # bytes in which a safetensors file names its tensors: over 100,000, which take 0.3 GB to read


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
    for path in sorted(Path(folder).glob("*.safetensors")):
        require_header(path)
    with quietly():
        made, told = auto.from_pretrained(folder, use_safetensors=True, output_loading_info=True, **how)
    if missing := sorted(told["missing_keys"]):
        raise ValueError(f"{len(missing)} of its weights are in no file, the first: {missing[0]}")
    return made


def require_header(path: Path) -> None:
    """Raises ValueError for a safetensors file whose list of tensors would take far more memory than any model's."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
    if length > MAX_HEADER:
        raise ValueError(f"{path.name} has a header of {length} bytes, more than any model needs; copy it anew")


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
