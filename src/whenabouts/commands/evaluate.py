"""`Evaluate`: the score of predictions on a benchmark."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, ValidationError, ValidatorFunctionWrapHandler, WrapValidator
from pydantic_core import PydanticCustomError

from whenabouts.commands.command import QUERY_ERROR, Command
from whenabouts.errors import InputError

if TYPE_CHECKING:
    from whenabouts.evaluation.report import Report

__all__ = ["Evaluate", "Predictions"]


def _checked(predictions: Any, check: ValidatorFunctionWrapHandler) -> Any:
    """Predictions of one of the kinds that are taken; for others one sentence, not one for each kind."""
    try:
        return check(predictions)
    except ValidationError:
        message = f"the predictions must be a file, a list or a dictionary, not {type(predictions).__name__}"
        raise PydanticCustomError(QUERY_ERROR, message) from None


Predictions = Annotated[Path | list[Any] | dict[Any, Any], WrapValidator(_checked)]


class Evaluate(Command):
    """Score predictions as the benchmark's official evaluator does.

    Predictions are a file, what such a JSON file holds, or a list of `Prediction`; see `evaluation.predictions`.
    """

    predictions: Predictions = Field(
        description="QVHighlights JSONL, TAL, NLQ or 2D-TAN JSON, CSV, text, or a log of samples of lmms-eval."
    )
    benchmark: str = Field(
        description="Benchmark (`whenabouts dataset list` has them), or a .jsonl file of your own annotations."
    )
    truth: Path = Field(Path(), description="Annotation file, or a directory that has it.")
    split: str | None = Field(None, description="Split. Default: the usual test split.")
    protocol: str | None = Field(None, description="Another protocol than the benchmark's own; see docs/metrics.md.")
    official: str | None = Field(
        None,
        description="Official evaluator: moment_detr, cg_detr, univtg or lighthouse; for action localisation anet, "
        "opentad, ego4d or actionformer.",
    )
    strict_official: bool = Field(False, description="Reproduce the official code's quirks, and its exceptions.")
    parser: str | None = Field(None, description="Read the text of a video-LLM with this parser.")
    train: Path | None = Field(
        None, description="Annotations from which to choose the blind baseline. Default: the training split, if found."
    )

    against: Path | None = Field(
        None, description="Another file of answers of `predict`: say in what the two were made differently."
    )
    references: tuple[Path, ...] | None = Field(
        None,
        description="Files of several people's opinions on the queries, or of repaired annotations: score against them "
        "too. Repeatable.",
    )
    online: bool = Field(
        False,
        description="Score when things were told: answers of a model stream:NAME, or the events of `whenabouts watch`.",
    )
    offline: Path | None = Field(
        None, description="With --online: answers to whole videos; say what knowing only the past costs."
    )
    lmms_log: Path | None = Field(
        None, description="Also write the answers to this file, as lmms-eval logs the samples of its task."
    )

    def run(self) -> Report:
        """The scores, after the log is written.

        Raises InputError, AnnotationError naming the file at fault, OfficialCrash.
        """
        from whenabouts.evaluation.evaluate import evaluate
        from whenabouts.grounders.llm.papers import PARSERS

        if self.lmms_log is not None:
            self._write_log(self.lmms_log)
        if self.online:
            return self._online()
        if self.offline is not None:
            raise InputError("answers to whole videos are compared with those of a stream: say online too")
        return evaluate(
            self.predictions,
            self.benchmark,
            self.truth,
            split=self.split,
            protocol=self.protocol,
            official=self.official,
            strict_official=self.strict_official,
            parser=PARSERS.named(self.parser) if self.parser else None,
            train=self.train,
            against=self.against,
            references=self.references or (),
        )

    def _online(self) -> Report:
        from whenabouts.evaluation.online import evaluate_online

        for name in ("strict_official", "parser", "against", "references"):
            if getattr(self, name):
                raise InputError(f"answers on a stream are not scored with {name}; leave it out")
        return evaluate_online(
            self.predictions,
            self.benchmark,
            self.truth,
            split=self.split,
            protocol=self.protocol,
            official_code=self.official,
            train=self.train,
            offline=self.offline,
        )

    def _write_log(self, path: Path) -> None:
        from whenabouts.benchmarks import dataset
        from whenabouts.evaluation.lmms_eval import task_for, write_samples
        from whenabouts.evaluation.predictions import read_words
        from whenabouts.files.outputs import check_outputs

        benchmark = dataset(self.benchmark).load(self.truth, self.split)
        check_outputs([path], [benchmark.path, self.predictions if isinstance(self.predictions, Path) else None])
        task = task_for(benchmark.name, benchmark.split)
        write_samples(path, task, benchmark.examples, read_words(self.predictions, benchmark.examples))
