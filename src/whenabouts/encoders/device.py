"""Where models that run in torch live."""

from __future__ import annotations

from whenabouts.errors import ModelError

__all__ = ["torch_device"]


def torch_device(name: str | None) -> str:
    """The device of that name ("cpu", "cuda:1", "mps"); None is a GPU where there is one. Raises ModelError.

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
        raise ModelError(f"the device {name!r} needs a GPU that torch can use, and there is none; choose cpu")
    return name
