"""`Audit`: whether a score is real, and what biases a benchmark has."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

from whenabouts.commands.command import Command
from whenabouts.commands.evaluate import Evaluate, Predictions

if TYPE_CHECKING:
    from whenabouts.auditing.audited import Audit as Audited

__all__ = ["Audit"]

SAME = Evaluate.model_fields


class Audit(Command):
    """Score answers that never look at the video beside those of a system, and look for biases of the benchmark.

    Predictions are as those of `Evaluate`.
    """

    benchmark: str = Field(description=SAME["benchmark"].description)
    predictions: Predictions | None = Field(
        None, description="A system's answers, any file that `evaluate` reads: say what the video gave it."
    )
    truth: Path = Field(Path(), description=SAME["truth"].description)
    split: str | None = Field(None, description=SAME["split"].description)
    protocol: str | None = Field(None, description=SAME["protocol"].description)
    official: str | None = Field(None, description=SAME["official"].description)
    parser: str | None = Field(None, description=SAME["parser"].description)
    train: Path | None = Field(
        None, description="Annotations from which blind baselines learn. Default: the training split, if found."
    )
    references: tuple[Path, ...] | None = Field(
        None, description="Files of several people's opinions on the queries, or of repaired annotations. Repeatable."
    )

    @property
    def inputs(self) -> list[Path | None]:
        """The files that are read, which are not to be written."""
        predictions = self.predictions if isinstance(self.predictions, Path) else None
        return [predictions, self.truth, self.train, *(self.references or ()), Path(self.benchmark)]

    def run(self) -> Audited:
        """Every baseline, the gain over the best, and every bias. Raises InputError, AnnotationError."""
        from whenabouts.auditing.audit import audit
        from whenabouts.benchmarks import dataset
        from whenabouts.benchmarks.references import read_references
        from whenabouts.grounders.llm.papers import PARSERS

        described = dataset(self.benchmark)
        examples = described.load(self.truth, self.split).examples if self.references else ()
        return audit(
            described,
            self.predictions,
            self.truth,
            split=self.split,
            protocol=self.protocol,
            official=self.official,
            parser=PARSERS.named(self.parser) if self.parser else None,
            train=self.train,
            opinions=read_references(self.references, examples) if self.references else None,
        )
