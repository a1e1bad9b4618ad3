"""What heads of a closed set are trained on: whole videos with the class of every window, and their judge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from whenabouts.benchmarks.closed_set import class_names
from whenabouts.benchmarks.example import Benchmark
from whenabouts.benchmarks.features import FeatureExample
from whenabouts.errors import InputError
from whenabouts.evaluation.protocols import protocol_named
from whenabouts.synthetic.actions import SyntheticActions
from whenabouts.training.supervised.judge import Judge, by_detections
from whenabouts.training.supervised.reading import FeatureFolders

__all__ = ["ClosedSet", "closed_set", "synthetic_actions"]

ANYTHING = "action"  # what all actions are to a head of one class


@dataclass(frozen=True)
class ClosedSet:
    """Videos to train on, the judge on held-out ones, and the names of the classes, none for a head of one class."""

    examples: list[FeatureExample]
    judge: Judge
    classes: tuple[str, ...]


def closed_set(
    training: Benchmark, held_out: Benchmark, folders: FeatureFolders, *, one_class: bool = False
) -> ClosedSet:
    """Of a benchmark. Raises InputError where it is none of actions, and where a video has no features.

    one_class: the head only proposes where an action is, as officially on ActivityNet: it is judged on actions of any
               class, at the thresholds of the benchmark
    """
    if training.dataset.task != "TAL":
        raise InputError(
            f"{training.name} asks sentences, and a head of a closed set takes none; choose a benchmark of actions"
        )
    examples, validation = (folders.whole_videos(part.examples) for part in (training, held_out))
    if one_class:
        tious = protocol_named(held_out.dataset.protocol).thresholds
        return ClosedSet(examples, by_detections(_of_any_class(validation), {}, tious=tious), ())
    return ClosedSet(examples, by_detections(validation, {}, held_out), tuple(class_names(training.examples)))


def synthetic_actions(videos: int = 300, held_out: int = 100) -> ClosedSet:
    """The synthetic benchmark."""
    drawn = SyntheticActions(videos)
    judge = by_detections(list(drawn.split(1, held_out)), {})
    return ClosedSet(list(drawn), judge, drawn.names)


def _of_any_class(videos: Sequence[FeatureExample]) -> list[FeatureExample]:
    return [replace(e, labels=(ANYTHING,) * len(e.windows)) for e in videos]
