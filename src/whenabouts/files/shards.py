"""Published weights into a module: every name must fit, and what does not is told in one sentence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import nn

from whenabouts.errors import ModelError
from whenabouts.files.pretrained import first_line, require_header

__all__ = ["fill", "made_in", "shards", "some", "tensors_in"]

SHOWN = 3  # names in an error
BUFFERS = (".inv_freq", ".position_ids")  # older versions of transformers store what newer ones compute


def shards(folder: Path) -> list[Path]:
    """The files of weights in a folder. Raises ModelError where there are none, or one that the index names is not."""
    import json

    index = folder / "model.safetensors.index.json"
    if not index.is_file():
        files = sorted(folder.glob("*.safetensors"))
        if not files:
            raise ModelError(f"{folder} has no weights, which are files *.safetensors")
        return files
    try:
        named = sorted(set(json.loads(index.read_text("utf-8"))["weight_map"].values()))
        if outside := [name for name in named if Path(name).name != name]:
            raise ModelError(f"{index} names files outside of its folder: {some(outside)}; copy them into it")
    except (ValueError, KeyError, TypeError, AttributeError, OSError, RecursionError) as error:
        raise ModelError(f"{index} is damaged") from error
    if missing := [name for name in named if not (folder / name).is_file()]:
        raise ModelError(f"{folder} lacks {some(missing)}, which its index names; copy the whole folder")
    return [folder / name for name in named]


def tensors_in(path: Path) -> dict[str, torch.Tensor]:
    """The tensors of a safetensors file by name. Raises ModelError for a damaged one."""
    from safetensors.torch import load_file

    try:
        require_header(path)
        return load_file(path)
    except Exception as error:  # a damaged file ends in errors of any kind
        raise ModelError(f"{path} cannot be read: {first_line(error)}") from error


def fill(
    module: nn.Module, files: Sequence[Path], source: Path, *, optional: str = "", needless: tuple[str, ...] = ()
) -> list[str]:
    """Give a module's parameters their values, file by file; names that begin with `optional` may all be missing.

    needless: beginnings of names that only training needed, which are passed over

    Returns the optional names if they are missing. Raises ModelError on missing, unexpected and misshapen ones.
    """
    own = module.state_dict()
    left = set(own)
    for path in files:
        held = tensors_in(path).items()
        state = {key: value for key, value in held if not key.endswith(BUFFERS) and not key.startswith(needless)}
        if unexpected := sorted(state.keys() - own.keys()):
            raise ModelError(f"{source} has weights that do not belong here: {some(unexpected)}")
        for key, value in sorted(state.items()):
            if value.shape != own[key].shape:
                given, needed = (" x ".join(map(str, shape)) for shape in (value.shape, own[key].shape))
                raise ModelError(f"{source}: {key} is {given}, and {needed} is needed")
        module.load_state_dict(state, strict=False)
        left -= state.keys()
    absent = sorted(key for key in left if optional and key.startswith(optional))
    if all(key in left for key in own if optional and key.startswith(optional)):
        left -= set(absent)
    if left:
        raise ModelError(f"{source} lacks weights: {some(sorted(left))}")
    return absent


@contextmanager
def made_in(dtype: torch.dtype) -> Iterator[None]:
    """Parameters are made in this dtype."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


def some(names: Iterable[str]) -> str:
    """The first few names, and how many more there are."""
    every = list(names)
    more = f" and {len(every) - SHOWN} more" if len(every) > SHOWN else ""
    return ", ".join(every[:SHOWN]) + more
