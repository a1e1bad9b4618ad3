"""Read files of parameters, with their hash, and without running any code embedded in them."""

from __future__ import annotations

import argparse
import hashlib
import pickle
import re
import zipfile
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path, PurePath
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from whenabouts.errors import ModelError

if TYPE_CHECKING:
    from torch import Tensor, nn

__all__ = ["Weights", "fill_whole", "parameters", "read_weights"]

ALLOWED: list[Any] = [  # beside tensors and plain values: classes in official checkpoints, none of which runs code
    argparse.Namespace,
    SimpleNamespace,
    (OrderedDict, "easydict.EasyDict"),
    (OrderedDict, "utils.easydict.EasyDict"),  # TimeSuite's copy of it
    (OrderedDict, "nncore.utils.config.CfgNode"),  # FlashVTG's
    (OrderedDict, "nncore.utils.config.Config"),
    (OrderedDict, "yacs.config.CfgNode"),
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
            _check_zip(file, path)
            file.seek(0)
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            file.seek(0)
            content = torch.load(file, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        foreign = re.search(r"GLOBAL (\S+)", str(error))
        why = f"it names {foreign[1]}, which could run code" if foreign else "it holds more than parameters"
        raise ModelError(
            f"{path} is not loaded: {why}; ask its authors for a file with nothing but parameters"
        ) from error
    except ModelError:
        raise
    except Exception as error:  # a damaged file ends in errors of any kind
        raise ModelError(f"{path} is damaged or not a checkpoint") from error
    if not isinstance(content, dict):
        raise ModelError(f"{path} holds a {type(content).__name__}, not the parameters of a model")
    _check_tensors(content, path)
    return Weights(content, sha256)


def _check_zip(file: BinaryIO, path: Path) -> None:
    """Raises ModelError for an archive that would unpack to more than it takes: `torch.save` does not compress."""
    if not zipfile.is_zipfile(file):
        return
    entries = zipfile.ZipFile(file).infolist()
    packed = any(entry.compress_type != zipfile.ZIP_STORED or entry.flag_bits & 1 for entry in entries)
    if packed or sum(entry.file_size for entry in entries) > path.stat().st_size:
        raise ModelError(f"{path} is compressed, encrypted or damaged; save it anew with torch.save")


def _check_tensors(content: dict[str, Any], path: Path) -> None:
    """Raises ModelError where a tensor, however deep it lies, is not whole in the file: a row counts as a million."""
    import torch

    waiting, seen = list[Any]([content]), set[int]()
    while waiting:
        value = waiting.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, Mapping):
            waiting += value.values()
        elif isinstance(value, list | tuple | set):
            waiting += value
        elif isinstance(value, torch.Tensor):
            whole = value.layout is torch.strided and value.device.type == "cpu"
            if not whole or value.numel() * value.element_size() > value.untyped_storage().nbytes():
                raise ModelError(f"{path} has a tensor of shape {tuple(value.shape)} whose values it does not hold")


def parameters(content: Mapping[str, Any], name: str, path: Path) -> Mapping[str, Any]:
    """The parameters under a name in a file, or all that it holds. Raises ModelError."""
    state = content.get(name, content)
    if not isinstance(state, Mapping):
        raise ModelError(f"{path} holds a {type(state).__name__} as {name!r}, not the parameters of a model")
    return state


def fill_whole(
    network: nn.Module, state: Mapping[str, Tensor], path: Path, what: str, *, computed: tuple[str, ...] = ()
) -> nn.Module:
    """The network with all its parameters out of a file, ready to be used.

    what:     the file that is needed, for the message
    computed: how the names of what is not in the file end, since the network makes it

    Raises ModelError where one is missing or of another shape.
    """
    own = {key: value for key, value in network.state_dict().items() if not key.endswith(computed)}
    missing = [key for key, value in own.items() if getattr(state.get(key), "shape", None) != value.shape]
    if missing:
        raise ModelError(f"{path} is not {what}: {missing[0]} is missing or has another shape")
    network.load_state_dict({key: state[key] for key in own}, strict=False)
    return network.eval()
