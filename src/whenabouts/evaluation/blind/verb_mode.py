"""Where moments of the query's first verb are densest in training: "opens" early, "leaves" late."""

from __future__ import annotations

from collections.abc import Sequence

from whenabouts.benchmarks.example import Example
from whenabouts.evaluation.blind.baseline import Answers, Baseline
from whenabouts.evaluation.blind.density import modes
from whenabouts.evaluation.blind.shares import shares
from whenabouts.evaluation.blind.verbs import LEAST, Verbs, mined

__all__ = ["VerbMode"]


class VerbMode(Baseline):
    """The densest windows of the training sentences that have the query's first verb, anywhere; without one, of all.

    verbs: a list, most frequent first; by default they are mined from the training split.
    """

    name = "verb mode"

    def __init__(self, verbs: str | Sequence[str] | None = None) -> None:
        self.verbs = verbs

    def answers(self, train: Sequence[Example], examples: Sequence[Example]) -> Answers:
        """At most ten windows for every video of known duration."""
        known = shares(train)
        verbs = Verbs(mined(known.queries) if self.verbs is None else self.verbs)
        said = [set(verbs.all(query)) for query in known.queries]
        found = {"": modes(known.windows)}
        for verb in verbs.verbs:
            windows = known.windows[[verb in words for words in said]]
            if len(windows) >= LEAST:
                found[verb] = modes(windows)
        answers = {}
        for e in examples:
            if e.duration:
                answers[e.qid] = found.get(verbs.first(e.query) or "", found[""]) * e.duration
        return answers
