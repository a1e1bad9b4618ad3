"""Where moments of the query's first verb are densest in training: "opens" early, "leaves" late."""

from __future__ import annotations

from collections.abc import Sequence

from whenabouts.benchmarks.example import Example
from whenabouts.evaluation.blind.baseline import Answers, Baseline
from whenabouts.evaluation.blind.density import modes
from whenabouts.evaluation.blind.shares import shares
from whenabouts.evaluation.blind.verbs import LEAST, Verbs, usual

__all__ = ["VerbMode"]


class VerbMode(Baseline):
    """The densest windows of the training sentences that have the query's first verb, anywhere; without one, of all.

    verbs: a list, most frequent first; by default the `usual` ones of the training split. Those in fewer than ten
           training sentences are passed over.
    """

    name = "verb mode"

    def __init__(self, verbs: str | Sequence[str] | Verbs | None = None) -> None:
        self.verbs = verbs

    def answers(self, train: Sequence[Example], examples: Sequence[Example]) -> Answers:
        """At most ten windows for every video of known duration."""
        known = shares(train)
        verbs = usual(known.queries) if self.verbs is None else self.verbs
        verbs = verbs if isinstance(verbs, Verbs) else Verbs(verbs)
        said = [set(verbs.all(query)) for query in known.queries]
        found = {"": modes(known.windows)}
        for verb in verbs.verbs:
            windows = known.windows[[verb in words for words in said]]
            if len(windows) >= LEAST:
                found[verb] = modes(windows)
        answers = {}
        for e in examples:
            if e.duration:
                verb = next((verb for verb in verbs.all(e.query) if verb in found), "")
                answers[e.qid] = found[verb] * e.duration
        return answers
