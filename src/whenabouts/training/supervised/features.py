"""Write features of videos and queries into folders that say how they were made."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.encoders.clips import FeatureMaker, Float
from whenabouts.encoders.folders import query_of
from whenabouts.errors import InputError, WhenaboutsError
from whenabouts.files.atomic import replacing
from whenabouts.files.records import read_lines
from whenabouts.progress import Progress
from whenabouts.version import __version__
from whenabouts.video import open_sound_too

__all__ = ["read_receipt", "write_clips", "write_words"]

RECEIPT = "receipt.json"


def write_clips(
    videos: Sequence[Path], maker: FeatureMaker, clip_seconds: float, folder: Path, *, progress: Progress | None = None
) -> list[tuple[Path, WhenaboutsError]]:
    """One `NAME.npz` per video, named as the file without its suffix; returns those that could not be read, and why.

    Features are of pictures, or of sound where the maker has no encoder of pictures. Files that exist are kept. Raises
    InputError where two videos have one name, and where `folder` holds features that were made in another way.
    """
    names = [video.stem for video in videos]
    if maker.encoder is not None and maker.sound is not None:
        raise InputError(f"pictures and sound are written apart: give {maker.sound.name} alone, and another folder")
    if twice := {name for name in names if names.count(name) > 1}:
        raise InputError(f"several videos are named {sorted(twice)[0]!r}; write them to different folders")
    _prepare(folder, maker, clip_seconds)
    failed: list[tuple[Path, WhenaboutsError]] = []
    for number, path in enumerate(videos):
        target = folder / f"{path.stem}.npz"
        if not target.exists():
            try:
                with open_sound_too(path) as video:
                    pictures, sound = maker.clips(video, clip_seconds, cache=False)
                    _write(target, features=pictures if sound is None else sound)
            except WhenaboutsError as error:
                failed.append((path, error))
        if progress:
            progress("features", (number + 1) / len(videos))
    return failed


def write_words(queries: Path, maker: FeatureMaker, clip_seconds: float, folder: Path) -> None:
    """One `qidQID.npz` per line of a file with `qid` and `query`, which says its query too.

    Files that say it are kept. Raises AnnotationError, and InputError where a qid is of two queries.
    """
    _prepare(folder, maker, clip_seconds)
    for row in read_lines(queries):
        target, query = folder / f"qid{_safe(str(row.name('qid')), row.where)}.npz", row.text("query")
        told = query_of(target)
        if told not in (None, query):
            raise InputError(f"{row.where}: {target} is of another query, {told!r}; give each query a qid of its own")
        if told is None:
            [words] = maker.words([query])
            _write(target, last_hidden_state=words, query=np.array(query))


def read_receipt(folder: Path) -> dict[str, Any]:
    """How the features in a folder were made; empty where it does not say, as in official folders."""
    path = folder / RECEIPT
    if not path.is_file():
        return {}
    try:
        receipt: Any = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError, RecursionError) as error:
        raise _damaged(path) from error
    if not isinstance(receipt, dict) or not isinstance(receipt.get("encoder", ""), str):
        raise _damaged(path)
    length = receipt.get("clip_seconds", 1.0)
    if isinstance(length, bool) or not isinstance(length, int | float) or not 0 < length < math.inf:
        raise _damaged(path)
    return dict(receipt)


def _damaged(path: Path) -> InputError:
    return InputError(f"{path} is damaged; delete it and write the features again")


def _prepare(folder: Path, maker: FeatureMaker, clip_seconds: float) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    receipt = {
        "encoder": maker.name,
        "sha256": maker.sha256,
        "clip_seconds": clip_seconds,
        "pictures": maker.pictures,
        "precision": maker.precision,
        "version": __version__,
    }
    old = read_receipt(folder)
    for key in ("encoder", "sha256", "clip_seconds", "pictures"):
        if old and old.get(key) != receipt[key]:
            raise InputError(
                f"{folder} holds features made with {key} {old.get(key)}, not {receipt[key]}; choose another folder"
            )
    with replacing(folder / RECEIPT) as part:
        part.write_text(json.dumps(receipt, indent=2) + "\n", encoding="utf-8")


def _write(path: Path, **arrays: Float | NDArray[np.str_]) -> None:
    with replacing(path) as part, part.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)


def _safe(name: str, where: str) -> str:
    if "/" in name or "\\" in name or name.startswith("."):
        raise InputError(f"{where}: qid {name!r} cannot name a file")
    return name
