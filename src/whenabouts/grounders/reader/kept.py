"""Answers of a reader that were usable are kept on disk, by what was shown, what was asked, and who was asked."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from whenabouts.files import kept as files
from whenabouts.files.cache import cache_folder
from whenabouts.grounders.reader.answers import Claim

__all__ = ["keep", "kept", "key_of"]


def key_of(*parts: str | int) -> str:
    """The name of an answer: a digest of everything that shapes it."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def kept(key: str) -> list[Claim] | None:
    """The claims of an answer; None where it is not there, or damaged. They are to be checked like any others."""
    from pydantic import TypeAdapter, ValidationError

    try:
        return TypeAdapter(list[Claim]).validate_json(files.kept(_path(key)) or b"")
    except ValidationError:
        return None


def keep(key: str, claims: Sequence[Claim]) -> None:
    """Keep an answer. A folder that cannot be written costs only the next question."""
    from pydantic import TypeAdapter

    files.keep(_path(key), TypeAdapter(list[Claim]).dump_json(list(claims)))


def _path(key: str) -> Path:
    return cache_folder() / "reader" / f"{key}.json"
