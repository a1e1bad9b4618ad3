"""A grounder whose answers have nothing to do with the query: they fit the truth of any other as well."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from whenabouts.grounders.grounder import Grounder
from whenabouts.moment import tiou
from whenabouts.progress import Progress
from whenabouts.trust.answers import answers_to, own_and_others, relative
from whenabouts.trust.flaws.bounds import mean_interval
from whenabouts.trust.probe import Case, Finding, Flaw, Probe

__all__ = ["RandomAnswers"]

FEWEST = 20  # answers to queries that happen
GAIN = 0.1  # of tIoU with the query's own truth above that with other truths; surely less is none
ALIKE = 0.5  # mean tIoU of the answers with each other, from which on they are a prior and not random


class RandomAnswers(Probe):
    """Compares the tIoU of answers with their own truth to that with the truths of other queries.

    The truth of another query, moved to this video in shares of its length, is as good a guess as one can make without
    looking. Answers that are all alike are left to `copies-prior` and `whole-video`.
    """

    name: ClassVar[str] = "random"

    def run(self, grounder: Grounder, cases: Sequence[Case], *, progress: Progress | None = None) -> Finding:
        """Named where the answers surely gain less than 0.1 of tIoU from being about their own query."""
        happening = [case for case in cases if case.truth is not None and len(case.truth)]
        found = zip(happening, answers_to(grounder, happening, progress=progress), strict=True)
        pairs = [
            (answer, case.truth, case.video.sha256)
            for case, answer in found
            if answer.best is not None and case.truth is not None
        ]
        if len(pairs) < FEWEST:
            return Finding(self.name, notes=(f"{len(pairs)} answers to queries that happen; {FEWEST} are needed",))
        windows = np.concatenate([relative(answer) for answer, _, _ in pairs])
        own, others = own_and_others([(answer, truth) for answer, truth, _ in pairs])
        n = len(pairs)
        gain = mean_interval(own - others, [video for _, _, video in pairs])
        mutual = float((tiou(windows, windows).sum() - n) / (n * (n - 1)))
        figures = {"gain": gain.mean, "gain high": gain.high, "likeness of answers": mutual}
        flaw = Flaw(
            self.name,
            f"its answers have a tIoU of {own.mean():.2f} with their own truth, {own.mean() - gain.mean:.2f} with that "
            f"of other queries: what is asked gains {gain.mean:.2f} (95 % at most {gain.high:.2f})",
        )
        return Finding(self.name, figures, flaws=(flaw,) if gain.high < GAIN and mutual < ALIKE else ())
