"""Stretches in which something that has a name was found, kept on disk by the video's content and all settings."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from whenabouts.files.cache import cache_folder
from whenabouts.files.kept import keep, kept

__all__ = ["Found", "remembered_stretches"]


@dataclass(frozen=True, slots=True)
class Found:
    """`what` was found from `start` to `end`, in seconds on the video's clock.

    strength: how much of it, to judge by; what is measured depends on the thing
    """

    what: str
    start: float
    end: float
    strength: float = 0.0

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return self.end - self.start


def remembered_stretches(
    compute: Callable[[], list[Found]], *, cache: bool, **settings: str | float | None
) -> list[Found]:
    """What `compute()` gives, read from `cache_folder()/found` when it was computed before with equal `settings`.

    A damaged file is computed anew; a folder that cannot be written costs only the speed.
    """
    if not cache:
        return compute()
    key = hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()
    path = cache_folder() / "found" / f"{key}.json"
    found = _read(path)
    if found is None:
        found = compute()
        keep(path, json.dumps([asdict(one) for one in found]).encode())
    return found


def _read(path: Path) -> list[Found] | None:
    from pydantic import TypeAdapter, ValidationError

    try:
        return TypeAdapter(list[Found]).validate_json(kept(path) or b"")
    except ValidationError:
        return None
