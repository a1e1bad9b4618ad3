"""Read files of parameters without running any code that lies in them."""

from __future__ import annotations

import argparse
import pickle
import re
from collections import OrderedDict
from pathlib import Path, PurePath
from typing import Any

from whenabouts.errors import ModelError

__all__ = ["read_weights"]

ALLOWED: list[Any] = [  # beside tensors and plain values; what official checkpoints hold, and none of it acts
    argparse.Namespace,
    (OrderedDict, "easydict.EasyDict"),
    (PurePath, "pathlib.PosixPath"),
    (PurePath, "pathlib.WindowsPath"),
]


def read_weights(path: Path) -> dict[str, Any]:
    """What `torch.save` wrote as a dict, on the processor. Raises ModelError on a missing, damaged or unsafe file."""
    import torch

    if not path.is_file():
        raise ModelError(f"there is no checkpoint {path}")
    try:
        with torch.serialization.safe_globals(ALLOWED):
            content = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        foreign = re.search(r"GLOBAL (\S+)", str(error))
        why = f"it names {foreign[1]}, which could run code" if foreign else "it holds more than parameters"
        raise ModelError(f"{path} is not loaded: {why}; ask for a file of parameters alone") from error
    except Exception as error:  # a damaged file ends in errors of any kind
        raise ModelError(f"{path} is not a checkpoint that can be read; it may be damaged") from error
    if not isinstance(content, dict):
        raise ModelError(f"{path} holds a {type(content).__name__}, not the parameters of a model")
    return content
