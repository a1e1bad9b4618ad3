"""Annotations of your own, in one file of the format that `benchmarks.annotations` describes.

`own` is the data set for a file that is named apart; the path of the file itself is one too, with the splits that the
file has. A row belongs to the split it names; a file in which no row names a split is every split as a whole.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

from whenabouts.benchmarks.annotations import Annotation, checked_annotations, read_annotations
from whenabouts.benchmarks.example import Dataset, Example
from whenabouts.errors import AnnotationError

__all__ = ["OWN", "own_file"]

WHOLE = "all"  # the split of a file that names none


def own_file(path: Path) -> Dataset:
    """The data set that is the file. Raises AnnotationError naming file, line and field, InputError."""
    splits = _splits(read_annotations(path)) or (WHOLE,)
    usual = next((split for split in ("test", "val") if split in splits), splits[0])
    files: dict[str, tuple[str, ...]] = dict.fromkeys(splits, (path.name,))
    return dataclasses.replace(OWN, name=str(path), title=path.name, files=files, default_split=usual, path=path)


def _read(path: Path, split: str) -> list[Example]:
    annotations = checked_annotations(path)
    splits = _splits(annotations)
    kept = [a.to_example() for a in annotations if not splits or a.split == split]
    if not annotations:
        raise AnnotationError(f"{path}: no row is checked by a person; confirm the model's moments on the page")
    if not kept:
        raise AnnotationError(f"{path}: no row is of the split {split!r}; choose one of: {', '.join(splits)}")
    return kept


def _splits(annotations: list[Annotation]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(a.split for a in annotations if a.split is not None))


OWN = Dataset(
    name="own",
    title="Your own annotations",
    task="MR",
    protocol="own",
    licence="yours",
    source="docs/benchmarks.md",
    paper="",
    files={split: ("annotations.jsonl", f"{split}.jsonl") for split in ("train", "val", "test")},
    read=_read,
    confirmed="defined here, and written by the page",
)
