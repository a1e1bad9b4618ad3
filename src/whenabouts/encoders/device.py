"""The torch device on which models run."""

from __future__ import annotations

from whenabouts.errors import ModelError

__all__ = ["torch_device"]


def torch_device(name: str | None) -> str:
    """A device by name ("cpu", "cuda:1", "mps"), by default a GPU if one is available. Raises ModelError.

    >>> torch_device("cpu")
    'cpu'
    """
    import torch

    gpu = torch.cuda.is_available()
    if name is None:
        return "cuda" if gpu else "cpu"
    try:
        kind = torch.device(name).type
    except RuntimeError as error:
        raise ModelError(f"unknown device {name!r}; choose cpu, or cuda for a GPU") from error
    if kind == "cuda" and not gpu:
        raise ModelError(f"the device {name!r} needs a GPU, but torch finds none; choose cpu")
    return name
