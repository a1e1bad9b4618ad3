"""The vision tower computes each set of pixels once, also where the question stands before the frames."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from whenabouts.errors import ModelError

__all__ = ["seen_once"]

METHODS = ("get_image_features", "get_video_features")


@contextmanager
def seen_once(network: Any) -> Iterator[None]:
    """Within the block what the tower made of pixels is kept, for one video at a time."""
    owner = getattr(network, "base_model", network)  # the module whose forward pass computes features
    names = [name for name in METHODS if hasattr(owner, name)]
    if not names:
        raise ModelError(f"{type(network).__name__} is not a vision-language model that this engine knows")
    replaced = {name: owner.__dict__[name] for name in names if name in owner.__dict__}
    for name in names:
        setattr(owner, name, _remembering(getattr(owner, name)))
    try:
        yield
    finally:
        for name in names:
            delattr(owner, name)  # the method of its class shows again
        for name, own in replaced.items():
            setattr(owner, name, own)


def _remembering(compute: Callable[..., Any]) -> Callable[..., Any]:
    kept: dict[bytes, Any] = {}

    @wraps(compute)  # `generate` looks at its signature
    def remembered(*args: Any, **named: Any) -> Any:
        key = _key(args, named)
        if key not in kept:
            kept.clear()
            kept[key] = compute(*args, **named)
        return kept[key]

    return remembered


def _key(args: tuple[Any, ...], named: dict[str, Any]) -> bytes:
    total = hashlib.sha256()
    for name, value in [*((str(i), a) for i, a in enumerate(args)), *sorted(named.items())]:
        content = value.detach().cpu().float().numpy().tobytes() if hasattr(value, "detach") else repr(value).encode()
        total.update(name.encode() + content)
    return total.digest()
