"""What took minutes to recognise is kept on disk, by the video's content and every setting that shapes the text."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, is_dataclass
from typing import Any, Generic, TypeVar

from whenabouts.files.cache import cache_folder
from whenabouts.files.kept import keep, kept

__all__ = ["Kept"]

Record = TypeVar("Record")


class Kept(Generic[Record]):
    """Records of one type, a dataclass or named tuple, in a file of `cache_folder()/text` named by the `settings`.

    A damaged file counts as none; a folder that cannot be written costs only the speed. Without `cache` nothing is
    read or written.
    """

    def __init__(self, record: type[Record], *, cache: bool = True, **settings: str | float | None) -> None:
        key = hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()
        self.record, self.cache = record, cache
        self.path = cache_folder() / "text" / f"{key}.json"

    def read(self) -> list[Record] | None:
        """The records in their order; None where there are none."""
        from pydantic import TypeAdapter, ValidationError

        if not self.cache:
            return None
        try:
            return TypeAdapter(list[self.record]).validate_json(kept(self.path) or b"")  # type: ignore[name-defined]
        except ValidationError:
            return None

    def write(self, records: Sequence[Record]) -> None:
        """Replace the file at once."""
        if not self.cache:
            return
        plain: list[Any] = [asdict(r) if is_dataclass(r) and not isinstance(r, type) else r for r in records]
        keep(self.path, json.dumps(plain, ensure_ascii=False).encode("utf-8", "surrogatepass"))

    def delete(self) -> bool:
        """Whether there was a file; there is none now."""
        try:
            self.path.unlink()
        except OSError:
            return False
        return True
