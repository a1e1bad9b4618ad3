"""`diagnose_detections`: what a detector of actions gets wrong, what each error costs, and what it misses.

The analyses of DETAD (arXiv:1807.10706; code HumamAlwassel/DETAD 24f7d95): false positives, sensitivity of normalised
mAP, false negatives. Normalised mAP_N takes precision as R·N/(R·N + FP) with the recall R of a class and the mean
number N of instances per class, so that frequent classes are not easier.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.auditing.detection import official
from whenabouts.auditing.detection.characteristics import ACTIVITYNET, CHARACTERISTICS, Characteristic
from whenabouts.auditing.detection.matched import Matched, match_detections
from whenabouts.auditing.detection.mistakes import LIMIT, Mistakes, mistakes_of
from whenabouts.auditing.detection.rows import rows
from whenabouts.auditing.detection.sensitivity import FLOOR, mean_ap_by_bin, missed_by_bin
from whenabouts.auditing.detection.truth import Truth, read_truth
from whenabouts.benchmarks import dataset
from whenabouts.benchmarks.example import Dataset
from whenabouts.errors import InputError
from whenabouts.evaluation.evaluate import rules_for
from whenabouts.evaluation.predictions import Source, read_detections
from whenabouts.evaluation.protocols.detection import DetectionProtocol
from whenabouts.evaluation.report import collected_notes
from whenabouts.evaluation.submission import Submission
from whenabouts.metrics.argsorted import as_argsort, assign_as_argsort
from whenabouts.metrics.instances import VARIANTS, Instances, Variant, read_predictions

if TYPE_CHECKING:
    from whenabouts.documents.document import Document

__all__ = ["DetectionDiagnosis", "Sensitivity", "diagnose_detections"]

TIOUS = {"thumos14": (0.5,)}  # at which DETAD looks; elsewhere at those of the protocol
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """Instances by one characteristic.

    instances: of each bin; share: of each bin in all that are in one
    mean_ap:   average normalised mAP of each bin, NaN for empty ones
    missed:    the share of each bin's instances that is not found, (bins, T)
    """

    characteristic: Characteristic
    instances: NDArray[np.intp]
    mean_ap: Floats
    missed: Floats

    @property
    def share(self) -> Floats:
        """The share of each bin."""
        return self.instances / max(1, int(self.instances.sum()))


@dataclass(frozen=True, eq=False)
class DetectionDiagnosis:
    """The errors of one system on a split; each analysis is worked out when it is first looked at.

    detections: all that were read, of classes that count
    strict:     follow official code through ties and bugs (`official`)
    """

    name: str
    dataset: Dataset
    split: str
    tious: tuple[float, ...]
    truth: Truth
    detections: Instances
    characteristics: tuple[Characteristic, ...]
    strict: bool = False
    notes: tuple[str, ...] = ()

    @cached_property
    def matched(self) -> Matched:
        """All detections beside the instances that they take."""
        return self._match()

    @cached_property
    def mistakes(self) -> Mistakes:
        """False positives among the best detections. Raises OfficialCrash if strict."""
        best = self._match(LIMIT)
        return official.official_mistakes(best) if self.strict else mistakes_of(best)

    @cached_property
    def mean_ap(self) -> Floats:
        """The mAP at each tIoU: (T,)."""
        return self.matched.mean_ap(normalised=False)

    @cached_property
    def normalised(self) -> Floats:
        """Normalised mAP of all detections at each tIoU: (T,)."""
        return self.matched.mean_ap()

    @cached_property
    def found(self) -> Floats:
        """The share of instances that a detection takes, at each tIoU: (T,)."""
        found: Floats = (self.matched.taken >= 0).sum(axis=0) / len(self.truth.instances)
        return found

    @cached_property
    def by_characteristic(self) -> tuple[Sensitivity, ...]:
        """Normalised mAP and misses by every characteristic that is known. Raises OfficialCrash if strict."""
        matched = self.matched
        if self.strict:
            official.check_all_classes(matched)
            matched = self._in_order_of_pandas(matched)
        rows = []
        for characteristic in self.characteristics:
            bins, count = characteristic.bins(self.truth.values[characteristic.name]), len(characteristic.labels)
            size, missed = self.missed(characteristic)
            rows.append(Sensitivity(characteristic, size, mean_ap_by_bin(matched, bins, count), missed))
        return tuple(rows)

    def missed(self, characteristic: Characteristic) -> tuple[NDArray[np.intp], Floats]:
        """How many instances each bin has, (bins,), and the share that is not found at each tIoU, (bins, T)."""
        bins = characteristic.bins(self.truth.values[characteristic.name])
        return missed_by_bin(self._above_the_floor, bins, len(characteristic.labels))

    def rows(self, kind: str | None = None) -> list[dict[str, Any]]:
        """The detections of one of `KINDS`, best first, or all that were looked at. Raises InputError."""
        return rows(self, kind)

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON values: fractions of 1, None for what is empty."""
        from whenabouts.auditing.detection.values import as_json

        return as_json(self)

    def document(self) -> Document:
        """What a reader sees, per cent."""
        from whenabouts.auditing.detection.page import document

        return document(self)

    def _match(self, limit: int | None = None) -> Matched:
        ways: dict[str, Any] = {}
        if self.strict:
            ways = {"ranking": as_argsort, "assigning": assign_as_argsort}
        return match_detections(self.detections, self.truth, self.tious, limit=limit, **ways)

    @cached_property
    def _above_the_floor(self) -> Matched:
        return self.matched.above(FLOOR)

    def _in_order_of_pandas(self, matched: Matched) -> Matched:
        order = official.as_pandas(self.detections.label, self.detections.score)
        at = np.argsort(matched.row)[order]  # where the ranked detection with this row of the file stands
        return replace(matched, detections=matched.detections.take(at), row=order, taken=matched.taken[at])


def diagnose_detections(
    predictions: Source,
    benchmark: str | Path | Dataset,
    truth: Path | None = None,
    *,
    split: str | None = None,
    protocol: str | None = None,
    characteristics: Path | None = None,
    tious: Sequence[float] | None = None,
    strict_official: bool = False,
    name: str = "",
) -> DetectionDiagnosis:
    """The diagnosis of detections, in any form that `evaluate` takes for action localisation.

    characteristics: a file in the form of DETAD's extra characteristics; the annotation file may have them itself
    tious:           default: those of DETAD, which are 0.5 … 0.95 for ActivityNet and 0.5 for THUMOS14, and those of
                     the protocol for others
    strict_official: ties and bugs as in DETAD's code, named in `official`; by default equal scores keep file order, no
                     detection in a video without instances is held against another video, and a class without
                     detections or instances stops nothing

    Raises InputError for a benchmark of another task, AnnotationError naming the file at fault, and OfficialCrash.
    """
    with collected_notes() as notes:
        described = benchmark if isinstance(benchmark, Dataset) else dataset(benchmark)
        rules = rules_for(described, protocol, None)
        if not isinstance(rules, DetectionProtocol):
            raise InputError(f"{described.name} has no classes of actions, which this diagnosis needs")
        split = split or described.default_split
        submission = Submission(predictions, described, split, described.find(truth, split), strict_official)
        known = CHARACTERISTICS.get(described.name, ACTIVITYNET)
        annotated = read_truth(submission, known, characteristics)
        reading = Variant(unknown=VARIANTS[rules.evaluator].unknown and not strict_official)
        found = read_predictions(
            read_detections(predictions, nan=strict_official),
            annotated.labels,
            annotated.videos,
            reading,
            strict=strict_official,
            prefix=submission.prefixes[0],
        )
        found = found.take(annotated.counted[found.label])
    return DetectionDiagnosis(
        name or (predictions.stem if isinstance(predictions, Path) else "detections"),
        described,
        split,
        tuple(TIOUS.get(described.name, rules.thresholds) if tious is None else tious),
        annotated,
        found,
        tuple(c for c in known if c.name in annotated.values),
        strict_official,
        tuple(notes),
    )
