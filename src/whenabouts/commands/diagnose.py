"""`Diagnose`: what a system gets wrong on a benchmark, query by query and in words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field

from whenabouts.commands.command import Command
from whenabouts.commands.evaluate import Evaluate, Predictions
from whenabouts.errors import InputError
from whenabouts.files.atomic import replacing
from whenabouts.files.outputs import check_outputs

if TYPE_CHECKING:
    from whenabouts.auditing.detection import DetectionDiagnosis
    from whenabouts.auditing.diagnosis.beside import TwoDiagnoses
    from whenabouts.auditing.diagnosis.diagnosis import Diagnosis

__all__ = ["Diagnose"]

SAME = Evaluate.model_fields


class Diagnose(Command):
    """Tell what became of every query, what mending it would bring, and what the system has learned wrongly.

    Predictions are as those of `Evaluate`.
    """

    predictions: Predictions = Field(description="A file of `predict`, or any file that `evaluate` reads.")
    benchmark: str = Field(description=SAME["benchmark"].description)
    truth: Path = Field(Path(), description=SAME["truth"].description)
    split: str | None = Field(None, description=SAME["split"].description)
    protocol: str | None = Field(None, description=SAME["protocol"].description)
    parser: str | None = Field(None, description=SAME["parser"].description)
    train: Path | None = Field(
        None, description="Annotations from which to learn what is usual. Default: the training split, if found."
    )
    against: Path | None = Field(None, description="Another system's answers, to say what each has learned wrongly.")
    threshold: float | None = Field(
        None, gt=0, le=1, description="IoU from which an answer is right. Default: 0.5; of detections those of DETAD."
    )
    videos: Path | None = Field(None, description="Folder of the videos, named as in the annotations: rows name files.")
    characteristics: Path | None = Field(
        None, description="For action localisation: a file of DETAD's extra characteristics of instances."
    )
    save: Path | None = Field(None, description="Write every query with its outcome and errors, as JSON Lines.")

    @property
    def inputs(self) -> list[Path | None]:
        """The files that are read, which are not to be written."""
        predictions = self.predictions if isinstance(self.predictions, Path) else None
        return [predictions, self.truth, self.train, self.against, self.characteristics, Path(self.benchmark)]

    def run(self) -> Diagnosis | TwoDiagnoses | DetectionDiagnosis:
        """The diagnosis, or two beside each other, after the rows are written; of detections that of DETAD.

        Raises InputError, AnnotationError naming the file at fault.
        """
        check_outputs([self.save], self.inputs)
        found = self._detections() if self._of_detections() else self._moments()
        if self.save is not None:
            lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in found.rows())
            with replacing(self.save) as part:
                part.write_text(lines, "utf-8")
        return found

    def _moments(self) -> Diagnosis | TwoDiagnoses:
        from whenabouts.auditing.diagnosis.beside import TwoDiagnoses

        if self.characteristics is not None:
            raise InputError("characteristics are of instances of actions; leave them out for moments of sentences")
        first = self._diagnosis(self.predictions)
        return first if self.against is None else TwoDiagnoses(first, self._diagnosis(self.against))

    def _of_detections(self) -> bool:
        from whenabouts.benchmarks import dataset
        from whenabouts.evaluation.evaluate import rules_for
        from whenabouts.evaluation.protocols.detection import DetectionProtocol

        return isinstance(rules_for(dataset(self.benchmark), self.protocol, None), DetectionProtocol)

    def _detections(self) -> DetectionDiagnosis:
        from whenabouts.auditing.detection import diagnose_detections

        for name in ("parser", "train", "against", "videos"):
            if getattr(self, name) is not None:
                raise InputError(f"detections of actions are not diagnosed with {name}; leave it out")
        return diagnose_detections(
            self.predictions,
            self.benchmark,
            self.truth,
            split=self.split,
            protocol=self.protocol,
            characteristics=self.characteristics,
            tious=(self.threshold,) if self.threshold else None,
            name=self.predictions.stem if isinstance(self.predictions, Path) else "",
        )

    def _diagnosis(self, predictions: Any) -> Diagnosis:
        from whenabouts.auditing.diagnosis.diagnosis import THRESHOLD, diagnose
        from whenabouts.auditing.judged import judge
        from whenabouts.grounders.llm.papers import PARSERS

        judged = judge(
            predictions,
            self.benchmark,
            self.truth,
            split=self.split,
            protocol=self.protocol,
            parser=PARSERS.named(self.parser) if self.parser else None,
            train=self.train,
        )
        return diagnose(judged, self.threshold or THRESHOLD, self.videos)
