"""`Compare`: whether one system is better than another on the same queries."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field

from whenabouts.commands.command import Command
from whenabouts.commands.evaluate import Evaluate

if TYPE_CHECKING:
    from whenabouts.auditing.comparison import Comparison

__all__ = ["Compare"]

SAME = Evaluate.model_fields


class Compare(Command):
    """Compare answers to the same queries: every system against the first, each difference with its interval."""

    predictions: tuple[Path | list[Any] | dict[Any, Any], ...] = Field(
        description="Files of answers, as `evaluate` takes them; the first is what the others are compared with."
    )
    benchmark: str = Field(description=SAME["benchmark"].description)
    truth: Path = Field(Path(), description=SAME["truth"].description)
    split: str | None = Field(None, description=SAME["split"].description)
    protocol: str | None = Field(None, description=SAME["protocol"].description)
    official: str | None = Field(
        None, description="Official evaluator: moment_detr, cg_detr, univtg or lighthouse, of QVHighlights."
    )
    parser: str | None = Field(None, description=SAME["parser"].description)
    train: Path | None = Field(None, description=SAME["train"].description)
    references: tuple[Path, ...] | None = Field(
        None,
        description="Files of several people's opinions on the queries, or of repaired annotations: say whether the "
        "order stays. Repeatable.",
    )
    names: tuple[str, ...] | None = Field(None, description="What the systems are called, in order. Repeatable.")
    seed: int = Field(0, ge=0, description="Random seed of the resampling.")

    def run(self) -> Comparison:
        """The comparison. Raises InputError, AnnotationError naming the file at fault."""
        from whenabouts.auditing.comparison import compare
        from whenabouts.grounders.llm.papers import PARSERS

        return compare(
            self.predictions,
            self.benchmark,
            self.truth,
            names=self.names or (),
            references=self.references or (),
            seed=self.seed,
            split=self.split,
            protocol=self.protocol,
            official=self.official,
            parser=PARSERS.named(self.parser) if self.parser else None,
            train=self.train,
        )
