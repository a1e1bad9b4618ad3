"""What took minutes to recognise is kept on disk, by the video's content and every setting that shapes the text."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from whenabouts.evidence.timed_text import TimedText
from whenabouts.files.atomic import replacing
from whenabouts.files.cache import cache_folder

__all__ = ["remembered"]


def remembered(
    compute: Callable[[], list[TimedText]], *, cache: bool, **settings: str | float | None
) -> list[TimedText]:
    """The lines of `compute()`, read from `cache_folder()/text` when they were computed before with equal `settings`.

    A damaged file is computed anew; a folder that cannot be written costs only the speed.
    """
    if not cache:
        return compute()
    key = hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()
    path = cache_folder() / "text" / f"{key}.json"
    lines = _read(path)
    if lines is None:
        lines = compute()
        _write(path, lines)
    return lines


def _read(path: Path) -> list[TimedText] | None:
    from pydantic import TypeAdapter, ValidationError

    try:
        return TypeAdapter(list[TimedText]).validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None


def _write(path: Path, lines: list[TimedText]) -> None:
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as part:
            part.write_text(json.dumps([asdict(line) for line in lines], ensure_ascii=False), encoding="utf-8")
