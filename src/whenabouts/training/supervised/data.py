"""What a head is trained on: the examples of one split with their features, and a judge on another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from whenabouts.benchmarks import Benchmark, Dataset, dataset
from whenabouts.benchmarks.closed_set import with_absent
from whenabouts.benchmarks.features import FeatureExample, check_ids
from whenabouts.errors import InputError
from whenabouts.synthetic.features import Synthetic
from whenabouts.training.supervised.closed import closed_set, synthetic_actions
from whenabouts.training.supervised.columns import clip_before_slowfast
from whenabouts.training.supervised.judge import Judge, by_detections, by_windows
from whenabouts.training.supervised.reading import FeatureFolders

__all__ = ["SYNTHETIC", "TrainingData", "splits", "training_data"]

SYNTHETIC = "synthetic"
# names of splits in own files that are taken for others
MISNAMED = {"training": "train", "valid": "val", "validation": "val", "dev": "val", "testing": "test"}
MISNAMED |= {name: name for name in ("train", "val", "test")}
ABSENT_CLASSES = 4  # per video, for benchmarks of action localisation: queries about classes that it does not show


@dataclass(frozen=True)
class TrainingData:
    """Examples, what judges a head on held-out ones, and how the features were made; notes are for the user.

    options: keyword arguments of the head that the data decide, such as the names of its classes
    """

    examples: list[FeatureExample]
    judge: Judge | None
    facts: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)


def training_data(
    benchmark: str,
    data: Path | None,
    folders: FeatureFolders | None,
    *,
    seed: int,
    closed: bool = False,
    one_class: bool = False,
    provenance: str | None = None,
) -> TrainingData:
    """The training split, and the judge on the split for validation, or on the one for testing where there is no other.

    benchmark: a name, the path of an own annotation file, or `synthetic`, which needs nothing else
    data:      the annotations, which an own file is itself
    provenance: of corrections, the only kind to train on and to judge by
    closed:    for a head of a closed set; one_class: which tells no classes apart

    A file of one split has no judge, and a note says so. Raises InputError, AnnotationError.
    """
    if benchmark == SYNTHETIC and closed:
        actions = synthetic_actions()
        return TrainingData(actions.examples, actions.judge, options={"classes": actions.classes})
    if benchmark == SYNTHETIC:
        drawn = Synthetic()
        return TrainingData(list(drawn), by_windows(list(drawn.split(seed=1, queries=200))))
    source = dataset(benchmark)
    if folders is None or (data is None and source.path is None):
        if source.path is not None:
            raise InputError(f"training on {benchmark} needs features of its videos (--features)")
        raise InputError(
            f"training on {benchmark} needs its annotations (--data) and features of its videos (--features)"
        )
    named = splits(source)
    for split in source.files:
        if source.path is not None and (meant := MISNAMED.get(split.lower(), split)) != split:
            where = source.load(data, split).examples[0].where
            raise InputError(f"{where}: the split {split!r} is not used in training; call it {meant!r}")
    labels = source.task == "TAL"
    parts = [_of_provenance(source.load(data, split), provenance) for split in named[:2]]
    if closed:
        facts = {"folders": folders.names(), "columns": folders.columns(), **folders.made()}
        made = closed_set(parts[0], parts[-1], folders, one_class=one_class)
        rows = {"clip_seconds": facts["clip_seconds"], "span": 1.0} if "clip_seconds" in facts else {}
        return TrainingData(
            made.examples, made.judge, facts, _left_out(parts), options={"classes": made.classes, **rows}
        )
    annotated = list(parts[0].examples)
    if not labels:
        check_ids(e for part in parts for e in part.examples)
    else:
        annotated = with_absent(annotated, per_video=ABSENT_CLASSES, rng=np.random.default_rng(seed))
    examples = folders.examples(annotated, by_label=labels)
    notes = (*clip_before_slowfast(folders.columns()), *folders.notes(official=True), *_left_out(parts[:1]))
    if not examples:
        raise InputError(_unusable(parts[0]))
    facts = {"folders": folders.names(), "columns": folders.columns(), **folders.made()}
    if len(parts) == 1:
        note = f"{parts[0].path} has no split but {named[0]}, so nothing is evaluated, and the last model is kept"
        return TrainingData(examples, None, facts, (*notes, *folders.uneven(), note))
    held_out = parts[1]
    # all are judged, as `predict` answers them: where a duration is unknown by the length of a row in training
    seconds = facts.get("clip_seconds", np.median([e.duration / len(e.video) for e in examples]))
    validation = folders.examples(held_out.examples, by_label=labels, windows=False, seconds=float(seconds))
    if not any(len(e.windows) or e.example.saliency is not None for e in validation):
        raise InputError(_unusable(held_out))
    classes = {e.example.query: e.text for e in examples}
    judge = by_detections(validation, classes, held_out) if labels else by_windows(validation, held_out)
    return TrainingData(examples, judge, facts, (*notes, *folders.uneven()))


def splits(source: Dataset) -> list[str]:
    """The splits of a data set: the first to train on, the second to judge by."""
    usual: list[str] = [split for split in ("train", "val", "test") if split in source.files]
    return usual or list(source.files)


def _of_provenance(part: Benchmark, provenance: str | None) -> Benchmark:
    if provenance is None:
        return part
    kept = tuple(e for e in part.examples if e.provenance in (None, provenance))
    if not kept:
        raise InputError(f"{part.path}: no row of the split {part.split!r} was {provenance} by a person")
    return replace(part, examples=kept)


def _left_out(parts: Sequence[Benchmark]) -> tuple[str, ...]:
    """How many rows with a moment cannot be used without a duration, of each split that has any."""
    counted = [(part, sum(e.duration is None and len(e.windows) > 0 for e in part.examples)) for part in parts]
    return tuple(
        f"{part.path}: {count} of the {len(part.examples)} rows of the split {part.split} have no duration and are "
        "left out; say it in each"
        for part, count in counted
        if count
    )


def _unusable(part: Benchmark) -> str:
    """Why no row of a split could be used, which is what `with_features` leaves out."""
    windows = sum(not len(e.windows) for e in part.examples)
    duration = sum(e.duration is None for e in part.examples)
    return (
        f"{part.path}: none of the {len(part.examples)} rows of the split {part.split} can be used for training "
        f"({windows} without a window, {duration} without a duration); annotate some with both"
    )
