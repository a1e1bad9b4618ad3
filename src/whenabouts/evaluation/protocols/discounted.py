"""Recall with its discounted form beside it, as the splits under changing distributions are scored (2101.09028)."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whenabouts.benchmarks.example import Example
from whenabouts.evaluation.protocols.ranked import Answers, RankedProtocol
from whenabouts.evaluation.report import RankedReport
from whenabouts.evaluation.submission import Submission, up_to_the_first_broken
from whenabouts.metrics.discounted import discounted_hits

__all__ = ["DiscountedProtocol"]


@dataclass(frozen=True)
class DiscountedProtocol(RankedProtocol):
    """A ranked protocol whose every `R1@0.5` has a `dR1@0.5`, where all durations are known.

    Windows without length are misses, as in the official code, whose published predictions have some.
    """

    def evaluate(self, submission: Submission) -> RankedReport:
        """Scores of the queries that have a window."""
        answers = submission.answers()
        return self.evaluate_answers(answers if submission.strict else up_to_the_first_broken(answers), submission)

    def evaluate_answers(self, answers: Answers, submission: Submission) -> RankedReport:
        """The same scores, and discounted recall."""
        report = super().evaluate_answers(answers, submission)
        if any(e.duration is None for e in report.examples):
            return report
        known = {e.qid: e for e in report.examples}
        of_each = self._discounted(answers, report.examples, strict_official=submission.strict)
        plain = report.scored

        def scored(others: Answers, truths: Answers) -> dict[str, NDArray[np.float64]]:
            return plain(others, truths) | self._discounted(others, [known[qid] for qid in truths])

        return dataclasses.replace(
            report,
            scores=report.scores | _percent(of_each),
            per_query=report.per_query | of_each,
            scored=scored,
        )

    def _discounted(
        self, answers: Answers, examples: Sequence[Example], *, strict_official: bool = False
    ) -> dict[str, NDArray[np.float64]]:
        windows = [self._ready(answers.get(e.qid, ()), e.qid, strict_official) for e in examples]
        truths = [e.windows for e in examples]
        durations = [e.duration for e in examples]
        return {
            f"dR{n}@{m}": discounted_hits(windows, truths, durations, n, m, strict=self.strict)  # type: ignore[arg-type]
            for n in self.ranks
            for m in self.thresholds
        }


def _percent(values: dict[str, NDArray[np.float64]]) -> dict[str, float]:
    return {name: 100 * float(each.mean()) for name, each in values.items()}
