"""`Evaluate`: the score of predictions on a benchmark."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

from whenabouts.commands.command import Command

if TYPE_CHECKING:
    from whenabouts.evaluation.evaluate import Evaluation
    from whenabouts.evaluation.report import Report

__all__ = ["Evaluate"]


class Evaluate(Command):
    """Score predictions as the benchmark's official evaluator does."""

    predictions: Path = Field(description="QVHighlights JSONL, TAL, NLQ or 2D-TAN JSON, CSV, or text.")
    benchmark: str = Field(description="Benchmark; `whenabouts dataset` knows more about each.")
    truth: Path = Field(Path(), description="Annotation file, or a folder that has it.")
    split: str | None = Field(None, description="Split. Default: the usual test split.")
    protocol: str | None = Field(None, description="Another protocol than the benchmark's own.")
    official: str | None = Field(
        None,
        description="Official evaluator: moment_detr, cg_detr, univtg or lighthouse; for TAL anet, opentad or actionformer.",  # noqa: E501
    )
    strict_official: bool = Field(False, description="Reproduce the official code's quirks, and its exceptions.")
    parser: str | None = Field(None, description="Read the text of a video-LLM with this parser.")
    train: Path | None = Field(None, description="Annotations from which to choose the blind baseline.")

    def evaluation(self) -> Evaluation:
        """What scores. Raises InputError."""
        from whenabouts.benchmarks import dataset
        from whenabouts.evaluation.evaluate import Evaluation

        chosen = dataset(self.benchmark)
        return Evaluation(
            self.predictions,
            chosen,
            self.split or chosen.default_split,
            self.truth,
            self.protocol or "",
            self.official,
            self.strict_official,
            self.parser,
            self.train,
        )

    def run(self) -> Report:
        """The scores with their intervals and blind baselines. Raises InputError, AnnotationError."""
        return self.evaluation().report()
