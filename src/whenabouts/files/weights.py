"""Read files of parameters, with their hash, and without running any code embedded in them."""

from __future__ import annotations

import argparse
import hashlib
import pickle
import re
from collections import OrderedDict
from pathlib import Path, PurePath
from typing import Any, NamedTuple

from whenabouts.errors import ModelError

__all__ = ["Weights", "read_weights"]

ALLOWED: list[Any] = [  # beside tensors and plain values: classes in official checkpoints, none of which runs code
    argparse.Namespace,
    (OrderedDict, "easydict.EasyDict"),
    (OrderedDict, "utils.easydict.EasyDict"),  # TimeSuite's copy of it
    (OrderedDict, "nncore.utils.config.CfgNode"),  # FlashVTG's
    (OrderedDict, "nncore.utils.config.Config"),
    (PurePath, "pathlib.PosixPath"),
    (PurePath, "pathlib.WindowsPath"),
]


class Weights(NamedTuple):
    """What a file holds, and the sha256 of its bytes."""

    content: dict[str, Any]
    sha256: str


def read_weights(path: Path) -> Weights:
    """What `torch.save` wrote as a dict, on the CPU. Raises ModelError on a missing, damaged or unsafe file."""
    import torch

    if not path.is_file():
        raise ModelError(f"the checkpoint {path} does not exist")
    try:
        with path.open("rb") as file, torch.serialization.safe_globals(ALLOWED):
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            file.seek(0)
            content = torch.load(file, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        foreign = re.search(r"GLOBAL (\S+)", str(error))
        why = f"it names {foreign[1]}, which could run code" if foreign else "it holds more than parameters"
        raise ModelError(
            f"{path} is not loaded: {why}; ask its authors for a file with nothing but parameters"
        ) from error
    except Exception as error:  # a damaged file ends in errors of any kind
        raise ModelError(f"{path} is damaged or not a checkpoint") from error
    if not isinstance(content, dict):
        raise ModelError(f"{path} holds a {type(content).__name__}, not the parameters of a model")
    return Weights(content, sha256)
