"""What heads of a closed set are trained on: whole videos with the class of every window, and their judge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from whenabouts.benchmarks.closed_set import class_names
from whenabouts.benchmarks.features import FeatureExample
from whenabouts.errors import InputError
from whenabouts.evaluation.protocols import protocol_named
from whenabouts.synthetic.actions import SyntheticActions
from whenabouts.training.supervised.data import SYNTHETIC, TrainingData, splits
from whenabouts.training.supervised.judge import by_detections
from whenabouts.training.supervised.reading import FeatureFolders

__all__ = ["closed_set"]

ANYTHING = "action"  # what all actions are to a head of one class
VIDEOS, HELD_OUT = 300, 100  # of the synthetic benchmark


def closed_set(
    benchmark: str, data: Path | None, folders: FeatureFolders | None, *, one_class: bool = False
) -> TrainingData:
    """As `training_data`; the names of the classes are an option of the head, none for a head of one class.

    one_class: the head only proposes where an action is, as officially on ActivityNet: it is judged on actions of any
               class, at the thresholds of the benchmark

    Raises InputError, also for a benchmark of sentences and for one without a second split.
    """
    if benchmark == SYNTHETIC:
        drawn = SyntheticActions(VIDEOS)
        judge = by_detections(list(drawn.split(1, HELD_OUT)), {})
        return TrainingData(list(drawn), judge, options={"classes": drawn.names})
    parts, folders = splits(benchmark, data, folders)
    if parts[0].dataset.task != "TAL":
        raise InputError(
            f"{benchmark} asks sentences, and a head of a closed set takes none; choose a benchmark of actions"
        )
    training, held_out = parts
    examples, validation = (folders.whole_videos(part.examples) for part in parts)
    facts = {"features": folders.names(), **folders.made()}
    if one_class:
        tious = protocol_named(held_out.dataset.protocol).thresholds
        judge = by_detections(_of_any_class(validation), {}, tious=tious)
        return TrainingData(examples, judge, facts, options={"classes": ()})
    names = tuple(class_names(training.examples))
    return TrainingData(examples, by_detections(validation, {}, held_out), facts, options={"classes": names})


def _of_any_class(videos: Sequence[FeatureExample]) -> list[FeatureExample]:
    return [replace(e, labels=(ANYTHING,) * len(e.windows)) for e in videos]
